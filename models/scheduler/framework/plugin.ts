/**
 * What a plugin is (kubernetes staging/src/k8s.io/kube-scheduler/framework/interface.go). Plugins are pure: what one step
 * of a cycle finds out is an answer, and is handed to the next.
 */
import type { KubeObject } from "../../machinery/kinds/index.ts";
import type { Listers } from "./listers.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Status } from "./status.ts";
import type { TallyRequest } from "./tallies.ts";

export const SCORE_MAX = 100;

/** What a cycle is about: a pod, and all that is known as it begins. */
export interface Cycle {
  readonly pod: PodInfo;
  readonly snapshot: Snapshot;
  readonly listers: Listers;
}

/** `state` is handed to the plugin's filter; null where there is none. */
export interface PreFilterAnswer<F> {
  readonly status: Status | null;
  readonly state: F | null;
  /** The only nodes that can be; null: any. */
  readonly nodeNames: ReadonlySet<string> | null;
}

export interface PreScoreAnswer<S> {
  readonly status: Status | null;
  readonly state: S | null;
}

/** What a plugin has decided for a node, to be written before the pod is bound. */
export interface Reservation {
  /** Objects as they are to be. */
  readonly writes: readonly KubeObject[];
  /** Those of them that are not so already, as far as is seen. */
  readonly changes: readonly KubeObject[];
}

/**
 * A plugin: a name, and the points at which it has a say. A filter answers null where the pod can be on the node. `F` and
 * `S` are what its filter and its score need from the steps before them.
 */
export interface Plugin<F = unknown, S = unknown> {
  readonly name: string;
  /** The counts that it will read, so that they can be kept up from one cycle to the next. */
  tallies?(cycle: Cycle): readonly TallyRequest[];
  /** Whether its filter, which has no preFilter, can refuse any node; without this, it may. */
  canRefuse?(cycle: Cycle): boolean;
  preEnqueue?(pod: PodInfo): Status | null;
  preFilter?(cycle: Cycle): PreFilterAnswer<F>;
  /** The state as if a pod were on a node too, or no longer (PreFilterExtensions AddPod and RemovePod). */
  withPod?(state: F, cycle: Cycle, pod: PodInfo, info: NodeInfo, change: 1 | -1): F;
  filter?(state: F | null, cycle: Cycle, info: NodeInfo): Status | null;
  preScore?(cycle: Cycle, nodes: readonly NodeInfo[]): PreScoreAnswer<S>;
  score?(state: S | null, cycle: Cycle, info: NodeInfo): number;
  /** The scores in 0 to 100, for the same nodes in the same order. */
  normalise?(state: S | null, scores: readonly number[], nodes: readonly NodeInfo[]): readonly number[];
  reserve?(state: F | null, cycle: Cycle, info: NodeInfo): Reservation;
}

/** Nothing was found out, and nothing is against the pod. */
export const NO_ANSWER: PreFilterAnswer<never> = Object.freeze({ status: null, state: null, nodeNames: null });

export function refusal(status: Status): PreFilterAnswer<never> {
  return { status, state: null, nodeNames: null };
}

export function found<F>(state: F, nodeNames: ReadonlySet<string> | null = null): PreFilterAnswer<F> {
  return { status: null, state, nodeNames };
}
