import type { Micros } from "../../kernel/index.ts";
import type { Expectations } from "../../machinery/client/expectations.ts";
import type { Pod, ReplicaSet } from "../../machinery/kinds/index.ts";
import type { ControllerTurn, Outcome } from "../controller.ts";
import type { Claim } from "../shared/claim.ts";
import type { StatusWrite } from "../shared/status-write.ts";

/** Durations are microseconds; in brackets, the real values. */
export interface ReplicaSetConfig {
  /** Expectations that are not met are forgotten after it [5 min]. */
  readonly expectationsTimeoutUs: Micros;
  /** The most pods that one sync creates or deletes [500]. */
  readonly burstReplicas: number;
}

export interface ReplicaSetState {
  readonly expectations: Expectations;
}

/** What one sync has seen, and goes by. */
export interface Sight {
  readonly set: ReplicaSet;
  /** Its expectations were met as the sync began. */
  readonly needsSync: boolean;
  readonly terminating: number;
}

/** A sync that waits for an answer. */
export type ReplicaSetTask =
  | { readonly kind: "claim"; readonly sight: Sight; readonly claim: Claim<Pod> }
  | {
      readonly kind: "create";
      readonly sight: Sight;
      readonly active: readonly Pod[];
      /** Pods that are to be created, with this one. */
      readonly left: number;
      /** The slow start's batch, and how many of it are still to be sent, with this one. */
      readonly batch: number;
      readonly leftInBatch: number;
      readonly error: string;
    }
  | {
      readonly kind: "delete";
      readonly sight: Sight;
      readonly active: readonly Pod[];
      /** Those that are still to be deleted, with this one. */
      readonly left: readonly Pod[];
      readonly error: string;
    }
  | { readonly kind: "status"; readonly write: StatusWrite<ReplicaSet>; readonly error: string };

export type ReplicaSetTurn = ControllerTurn<ReplicaSetState, ReplicaSetConfig>;
export type ReplicaSetOutcome = Outcome<ReplicaSetTask>;
