/** The counts of a job, in two phases (kubernetes pkg/controller/job/job_controller.go, trackJobStatusAndRemoveFinalizers). */
import type { ApiResponse } from "../../machinery/api.ts";
import { updateRequest } from "../../machinery/client/requests.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { Job, Pod, Uid } from "../../machinery/kinds/index.ts";
import { revisionOf } from "../../machinery/meta.ts";
import { isNotFound, objectOf } from "../../machinery/status.ts";
import { timeOf } from "../../machinery/time.ts";
import { DONE } from "../controller.ts";
import { errorOf, hasFailed, retry } from "../shared/answers.ts";
import { note } from "./notes.ts";
import { uidOf, untrackRequest } from "./pods.ts";
import { announced, enactFinished, foldUncounted, recordTerminated, withFinalizer, withStatus } from "./status.ts";
import { memoryOf, remember } from "./sync.ts";
import type { JobOutcome, JobTask, JobTurn, Sight } from "./types.ts";

type Task<K extends JobTask["step"]> = Extract<JobTask, { readonly step: K }>;

export function track(turn: JobTurn, seen: Sight): JobOutcome {
  const { active, ready, terminating, finished } = seen;
  const counted = withStatus(seen.job, { active, ready, terminating });
  const job = finished === null ? counted : announced(counted, finished, timeOf(turn.wall));
  const { maxUncountedPods } = turn.config;
  const { sight, pods, full } = recordTerminated({ ...seen, job }, memoryOf(turn, job).removed, maxUncountedPods);
  if (deepEqual(sight.job.status, sight.base.status)) return removeFinalizers(turn, sight, pods, full);
  turn.note(note.counted);
  return { kind: "call", request: updateRequest(sight.job, "status"), task: { step: "record", sight, pods, full } };
}

/** The pods are written down: now their finalizers may go. */
export function recorded(turn: JobTurn, task: Task<"record">, response: ApiResponse | null): JobOutcome {
  const job = objectOf<Job>(response);
  if (job === null) return retry(errorOf(response));
  remember(turn, job, { backoff: task.sight.backoff, written: revisionOf(job) });
  return removeFinalizers(turn, { ...task.sight, job, base: job }, task.pods, task.full);
}

function removeFinalizers(turn: JobTurn, sight: Sight, pods: readonly Pod[], full: boolean): JobOutcome {
  const { removed } = memoryOf(turn, sight.job);
  const kept = withFinalizer(sight.pods, removed);
  if (pods.length > 0) remember(turn, sight.job, { removed: [...removed, ...pods.map(uidOf)] });
  return removeNext(turn, { step: "finalizer", sight, pods, full, kept });
}

function removeNext(turn: JobTurn, task: Task<"finalizer">): JobOutcome {
  const [pod] = task.pods;
  if (pod === undefined) return fold(turn, task);
  turn.note(note.finalizerRemoved);
  return { kind: "call", request: untrackRequest(pod), task };
}

export function finalizerRemoved(turn: JobTurn, task: Task<"finalizer">, response: ApiResponse | null): JobOutcome {
  const [pod, ...pods] = task.pods;
  const uid = uidOf(pod!);
  if (!hasFailed(response)) return removeNext(turn, { ...task, pods, kept: task.kept.filter((one) => one !== uid) });
  // No update of the pod is to be expected.
  removalSeen(turn, task.sight.job, uid);
  if (isNotFound(response)) return removeNext(turn, { ...task, pods, kept: task.kept.filter((one) => one !== uid) });
  const error = task.sight.error === "" ? errorOf(response) : task.sight.error;
  return removeNext(turn, { ...task, pods, sight: { ...task.sight, error } });
}

/** finalizerRemovalObserved. */
export function removalSeen(turn: JobTurn, job: Job, uid: Uid): void {
  const { removed } = memoryOf(turn, job);
  if (removed.includes(uid)) remember(turn, job, { removed: removed.filter((one) => one !== uid) });
}

/** What has lost its finalizer goes from the list into the counts; and with that the job may be finished. */
function fold(turn: JobTurn, { sight, kept, full }: Task<"finalizer">): JobOutcome {
  let job = foldUncounted(sight.job, kept);
  if (sight.finished !== null && !full && sight.error === "") {
    const done = enactFinished(job, sight.finished, sight.terminating, timeOf(turn.wall));
    if (done === job) turn.note(note.finishDelayed);
    job = done;
  }
  if (deepEqual(job.status, sight.base.status)) return finish(sight);
  turn.note(note.folded);
  return { kind: "call", request: updateRequest(job, "status"), task: { step: "fold", sight: { ...sight, job } } };
}

export function folded(turn: JobTurn, { sight }: Task<"fold">, response: ApiResponse | null): JobOutcome {
  const job = objectOf<Job>(response);
  if (job === null) return retry(errorOf(response));
  remember(turn, job, { written: revisionOf(job) });
  return finish(sight);
}

function finish({ error }: Sight): JobOutcome {
  return error === "" ? DONE : retry(error);
}
