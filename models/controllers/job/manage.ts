/** Too few pods, or too many (kubernetes pkg/controller/job/job_controller.go, manageJob). */
import type { ApiResponse } from "../../machinery/api.ts";
import {
  creationObserved,
  deletionObserved,
  expectCreations,
  expectDeletions,
  lowerCreations,
} from "../../machinery/client/expectations.ts";
import { getRequest, listRequest } from "../../machinery/client/requests.ts";
import type { Job, Pod } from "../../machinery/kinds/index.ts";
import { isControlledBy, isDeleting, keyOf } from "../../machinery/meta.ts";
import { isPodActive, isPodReady } from "../../machinery/pods.ts";
import { formatLabelSelector } from "../../machinery/selectors.ts";
import { isNamespaceTerminating, isNotFound, objectOf } from "../../machinery/status.ts";
import { timeOf } from "../../machinery/time.ts";
import { byActivity } from "../replicaset/deletion-order.ts";
import { errorOf, hasFailed, retry } from "../shared/answers.ts";
import { createPod, deletePod } from "../shared/pod-control.ts";
import { remainingBackoff } from "./backoff.ts";
import { indexOf, isIndexed, pendingIndexes } from "./indexes.ts";
import { note } from "./notes.ts";
import { duplicateIndexes, jobPod, onlyReplacesFailed } from "./pods.ts";
import { ending, isSuspended, withJobCondition, withStatus } from "./status.ts";
import { memoryOf, remember, syncJob } from "./sync.ts";
import { track } from "./track.ts";
import type { JobOutcome, JobTask, JobTurn, Sight } from "./types.ts";

type Task<K extends JobTask["step"]> = Extract<JobTask, { readonly step: K }>;

/** "SlowStartInitialBatchSize is the size of the initial batch when batching pod creates" (controller_utils.go). */
const SLOW_START_INITIAL_BATCH = 1;

export function manage(turn: JobTurn, sight: Sight): JobOutcome {
  const { job } = sight;
  if (!sight.satisfied || isDeleting(job)) return managed(turn, sight, false);
  const active = sight.pods.filter(isPodActive);
  if (isSuspended(job)) {
    if (active.length === 0) return managed(turn, sight, true);
    return beginDeleting(turn, sight, active);
  }
  const doomed = surplus(turn, sight, active);
  // Deletions come before creations, and not both in one sync.
  if (doomed.length > 0) return beginDeleting(turn, sight, doomed.slice(0, turn.config.burst));
  const waiting = onlyReplacesFailed(job) ? sight.terminating : 0;
  if (waiting > 0) turn.note(note.waitsForTerminating);
  const missing = wanted(sight) - waiting - sight.active;
  return missing > 0 ? beginCreating(turn, sight, active, missing) : managed(turn, sight, true);
}

/** min(parallelism, completions - succeeded); without completions, no new ones after the first success. */
function wanted({ job, active, succeeded }: Sight): number {
  const { completions, parallelism = 1 } = job.spec;
  if (completions === undefined) return succeeded > 0 ? active : parallelism;
  return Math.max(0, Math.min(parallelism, completions - succeeded));
}

/** activePodsForRemoval: pods of one index too many first, then the least active. */
function surplus(turn: JobTurn, sight: Sight, active: readonly Pod[]): readonly Pod[] {
  const atLeast = Math.max(0, active.length - wanted(sight));
  const doubled = isIndexed(sight.job) ? duplicateIndexes(sight.job, active) : [];
  if (doubled.length > 0) turn.note(note.duplicateIndex);
  if (doubled.length >= atLeast) return doubled;
  const left = active.filter((pod) => !doubled.includes(pod));
  return [...doubled, ...byActivity(left).slice(0, atLeast - doubled.length)];
}

// ---- Deletions

/** deleteActivePods: of a job that comes to its end. */
export function removeActive(turn: JobTurn, sight: Sight): JobOutcome {
  return removeNext(turn, { step: "delete", sight, left: sight.pods.filter(isPodActive), ending: true });
}

