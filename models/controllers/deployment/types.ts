import type { ApiRequest } from "../../machinery/api.ts";
import type { Deployment, ReplicaSet } from "../../machinery/kinds/index.ts";
import type { ControllerTurn, NO_SETTINGS, Outcome } from "../controller.ts";
import type { Claim } from "../shared/claim.ts";

/**
 * What a sync of a deployment does, one after the other. A step makes at most one request, or has others follow.
 *
 * `pausedCondition`, `revision` (of the new set, by its annotation), `deploymentRevision`, `decide` (what kind of sync it
 * is), `roll`, `recreate`, `create` (the new set), `created` (tell of it), `collided` (count the collision), `scale`,
 * `cleanup` (of history), `deleteSet`, `status`, `rolloutStatus`, `fail`.
 */
export type DeploymentStep =
  | { readonly kind: "pausedCondition" }
  | { readonly kind: "revision" }
  | { readonly kind: "deploymentRevision" }
  | { readonly kind: "decide" }
  | { readonly kind: "roll" }
  | { readonly kind: "recreate" }
  | { readonly kind: "create" }
  | { readonly kind: "created"; readonly name: string; readonly isNew: boolean }
  | { readonly kind: "collided"; readonly error: string }
  | { readonly kind: "createFailed"; readonly name: string; readonly error: string }
  | { readonly kind: "scale"; readonly name: string; readonly size: number }
  | { readonly kind: "cleanup" }
  | { readonly kind: "deleteSet"; readonly name: string }
  | { readonly kind: "status" }
  | { readonly kind: "rolloutStatus" }
  | { readonly kind: "fail"; readonly error: string };

/** A sync in the middle. */
export interface Work {
  /** As it was last read or written. */
  readonly deployment: Deployment;
  /** Its own sets, old before new; each as it was last read or written. */
  readonly sets: readonly ReplicaSet[];
  /** What is to be done, the next first. */
  readonly steps: readonly DeploymentStep[];
}

/** A sync that waits for an answer: of the claim, or of the first of its steps. */
export type DeploymentTask =
  | { readonly kind: "claim"; readonly deployment: Deployment; readonly claim: Claim<ReplicaSet> }
  | { readonly kind: "step"; readonly work: Work };

/** What became of a step. */
export type StepResult =
  | { readonly kind: "request"; readonly request: ApiRequest; readonly work: Work }
  | { readonly kind: "go"; readonly work: Work }
  | { readonly kind: "end"; readonly outcome: Outcome<never> };

export type DeploymentConfig = typeof NO_SETTINGS;
export type DeploymentTurn = ControllerTurn<null, DeploymentConfig>;
export type DeploymentOutcome = Outcome<DeploymentTask>;
