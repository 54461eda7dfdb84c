import type { Micros } from "../../kernel/index.ts";
import type { Pod, StatefulSet, StatefulSetStatus } from "../../machinery/kinds/index.ts";
import { isDeleting } from "../../machinery/meta.ts";
import { isPodAvailable, isPodReady } from "../../machinery/pods.ts";
import { isRollingUpdate, podRevision, replicasOf } from "./identity.ts";
import type { Action, Sight } from "./types.ts";

/** kubernetes pkg/controller/statefulset/stateful_set_control.go, updateStatus, after what this sync deletes for an update. */
export function statusOf(sight: Sight, actions: readonly Action[], wall: Micros): StatefulSetStatus {
  const { set, pods, current, update, collisionCount } = sight;
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const isRunning = (pod: Pod): boolean => pod.status?.phase === "Running" && isPodReady(pod);
  const isLive = (pod: Pod): boolean => !isDeleting(pod);
  const count = (test: (pod: Pod) => boolean): number => pods.reduce((sum, pod) => sum + (test(pod) ? 1 : 0), 0);
  const leaving = actions.filter((action) => action.kind === "deletePod" && action.why === "update").length;
  const status: StatefulSetStatus = {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: pods.length,
    readyReplicas: count(isRunning),
    availableReplicas: count((pod) => isRunning(pod) && isPodAvailable(pod, minReadySeconds, wall)),
    currentReplicas: count((pod) => isLive(pod) && podRevision(pod) === current.metadata.name) - leaving,
    updatedReplicas: count((pod) => isLive(pod) && podRevision(pod) === update.metadata.name),
    currentRevision: current.metadata.name,
    updateRevision: update.metadata.name,
    collisionCount,
  };
  return isUpdated(set, status)
    ? { ...status, currentReplicas: status.updatedReplicas!, currentRevision: status.updateRevision! }
    : status;
}

/** All are of the new revision, which is the current one from then on (stateful_set_utils.go, completeRollingUpdate). */
function isUpdated(set: StatefulSet, status: StatefulSetStatus): boolean {
  const wanted = replicasOf(set);
  return (
    isRollingUpdate(set) &&
    status.updatedReplicas === wanted &&
    status.readyReplicas === wanted &&
    status.replicas === wanted
  );
}

/** stateful_set_utils.go, inconsistentStatus. */
export function isInconsistent({ status: old }: StatefulSet, status: StatefulSetStatus): boolean {
  return (
    status.observedGeneration! > (old?.observedGeneration ?? 0) ||
    status.replicas !== (old?.replicas ?? 0) ||
    status.currentReplicas !== (old?.currentReplicas ?? 0) ||
    status.readyReplicas !== (old?.readyReplicas ?? 0) ||
    status.updatedReplicas !== (old?.updatedReplicas ?? 0) ||
    status.availableReplicas !== (old?.availableReplicas ?? 0) ||
    status.currentRevision !== (old?.currentRevision ?? "") ||
    status.updateRevision !== (old?.updateRevision ?? "")
  );
}

/** The status as it is written: with the conditions that there are, and without numbers that are 0. */
export function written(set: StatefulSet, status: StatefulSetStatus): StatefulSetStatus {
  const kept = Object.entries(status).filter(
    ([name, value]) => value !== 0 || name === "replicas" || name === "collisionCount",
  );
  const { conditions } = set.status ?? {};
  return {
    ...(Object.fromEntries(kept) as unknown as StatefulSetStatus),
    ...(conditions === undefined ? {} : { conditions }),
  };
}