function beginDeleting(turn: JobTurn, sight: Sight, doomed: readonly Pod[]): JobOutcome {
  const expectations = expectDeletions(turn.state.expectations, keyOf(sight.job), doomed.map(keyOf), turn.now);
  turn.state = { ...turn.state, expectations };
  return removeNext(turn, { step: "delete", sight, left: doomed, ending: false });
}

function removeNext(turn: JobTurn, task: Task<"delete">): JobOutcome {
  const { sight, left } = task;
  if (left.length > 0) {
    turn.note(note.deleting);
    return { kind: "call", request: deletePod(left[0]!), task };
  }
  if (!task.ending) return managed(turn, sight, true);
  // It cannot be finished yet: pods may be left with finalizers, or not be in the cache yet (kubernetes#109485).
  const finished = sight.active > 0 || !sight.satisfied ? null : sight.finished;
  if (finished === null) turn.note(note.finishDelayed);
  return track(turn, { ...sight, finished });
}

export function removed(turn: JobTurn, task: Task<"delete">, response: ApiResponse | null): JobOutcome {
  const [pod, ...left] = task.left;
  const { sight } = task;
  if (hasFailed(response) && !isNotFound(response)) {
    forgetDeletion(turn, task, pod!);
    const error = sight.error === "" ? errorOf(response) : sight.error;
    return removeNext(turn, { ...task, left, sight: { ...sight, error } });
  }
  if (isNotFound(response)) forgetDeletion(turn, task, pod!);
  const after = {
    ...sight,
    active: sight.active - 1,
    terminating: sight.terminating + 1,
    ready: sight.ready - (isPodReady(pod!) ? 1 : 0),
  };
  return removeNext(turn, { ...task, left, sight: after });
}

function forgetDeletion(turn: JobTurn, { sight, ending }: Task<"delete">, pod: Pod): void {
  if (ending) return;
  const expectations = deletionObserved(turn.state.expectations, keyOf(sight.job), keyOf(pod));
  turn.state = { ...turn.state, expectations };
}

// ---- Creations

function beginCreating(turn: JobTurn, sight: Sight, active: readonly Pod[], missing: number): JobOutcome {
  const { job, backoff } = sight;
  const { podBackoffUs, podBackoffMaxUs, burst } = turn.config;
  const wait = remainingBackoff(backoff, turn.wall, podBackoffUs, podBackoffMaxUs);
  if (wait > 0) {
    turn.note(note.backoff);
    turn.enqueueAfter(keyOf(job), wait);
    return managed(turn, sight, true);
  }
  // This process has seen nothing of what was before it: what the cache lacks would be created again (kubernetes#99963).
  if (!memoryOf(turn, job).confirmed) {
    const request = getRequest("jobs", job.metadata.namespace ?? "", job.metadata.name);
    return { kind: "call", request, task: { step: "confirmJob", sight } };
  }
  const most = Math.min(missing, burst);
  const indexes = isIndexed(job) ? freeIndexes(sight, active, most) : [];
  const count = isIndexed(job) ? indexes.length : most;
  if (count === 0) return managed(turn, sight, true);
  turn.state = { ...turn.state, expectations: expectCreations(turn.state.expectations, keyOf(job), count, turn.now) };
  const batch = Math.min(count, SLOW_START_INITIAL_BATCH);
  return create(turn, { step: "create", sight, indexes, left: count, batch, leftInBatch: batch });
}

function freeIndexes({ job, indexes, pods }: Sight, active: readonly Pod[], count: number): readonly number[] {
  const holders = onlyReplacesFailed(job) ? [...active, ...pods.filter(isDeleting)] : active;
  const taken = holders.map((pod) => indexOf(job, pod)).filter((index) => index !== null);
  return pendingIndexes(indexes, taken, count, job.spec.completions ?? 0);
}

