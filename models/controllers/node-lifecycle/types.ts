import { emptyOrderedMap, type Micros, type OrderedMap } from "../../kernel/index.ts";
import type { Taint } from "../../machinery/kinds/index.ts";
import type { ControllerTurn } from "../controller.ts";

/** Durations in microseconds; in brackets, kube-controller-manager's values. */
export interface NodeLifecycleConfig {
  /** Between two looks at all nodes [node-monitor-period, 5 s]. */
  readonly nodeMonitorPeriodUs: Micros;
  /** A node that shows no sign of life for this long is unknown [node-monitor-grace-period, 50 s]. */
  readonly nodeMonitorGraceUs: Micros;
  /** The same for a node that has never said anything [node-startup-grace-period, 60 s]. */
  readonly nodeStartupGraceUs: Micros;
  /** Between two nodes of a zone that are tainted NoExecute [node-eviction-rate, 0.1 a second]. */
  readonly evictionIntervalUs: Micros;
  /** The same in a zone that is disrupted in part [secondary-node-eviction-rate, 0.01 a second]. */
  readonly secondaryEvictionIntervalUs: Micros;
  /** In a zone of so many nodes or fewer, nothing is tainted while it is disrupted in part [large-cluster-size-threshold, 50]. */
  readonly largeClusterThreshold: number;
  /** Percent of nodes that are not ready from which on a zone is disrupted in part [unhealthy-zone-threshold, 55]. */
  readonly unhealthyZonePercent: number;
}

export const NODE_LIFECYCLE_DEFAULTS: NodeLifecycleConfig = Object.freeze({
  nodeMonitorPeriodUs: 5_000_000,
  nodeMonitorGraceUs: 50_000_000,
  nodeStartupGraceUs: 60_000_000,
  evictionIntervalUs: 10_000_000,
  secondaryEvictionIntervalUs: 100_000_000,
  largeClusterThreshold: 50,
  unhealthyZonePercent: 55,
});

export type Ready = "True" | "False" | "Unknown";

/** What was seen of a node, and when. Times are of the local monotonic clock: clocks of nodes do not matter. */
export interface NodeHealth {
  /** When a sign of life was last seen: a status with another heartbeat, or a renewed lease. */
  readonly probedAt: Micros;
  /** The last heartbeat seen; empty: the node has no Ready condition. */
  readonly heartbeat: string;
  /** The renewTime of its lease that was seen last; empty: none. */
  readonly renewTime: string;
  /** Whether it is ready, as was found at the last look; null: it has never said. */
  readonly ready: Ready | null;
}

export type ZoneState = "initial" | "normal" | "partial" | "full";

/** A zone, with the queue of its nodes that are to be tainted NoExecute (nodelifecycle/scheduler, RateLimitedTimedQueue). */
export interface Zone {
  readonly state: ZoneState;
  /** Between two nodes; 0: none is tainted. */
  readonly intervalUs: Micros;
  /** From when on the next may be tainted. */
  readonly tokenAt: Micros;
  /** Nodes, in their order. */
  readonly queue: readonly string[];
  /** Those in the queue, by name. */
  readonly queued: OrderedMap<1>;
}

export interface NodeLifecycleState {
  /** By node. */
  readonly health: OrderedMap<NodeHealth>;
  /** By zone. */
  readonly zones: OrderedMap<Zone>;
  /** No zone has a node that is ready. */
  readonly allDisrupted: boolean;
}

export const INITIAL: NodeLifecycleState = Object.freeze({
  health: emptyOrderedMap<NodeHealth>(),
  zones: emptyOrderedMap<Zone>(),
  allDisrupted: false,
});

/** Taints by which a node is to differ. */
export interface TaintChange {
  readonly add: readonly Taint[];
  readonly remove: readonly Taint[];
}

export type NodeLifecycleTask =
  | { readonly step: "status" }
  | { readonly step: "pod"; readonly rest: readonly string[]; readonly failed: boolean }
  /** The taints are patched. `fresh`: on what was read for it. */
  | { readonly step: "patch"; readonly node: string; readonly change: TaintChange; readonly fresh: boolean }
  /** After a conflict the node is read. */
  | { readonly step: "read"; readonly node: string; readonly change: TaintChange };

export type NodeTurn = ControllerTurn<NodeLifecycleState, NodeLifecycleConfig>;
