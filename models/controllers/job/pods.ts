/** What a job makes of its pods (kubernetes pkg/controller/job/job_controller.go, tracking_utils.go). */
import type { ApiRequest } from "../../machinery/api.ts";
import { patchRequest } from "../../machinery/client/requests.ts";
import type { Job, Json, Pod, PodTemplateSpec, Uid } from "../../machinery/kinds/index.ts";
import { hasFinalizer, isDeleting } from "../../machinery/meta.ts";
import { byActivity } from "../replicaset/deletion-order.ts";
import { podFromTemplate } from "../shared/pod-control.ts";
import { INDEX_ANNOTATION, indexOf, isIndexed } from "./indexes.ts";

export const TRACKING = "batch.kubernetes.io/job-tracking";

/** "MaxGeneratedNameLength" (apiserver/pkg/storage/names/generate.go). */
const GENERATED_NAME_MAX = 58;

export function isTracked(pod: Pod): boolean {
  return hasFinalizer(pod, TRACKING);
}

export function uidOf(pod: Pod): Uid {
  return pod.metadata.uid ?? "";
}

export function onlyReplacesFailed(job: Job): boolean {
  return job.spec.podReplacementPolicy === "Failed";
}

/** isPodFailed: one that is being deleted counts as failed, or it would be replaced without end. */
export function isPodFailed(pod: Pod, job: Job): boolean {
  if (pod.status?.phase === "Failed") return true;
  if (onlyReplacesFailed(job)) return false;
  return isDeleting(pod) && pod.status?.phase !== "Succeeded";
}

export function isPodSucceeded(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded";
}

export interface Finished {
  readonly succeeded: readonly Pod[];
  readonly failed: readonly Pod[];
}

/**
 * getNewFinishedPods: those that are not in the counts yet. A pod without the finalizer is, and so is one whose finalizer
 * was removed by this controller though the cache still shows it.
 */
export function newlyFinished(job: Job, pods: readonly Pod[], removed: readonly Uid[]): Finished {
  const uncounted = job.status?.uncountedTerminatedPods ?? {};
  const fresh = pods.filter((pod) => {
    const uid = uidOf(pod);
    if (!isTracked(pod) || removed.includes(uid)) return false;
    // In whichever list it is: its phase may have changed since (kubernetes#125410).
    if (uncounted.succeeded?.includes(uid) === true || uncounted.failed?.includes(uid) === true) return false;
    return !isIndexed(job) || indexOf(job, pod) !== null;
  });
  return {
    succeeded: fresh.filter(isPodSucceeded),
    failed: fresh.filter((pod) => isPodFailed(pod, job)),
  };
}

/** appendDuplicatedIndexPodsForRemoval: of the active pods of an index the most active stays, those without a valid one go. */
export function duplicateIndexes(job: Job, active: readonly Pod[]): readonly Pod[] {
  const last = new Map<number, Pod>();
  const order = byActivity(active);
  for (const pod of order) {
    const index = indexOf(job, pod);
    if (index !== null) last.set(index, pod);
  }
  const staying = new Set(last.values());
  return order.filter((pod) => !staying.has(pod));
}

/** podGenerateNameWithIndex: a long name loses its end, not the index. */
function generateNameOf(job: string, index: number): string {
  const suffix = `-${index}-`;
  return job.slice(0, GENERATED_NAME_MAX - suffix.length) + suffix;
}

/** A pod of a job: with the finalizer that has it counted, and in an indexed job with its index. */
export function jobPod(job: Job, index: number | null): Pod {
  const { template } = job.spec;
  const { annotations, labels, finalizers = [] } = template.metadata ?? {};
  const metadata: PodTemplateSpec["metadata"] = {
    ...template.metadata,
    finalizers: finalizers.includes(TRACKING) ? finalizers : [...finalizers, TRACKING],
    ...(index === null
      ? {}
      : {
          annotations: { ...annotations, [INDEX_ANNOTATION]: `${index}` },
          labels: { ...labels, [INDEX_ANNOTATION]: `${index}` },
        }),
  };
  const pod = podFromTemplate({ ...template, metadata }, job);
  if (index === null) return pod;
  return { ...pod, metadata: { ...pod.metadata, generateName: generateNameOf(job.metadata.name, index) } };
}

/** removeTrackingFinalizerPatch. */
export function untrackRequest(pod: Pod): ApiRequest {
  const patch: Json = { metadata: { uid: uidOf(pod), "$deleteFromPrimitiveList/finalizers": [TRACKING] } };
  return patchRequest("pods", pod.metadata.namespace ?? "", pod.metadata.name, patch, { type: "strategic" });
}

/** pastBackoffLimitOnFailure: with restartPolicy OnFailure the restarts of its containers count. */
export function isPastRestarts(job: Job, pods: readonly Pod[]): boolean {
  if (job.spec.template.spec.restartPolicy !== "OnFailure") return false;
  const limit = job.spec.backoffLimit ?? 6;
  let restarts = 0;
  for (const { status } of pods) {
    if (status?.phase !== "Running" && status?.phase !== "Pending") continue;
    for (const one of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
      restarts += one.restartCount;
  }
  return limit === 0 ? restarts > 0 : restarts >= limit;
}
