import type { Micros } from "../../kernel/index.ts";
import { findCondition, withoutCondition } from "../../machinery/conditions.ts";
import type { Condition, Deployment, DeploymentStatus, ReplicaSet } from "../../machinery/kinds/index.ts";
import { timeOf, wallOf } from "../../machinery/time.ts";
import {
  actualCount,
  availableCount,
  maxUnavailableOf,
  readyCount,
  replicaCount,
  terminatingCount,
  wantedOf,
} from "./replicas.ts";

export const NEW_SET_AVAILABLE = "NewReplicaSetAvailable";
const TIMED_OUT = "ProgressDeadlineExceeded";
const NO_DEADLINE = 2_147_483_647;

type Write = Pick<Condition, "type" | "status" | "reason" | "message"> & { readonly reason: string };

/** deployment_util.go, HasProgressDeadline. */
export function hasDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NO_DEADLINE;
}

/**
 * The conditions with this one. One of the same status and reason stays as it is; lastTransitionTime is kept while the
 * status is the same (deployment_util.go, SetDeploymentCondition).
 */
export function setCondition(conditions: readonly Condition[], write: Write, wall: Micros): readonly Condition[] {
  const old = findCondition(conditions, write.type);
  if (old !== null && old.status === write.status && old.reason === write.reason) return conditions;
  const now = timeOf(wall);
  const lastTransitionTime = old !== null && old.status === write.status ? (old.lastTransitionTime ?? now) : now;
  return [...withoutCondition(conditions, write.type), { ...write, lastUpdateTime: now, lastTransitionTime }];
}

/** deployment/sync.go, calculateStatus. */
export function statusOf(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet | null,
  wall: Micros,
): DeploymentStatus {
  const available = availableCount(all);
  const { collisionCount, conditions = [] } = deployment.status ?? {};
  const isEnough = available >= wantedOf(deployment) - maxUnavailableOf(deployment);
  const availability: Write = isEnough
    ? {
        type: "Available",
        status: "True",
        reason: "MinimumReplicasAvailable",
        message: "Deployment has minimum availability.",
      }
    : {
        type: "Available",
        status: "False",
        reason: "MinimumReplicasUnavailable",
        message: "Deployment does not have minimum availability.",
      };
  return tidied({
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: actualCount(all),
    updatedReplicas: actualCount(newSet === null ? [] : [newSet]),
    readyReplicas: readyCount(all),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, replicaCount(all) - available),
    terminatingReplicas: terminatingCount(all),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: setCondition(conditions, availability, wall),
  });
}

/** Numbers that are 0 are left out, as the API does. */
function tidied(status: DeploymentStatus): DeploymentStatus {
  const kept = Object.entries(status).filter(([name, value]) => name === "terminatingReplicas" || value !== 0);
  return Object.fromEntries(kept);
}

