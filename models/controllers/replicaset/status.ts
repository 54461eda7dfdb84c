import type { Micros } from "../../kernel/index.ts";
import { findCondition, withCondition, withoutCondition } from "../../machinery/conditions.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { Condition, Pod, ReplicaSet, ReplicaSetStatus } from "../../machinery/kinds/index.ts";
import { isPodAvailable, isPodReady } from "../../machinery/pods.ts";
import { matchesLabels, selectorOfLabels } from "../../machinery/selectors.ts";
import { timeOf } from "../../machinery/time.ts";

/** What the status is computed from beside the set itself. */
export interface StatusInput {
  readonly active: readonly Pod[];
  readonly terminating: number;
  /** What went wrong as pods were created or deleted; empty: nothing did. */
  readonly error: string;
  /** There were too few pods, and not too many. */
  readonly wasCreating: boolean;
}

/** kubernetes pkg/controller/replicaset/replica_set_utils.go, calculateStatus. */
export function statusOf(
  set: ReplicaSet,
  { active, terminating, error, wasCreating }: StatusInput,
  wall: Micros,
): ReplicaSetStatus {
  const template = selectorOfLabels(set.spec.template.metadata?.labels);
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  let fullyLabeled = 0;
  let ready = 0;
  let available = 0;
  for (const pod of active) {
    if (matchesLabels(template, pod.metadata.labels)) fullyLabeled++;
    if (!isPodReady(pod)) continue;
    ready++;
    if (isPodAvailable(pod, minReadySeconds, wall)) available++;
  }
  const conditions = conditionsOf(set, error, wasCreating, wall);
  return {
    replicas: active.length,
    ...(fullyLabeled === 0 ? {} : { fullyLabeledReplicas: fullyLabeled }),
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    ...(available === 0 ? {} : { availableReplicas: available }),
    terminatingReplicas: terminating,
    observedGeneration: set.metadata.generation ?? 0,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** ReplicaFailure comes with the first error, stays as it is, and goes with the last. */
function conditionsOf(set: ReplicaSet, error: string, wasCreating: boolean, wall: Micros): readonly Condition[] {
  const conditions = set.status?.conditions ?? [];
  const failure = findCondition(conditions, "ReplicaFailure");
  if (error !== "" && failure === null) {
    const reason = wasCreating ? "FailedCreate" : "FailedDelete";
    return withCondition(conditions, { type: "ReplicaFailure", status: "True", reason, message: error }, timeOf(wall));
  }
  return error === "" && failure !== null ? withoutCondition(conditions, "ReplicaFailure") : conditions;
}

/** Whether the status is written at all: "This is the steady state" (replica_set_utils.go, updateReplicaSetStatus). */
export function isSteady(set: ReplicaSet, status: ReplicaSetStatus): boolean {
  const old = set.status;
  return (
    (old?.replicas ?? 0) === status.replicas &&
    (old?.fullyLabeledReplicas ?? 0) === (status.fullyLabeledReplicas ?? 0) &&
    (old?.readyReplicas ?? 0) === (status.readyReplicas ?? 0) &&
    (old?.availableReplicas ?? 0) === (status.availableReplicas ?? 0) &&
    (old?.terminatingReplicas ?? 0) === (status.terminatingReplicas ?? 0) &&
    (old?.observedGeneration ?? 0) === status.observedGeneration &&
    deepEqual(old?.conditions ?? [], status.conditions ?? [])
  );
}
