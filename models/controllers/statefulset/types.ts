import type {
  ControllerRevision,
  PersistentVolumeClaim,
  Pod,
  StatefulSet,
  StatefulSetStatus,
} from "../../machinery/kinds/index.ts";
import type { ControllerTurn, Outcome } from "../controller.ts";
import type { Claim } from "../shared/claim.ts";

export interface StatefulSetConfig {
  /**
   * Under OrderedReady, a pod of an old revision that is not ready is replaced, where the real controller waits for it for
   * good: kubernetes#67250, "Forced rollback" in its documentation, still open at 1.36 [false].
   */
  readonly replacesBrokenPods: boolean;
}

/** A change that a sync makes, one request each. */
export type Action =
  | { readonly kind: "createClaim"; readonly claim: PersistentVolumeClaim }
  | { readonly kind: "updateClaim"; readonly claim: PersistentVolumeClaim }
  | { readonly kind: "createPod"; readonly pod: Pod }
  | { readonly kind: "updatePod"; readonly pod: Pod }
  | { readonly kind: "deletePod"; readonly pod: Pod; readonly why: "terminal" | "broken" | "condemned" | "update" };

/** What a sync goes by, once its revisions are known. */
export interface Sight {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  readonly revisions: readonly ControllerRevision[];
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
  readonly collisionCount: number;
}

/** A sync that waits for an answer. */
export type StatefulSetTask =
  | { readonly kind: "claimRevisions"; readonly set: StatefulSet; readonly claim: Claim<ControllerRevision> }
  | {
      readonly kind: "claimPods";
      readonly set: StatefulSet;
      readonly revisions: readonly ControllerRevision[];
      readonly claim: Claim<Pod>;
    }
  | {
      /** The update revision is created, given another number, or read, since one of its name is there. */
      readonly kind: "revision";
      readonly step: "create" | "renumber" | "read";
      readonly set: StatefulSet;
      readonly pods: readonly Pod[];
      readonly revisions: readonly ControllerRevision[];
      readonly revision: ControllerRevision;
      readonly collisionCount: number;
    }
  | {
      readonly kind: "act";
      readonly sight: Sight;
      /** The one under way first. */
      readonly actions: readonly Action[];
      readonly status: StatefulSetStatus;
    }
  | { readonly kind: "status"; readonly sight: Sight; readonly error: string; readonly status: StatefulSetStatus }
  | {
      readonly kind: "truncate";
      readonly sight: Sight;
      readonly left: readonly ControllerRevision[];
      readonly error: string;
    };

export type StatefulSetTurn = ControllerTurn<null, StatefulSetConfig>;
export type StatefulSetOutcome = Outcome<StatefulSetTask>;