/** The job of the cache is that of the API, and so are its pods. */
export function jobConfirmed(turn: JobTurn, { sight }: Task<"confirmJob">, response: ApiResponse | null): JobOutcome {
  const live = objectOf<Job>(response);
  if (live === null) return retry(errorOf(response));
  if (live.metadata.resourceVersion !== sight.base.metadata.resourceVersion) {
    turn.note(note.staleJob);
    return retry("the job in the cache is not the latest");
  }
  const { namespace = "" } = sight.job.metadata;
  const request = listRequest("pods", { namespace, labelSelector: formatLabelSelector(sight.job.spec.selector) });
  return { kind: "call", request, task: { step: "confirmPods", sight } };
}

export function podsConfirmed(turn: JobTurn, { sight }: Task<"confirmPods">, response: ApiResponse | null): JobOutcome {
  if (response?.kind !== "list") return retry(errorOf(response));
  const pods = turn.view<Pod>("pods");
  const own = response.items.filter((pod) => isControlledBy(pod, sight.job));
  if (own.some((pod) => pods.byKey(keyOf(pod))?.metadata.uid !== pod.metadata.uid)) {
    turn.note(note.stalePods);
    return retry("pods of the job are missing in the cache");
  }
  remember(turn, sight.job, { confirmed: true });
  // What was looked at before is no longer what was confirmed: the cache may have caught up while the API was asked.
  return syncJob(turn, keyOf(sight.job));
}

function create(turn: JobTurn, task: Task<"create">): JobOutcome {
  turn.note(note.creating);
  const pod = jobPod(task.sight.job, task.indexes[0] ?? null);
  return { kind: "call", request: createPod(pod), task };
}

/** Batches of 1, 2, 4, …; after one in which a creation has failed no other begins. */
export function created(turn: JobTurn, task: Task<"create">, response: ApiResponse | null): JobOutcome {
  const key = keyOf(task.sight.job);
  let { sight } = task;
  if (hasFailed(response)) {
    turn.state = { ...turn.state, expectations: creationObserved(turn.state.expectations, key) };
    if (!isNamespaceTerminating(response) && sight.error === "") sight = { ...sight, error: errorOf(response) };
  } else sight = { ...sight, active: sight.active + 1 };
  const left = task.left - 1;
  const leftInBatch = task.leftInBatch - 1;
  const next = { ...task, sight, indexes: task.indexes.slice(1), left, leftInBatch };
  if (leftInBatch > 0) return create(turn, next);
  if (left === 0) return managed(turn, sight, true);
  if (sight.error !== "") {
    turn.note(note.slowStartEnded);
    turn.state = { ...turn.state, expectations: lowerCreations(turn.state.expectations, key, left) };
    return managed(turn, sight, true);
  }
  turn.note(note.slowStart);
  const batch = Math.min(2 * task.batch, left);
  return create(turn, { ...next, batch, leftInBatch: batch });
}

/** Whether it is complete, and whether it is suspended, once its pods are as they should be. */
function managed(turn: JobTurn, sight: Sight, called: boolean): JobOutcome {
  const { job, succeeded, active } = sight;
  const { completions } = job.spec;
  const enough = completions === undefined ? succeeded > 0 : succeeded >= completions;
  if (enough && active === 0) {
    turn.note(note.complete);
    const finished = ending("Complete", "CompletionsReached", "Reached expected number of succeeded pods");
    return track(turn, { ...sight, finished });
  }
  return track(turn, called ? { ...sight, job: withSuspension(turn, job) } : sight);
}

function withSuspension(turn: JobTurn, job: Job): Job {
  const now = timeOf(turn.wall);
  if (isSuspended(job)) {
    const suspended = withJobCondition(job, "Suspended", "True", "JobSuspended", "Job suspended", now);
    if (suspended === job) return job;
    turn.note(note.suspended);
    // "When a Job is suspended, its start time is cleared."
    return withStatusWithout(suspended);
  }
  const resumed = withJobCondition(job, "Suspended", "False", "JobResumed", "Job resumed", now);
  if (resumed === job) return job;
  turn.note(note.resumed);
  return withStatus(resumed, { startTime: now });
}

function withStatusWithout(job: Job): Job {
  const { startTime: _, ...status } = job.status ?? {};
  return { ...job, status };
}
