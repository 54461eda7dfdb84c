/** The status of a job: its end, and its counts in two phases (kubernetes pkg/controller/job/job_controller.go). */
import { findCondition, isConditionTrue } from "../../machinery/conditions.ts";
import type { Condition, Job, JobStatus, Pod, Time, Uid } from "../../machinery/kinds/index.ts";
import { isDeleting } from "../../machinery/meta.ts";
import { countIndexes, formatIndexes, hasIndex, indexOf, isIndexed, withIndexes } from "./indexes.ts";
import { isPodFailed, isPodSucceeded, isTracked, onlyReplacesFailed, uidOf } from "./pods.ts";
import type { Sight } from "./types.ts";

export function isFinished(job: Job): boolean {
  const { conditions } = job.status ?? {};
  return isConditionTrue(conditions, "Complete") || isConditionTrue(conditions, "Failed");
}

export function isSuspended(job: Job): boolean {
  return job.spec.suspend === true;
}

export function withStatus(job: Job, status: Partial<JobStatus>): Job {
  return { ...job, status: { ...job.status, ...status } };
}

/** ensureJobConditionStatus: a False that is not there yet is not added; the time is that of the change. */
export function withJobCondition(
  job: Job,
  type: string,
  status: "True" | "False",
  reason: string,
  message: string,
  now: Time,
): Job {
  const conditions = job.status?.conditions ?? [];
  const old = findCondition(conditions, type);
  if (old === null && status === "False") return job;
  if (old !== null && old.status === status && old.reason === reason && old.message === message) return job;
  const condition: Condition = { type, status, reason, message, lastProbeTime: now, lastTransitionTime: now };
  const others = conditions.filter((one) => one.type !== type);
  return withStatus(job, { conditions: [...others, condition] });
}

export function ending(type: "Complete" | "Failed", reason: string, message: string): Condition {
  return { type, status: "True", reason, message };
}

/** What is recorded before the finalizers go, and which pods those are. */
export interface Recording {
  readonly sight: Sight;
  readonly pods: readonly Pod[];
  /** There was room for no more; the job is not finished in this sync. */
  readonly full: boolean;
}

/**
 * trackJobStatusAndRemoveFinalizers, up to the first write: what has terminated is written down by UID before its finalizer
 * goes, so that whatever fails in between, it is counted once.
 */
export function recordTerminated(sight: Sight, removed: readonly Uid[], maxUncounted: number): Recording {
  const { job, pods, finished } = sight;
  const folded = foldUncounted(job, withFinalizer(pods, removed));
  const uncounted = folded.status?.uncountedTerminatedPods ?? {};
  const succeeded = [...(uncounted.succeeded ?? [])];
  const failed = [...(uncounted.failed ?? [])];
  const newIndexes: number[] = [];
  const leaving: Pod[] = [];
  let full = false;
  for (const pod of isIndexed(job)
    ? pods.toSorted((one, two) => (indexOf(job, one) ?? -1) - (indexOf(job, two) ?? -1))
    : pods) {
    const uid = uidOf(pod);
    if (!isTracked(pod) || removed.includes(uid)) continue;
    const isFailed = isPodFailed(pod, job);
    if (!mayLeave(sight, pod, isFailed)) continue;
    leaving.push(pod);
    const index = isIndexed(job) ? indexOf(job, pod) : null;
    const counts = !isIndexed(job) || index !== null;
    if (isPodSucceeded(pod) && !failed.includes(uid)) {
      if (index !== null) {
        if (!hasIndex(sight.indexesBefore, index) && !newIndexes.includes(index)) newIndexes.push(index);
      } else if (counts && !succeeded.includes(uid)) succeeded.push(uid);
    } else if (isFailed || finished?.type === "Failed") {
      if (counts && !failed.includes(uid) && !succeeded.includes(uid)) failed.push(uid);
    }
    full = newIndexes.length + succeeded.length + failed.length >= maxUncounted;
    if (full) break;
  }
  const indexes = withIndexes(sight.indexesBefore, newIndexes);
  const recorded = withStatus(folded, {
    uncountedTerminatedPods: { succeeded, failed },
    ...(isIndexed(job) ? { completedIndexes: formatIndexes(indexes), succeeded: countIndexes(indexes) } : {}),
  });
  return { sight: { ...sight, job: recorded, indexes }, pods: leaving, full };
}

/** canRemoveFinalizer: what has terminated; and all pods of a job that is deleted or has failed. */
function mayLeave({ job, finished }: Sight, pod: Pod, isFailed: boolean): boolean {
  if (isFailed || isPodSucceeded(pod) || isDeleting(job)) return true;
  return finished !== null && !onlyReplacesFailed(job);
}

export function withFinalizer(pods: readonly Pod[], removed: readonly Uid[]): readonly Uid[] {
  return pods.filter((pod) => isTracked(pod) && !removed.includes(uidOf(pod))).map(uidOf);
}

/** cleanUncountedPodsWithoutFinalizers: what was written down and has lost its finalizer is counted. The same job if none. */
export function foldUncounted(job: Job, tracked: readonly Uid[]): Job {
  const { succeeded = [], failed = [] } = job.status?.uncountedTerminatedPods ?? {};
  const keptSucceeded = succeeded.filter((uid) => tracked.includes(uid));
  const keptFailed = failed.filter((uid) => tracked.includes(uid));
  const moreSucceeded = succeeded.length - keptSucceeded.length;
  const moreFailed = failed.length - keptFailed.length;
  if (moreSucceeded + moreFailed === 0) return job;
  return withStatus(job, {
    succeeded: (job.status?.succeeded ?? 0) + moreSucceeded,
    failed: (job.status?.failed ?? 0) + moreFailed,
    uncountedTerminatedPods: { succeeded: keptSucceeded, failed: keptFailed },
  });
}

/** The end is announced, before it is complete: SuccessCriteriaMet before Complete, FailureTarget before Failed. */
export function announced(job: Job, finished: Condition, now: Time): Job {
  const { reason = "", message = "" } = finished;
  const type = finished.type === "Complete" ? "SuccessCriteriaMet" : "FailureTarget";
  return isConditionTrue(job.status?.conditions, type)
    ? job
    : withJobCondition(job, type, "True", reason, message, now);
}

/** enactJobFinished: not while pods are uncounted or terminating. The same job when it may not finish yet. */
export function enactFinished(job: Job, finished: Condition, terminating: number, now: Time): Job {
  const { succeeded = [], failed = [] } = job.status?.uncountedTerminatedPods ?? {};
  if (succeeded.length + failed.length > 0) return job;
  if (terminating > 0) return job;
  const { type, reason = "", message = "" } = finished;
  const done = withJobCondition(job, type, "True", reason, message, now);
  return type === "Complete" ? withStatus(done, { completionTime: now }) : done;
}
