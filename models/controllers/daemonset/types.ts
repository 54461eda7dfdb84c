import type { Micros, OrderedMap } from "../../kernel/index.ts";
import type { Expectations } from "../../machinery/client/expectations.ts";
import type { ControllerRevision, DaemonSet, Pod } from "../../machinery/kinds/index.ts";
import type { ControllerTurn, Outcome } from "../controller.ts";
import type { Claim } from "../shared/claim.ts";
import type { StatusWrite } from "../shared/status-write.ts";

/** Durations are microseconds; in brackets, the real values. */
export interface DaemonSetConfig {
  /** Expectations that are not met are forgotten after it [5 min]. */
  readonly expectationsTimeoutUs: Micros;
  /** The most pods that one sync creates, and deletes [250]. */
  readonly burstReplicas: number;
  /** How long a failed pod of a node stays before it is replaced [1 s doubling to 15 min]. */
  readonly failedPodsBackoffUs: Micros;
  readonly failedPodsBackoffMaxUs: Micros;
}

/** How long failed pods of a set on a node stay; local monotonic time of the last deletion. */
export interface Backoff {
  readonly at: Micros;
  readonly us: Micros;
}

export interface DaemonSetState {
  readonly expectations: Expectations;
  /** By UID of the set, its generation, and node. */
  readonly backoffs: OrderedMap<Backoff>;
}

/** Pods that are to be deleted, and nodes that are to get one. */
export interface NodePlan {
  readonly nodes: readonly string[];
  readonly doomed: readonly Pod[];
}

/** What a sync goes by, once its revision is known. */
export interface Sight {
  readonly set: DaemonSet;
  readonly hash: string;
  readonly old: readonly ControllerRevision[];
  readonly pods: readonly Pod[];
}

/** `manage` brings pods onto nodes and off them; `update` replaces those of an old revision. */
export type Phase = "manage" | "update";

/** A sync that waits for an answer. */
export type DaemonSetTask =
  | { readonly kind: "claimRevisions"; readonly set: DaemonSet; readonly claim: Claim<ControllerRevision> }
  | {
      readonly kind: "claimPods";
      readonly set: DaemonSet;
      readonly revisions: readonly ControllerRevision[];
      readonly claim: Claim<Pod>;
    }
  | {
      readonly kind: "revision";
      readonly step: "create" | "read" | "renumber" | "readSet" | "countCollision" | "relabel" | "deduplicate";
      readonly set: DaemonSet;
      readonly pods: readonly Pod[];
      /** What is wanted, or is the current one. */
      readonly revision: ControllerRevision;
      readonly old: readonly ControllerRevision[];
      /** Others that keep the same, and are to go; and the pods that have their hash. */
      readonly duplicates: readonly ControllerRevision[];
      readonly toRelabel: readonly Pod[];
    }
  | {
      readonly kind: "create";
      readonly sight: Sight;
      readonly phase: Phase;
      /** With this one. */
      readonly nodes: readonly string[];
      readonly doomed: readonly Pod[];
      readonly batch: number;
      readonly leftInBatch: number;
      readonly error: string;
    }
  | {
      readonly kind: "delete";
      readonly sight: Sight;
      readonly phase: Phase;
      readonly doomed: readonly Pod[];
      readonly error: string;
    }
  | { readonly kind: "truncate"; readonly sight: Sight; readonly left: readonly ControllerRevision[] }
  | {
      readonly kind: "status";
      readonly write: StatusWrite<DaemonSet>;
      readonly error: string;
      readonly isAwaited: boolean;
    };

export type DaemonSetTurn = ControllerTurn<DaemonSetState, DaemonSetConfig>;
export type DaemonSetOutcome = Outcome<DaemonSetTask>;