/** deployment_util.go, DeploymentComplete: all are of the new set, none is old, all are available. */
export function isComplete(deployment: Deployment, status: DeploymentStatus | undefined): boolean {
  const wanted = wantedOf(deployment);
  return (
    (status?.updatedReplicas ?? 0) === wanted &&
    (status?.replicas ?? 0) === wanted &&
    (status?.availableReplicas ?? 0) === wanted &&
    (status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** deployment_util.go, DeploymentProgressing: more are updated, ready or available, or fewer are old. */
function isProgressing(deployment: Deployment, status: DeploymentStatus): boolean {
  const old = deployment.status;
  const oldOld = (old?.replicas ?? 0) - (old?.updatedReplicas ?? 0);
  const newOld = (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (status.updatedReplicas ?? 0) > (old?.updatedReplicas ?? 0) ||
    newOld < oldOld ||
    (status.readyReplicas ?? 0) > (old?.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (old?.availableReplicas ?? 0)
  );
}

function deadlineUs(deployment: Deployment): Micros {
  return (deployment.spec.progressDeadlineSeconds ?? 0) * 1_000_000;
}

/** deployment_util.go, DeploymentTimedOut. */
function isTimedOut(deployment: Deployment, status: DeploymentStatus, wall: Micros): boolean {
  const condition = findCondition(status.conditions, "Progressing");
  if (condition === null || condition.reason === NEW_SET_AVAILABLE) return false;
  if (condition.reason === TIMED_OUT) return true;
  return condition.lastUpdateTime !== undefined && wallOf(condition.lastUpdateTime) + deadlineUs(deployment) < wall;
}

export type Progress = "none" | "complete" | "progressing" | "timed-out";

/** The status, and how the rollout goes by it (kubernetes pkg/controller/deployment/progress.go, syncRolloutStatus). */
export function rolloutStatusOf(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet | null,
  wall: Micros,
): readonly [status: DeploymentStatus, progress: Progress] {
  const status = statusOf(deployment, all, newSet, wall);
  const [progressed, progress] = progressConditions(deployment, status, newSet, wall);
  const failures = newSet === null || failureOf(newSet) === null ? all : [newSet];
  const failure = failures.map(failureOf).find((condition) => condition !== null);
  const conditions =
    failure === undefined || failure === null
      ? withoutCondition(progressed, "ReplicaFailure")
      : setCondition(progressed, failureWrite(failure), wall);
  return [{ ...status, conditions }, progress];
}

function progressConditions(
  deployment: Deployment,
  status: DeploymentStatus,
  newSet: ReplicaSet | null,
  wall: Micros,
): readonly [readonly Condition[], Progress] {
  const conditions = status.conditions ?? [];
  if (!hasDeadline(deployment)) return [withoutCondition(conditions, "Progressing"), "none"];
  const current = findCondition(deployment.status?.conditions, "Progressing");
  const isDone = status.replicas === status.updatedReplicas && current?.reason === NEW_SET_AVAILABLE;
  if (isDone) return [conditions, "none"];
  const what = newSet === null ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${newSet.metadata.name}"`;
  if (isComplete(deployment, status)) {
    const message = `${what} has successfully progressed.`;
    const write: Write = { type: "Progressing", status: "True", reason: NEW_SET_AVAILABLE, message };
    return [setCondition(conditions, write, wall), "complete"];
  }
  if (isProgressing(deployment, status)) {
    const write = {
      type: "Progressing",
      status: "True",
      reason: "ReplicaSetUpdated",
      message: `${what} is progressing.`,
    };
    return [progressedOn(conditions, current, write as Write, wall), "progressing"];
  }
  if (isTimedOut(deployment, status, wall)) {
    const message = `${what} has timed out progressing.`;
    const write: Write = { type: "Progressing", status: "False", reason: TIMED_OUT, message };
    return [setCondition(conditions, write, wall), "timed-out"];
  }
  return [conditions, "none"];
}

/** "Update the current Progressing condition or add a new one if it doesn't exist": its lastUpdateTime is that of the progress. */
function progressedOn(
  conditions: readonly Condition[],
  current: Condition | null,
  write: Write,
  wall: Micros,
): readonly Condition[] {
  const now = timeOf(wall);
  const lastTransitionTime = current?.status === "True" ? (current.lastTransitionTime ?? now) : now;
  return [...withoutCondition(conditions, "Progressing"), { ...write, lastUpdateTime: now, lastTransitionTime }];
}

function failureOf(set: ReplicaSet): Condition | null {
  return findCondition(set.status?.conditions, "ReplicaFailure");
}

function failureWrite({ status, reason = "", message = "" }: Condition): Write {
  return { type: "ReplicaFailure", status, reason, message };
}

/** When a rollout that is stuck is looked at again; null: it need not be (progress.go, requeueStuckDeployment). */
export function stuckUntil(deployment: Deployment, status: DeploymentStatus, wall: Micros): Micros | null {
  const current = findCondition(deployment.status?.conditions, "Progressing");
  if (!hasDeadline(deployment) || current === null) return null;
  if (isComplete(deployment, status) || current.reason === TIMED_OUT) return null;
  const after = wallOf(current.lastUpdateTime ?? timeOf(wall)) + deadlineUs(deployment) - wall;
  // "Make it ratelimited so we stay on the safe side"; otherwise a second more, so that it is surely over.
  return after < 1_000_000 ? 0 : after + 1_000_000;
}
