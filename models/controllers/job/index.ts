import { emptyOrderedMap, unreachable } from "../../kernel/index.ts";
import type { ApiResponse } from "../../machinery/api.ts";
import { NO_EXPECTATIONS } from "../../machinery/client/expectations.ts";
import { getRequest } from "../../machinery/client/requests.ts";
import type { Job, Pod } from "../../machinery/kinds/index.ts";
import { controllerOf } from "../../machinery/meta.ts";
import { isNotFound, objectOf } from "../../machinery/status.ts";
import { type Controller, DONE } from "../controller.ts";
import { errorOf, hasFailed, retry } from "../shared/answers.ts";
import { claimAnswered } from "../shared/claim.ts";
import { created, jobConfirmed, podsConfirmed, removed } from "./manage.ts";
import { note } from "./notes.ts";
import { observe, resolve } from "./observe.ts";
import { isTracked, untrackRequest } from "./pods.ts";
import { isFinished } from "./status.ts";
import { claimNext, syncJob } from "./sync.ts";
import { finalizerRemoved, folded, recorded } from "./track.ts";
import { JOB_DEFAULTS, type JobConfig, type JobOutcome, type JobState, type JobTask, type JobTurn } from "./types.ts";

export { NOTE_NAMES as JOB_NOTES } from "./notes.ts";
export { ttlAfterFinished } from "./ttl.ts";
export { JOB_DEFAULTS } from "./types.ts";

/** Keys of pods whose finalizer no job will remove begin with it; the others are those of jobs. */
const ORPHAN = "orphan:";

/** Runs pods to completion (kubernetes pkg/controller/job). */
export const jobController: Controller<JobState, JobTask, JobConfig> = {
  name: "job",
  informers: [
    { resource: "jobs", labelSelector: "", fieldSelector: "", indexes: [], resyncUs: 0 },
    { resource: "pods", labelSelector: "", fieldSelector: "", indexes: ["byController"], resyncUs: 0 },
  ],
  workers: 5,
  defaults: JOB_DEFAULTS,
  initial: { expectations: NO_EXPECTATIONS, jobs: emptyOrderedMap() },
  observe,
  sync: (turn, key) => (key.startsWith(ORPHAN) ? syncOrphan(turn, key.slice(ORPHAN.length)) : syncJob(turn, key)),
  answered,
};

function answered(turn: JobTurn, key: string, task: JobTask, response: ApiResponse | null): JobOutcome {
  switch (task.step) {
    case "claim":
      return claimNext(turn, task.job, task.satisfied, claimAnswered(task.job, task.claim, response));
    case "confirmJob":
      return jobConfirmed(turn, task, response);
    case "confirmPods":
      return podsConfirmed(turn, task, response);
    case "delete":
      return removed(turn, task, response);
    case "create":
      return created(turn, task, response);
    case "record":
      return recorded(turn, task, response);
    case "finalizer":
      return finalizerRemoved(turn, task, response);
    case "fold":
      return folded(turn, task, response);
    case "orphanJob":
      return orphanConfirmed(turn, key.slice(ORPHAN.length), response);
    case "orphan":
      return hasFailed(response) && !isNotFound(response) ? retry(errorOf(response)) : DONE;
    default:
      return unreachable(task);
  }
}

/** syncOrphanPod: a pod that no job counts any more loses its finalizer, or it would stay for good. */
function syncOrphan(turn: JobTurn, key: string): JobOutcome {
  const pod = turn.view<Pod>("pods").byKey(key);
  if (pod === null || !isTracked(pod)) return DONE;
  const controller = controllerOf(pod);
  if (controller === null || controller.kind !== "Job") return untrack(turn, pod);
  const job = resolve(turn, pod, controller);
  if (job !== null) return isFinished(job) ? untrack(turn, pod) : DONE;
  // The real one believes its cache; where that lags, a pod of a live job would not be counted.
  const request = getRequest("jobs", pod.metadata.namespace ?? "", controller.name);
  return { kind: "call", request, task: { step: "orphanJob" } };
}

function orphanConfirmed(turn: JobTurn, key: string, response: ApiResponse | null): JobOutcome {
  const pod = turn.view<Pod>("pods").byKey(key);
  if (pod === null || !isTracked(pod)) return DONE;
  const job = objectOf<Job>(response);
  if (job === null && !isNotFound(response)) return retry(errorOf(response));
  const isLive = job !== null && job.metadata.uid === controllerOf(pod)?.uid && !isFinished(job);
  return isLive ? DONE : untrack(turn, pod);
}

function untrack(turn: JobTurn, pod: Pod): JobOutcome {
  turn.note(note.orphanCleaned);
  return { kind: "call", request: untrackRequest(pod), task: { step: "orphan" } };
}
