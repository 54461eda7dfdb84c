/** Runs jobs by the clock (kubernetes pkg/controller/cronjob/cronjob_controllerv2.go). */
import { unreachable } from "../../kernel/index.ts";
import type { ApiResponse } from "../../machinery/api.ts";
import { createRequest, deleteRequest, getRequest, updateRequest } from "../../machinery/client/requests.ts";
import { isConditionTrue } from "../../machinery/conditions.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { CronJob, Job } from "../../machinery/kinds/index.ts";
import { controllerOf, controllerReference, isControlledBy, isDeleting, keyFor, keyOf } from "../../machinery/meta.ts";
import { isAlreadyExists, isNamespaceTerminating, isNotFound, isSuccess, objectOf } from "../../machinery/status.ts";
import { timeOf, wallOf } from "../../machinery/time.ts";
import { type Controller, DONE, NO_SETTINGS } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { mostRecent } from "./due.ts";
import { note } from "./notes.ts";
import { nextAfter, parseSchedule } from "./schedule.ts";
import type { ActiveJob, CronJobOutcome, CronJobTask, CronJobTurn } from "./types.ts";

export { NOTE_NAMES as CRON_JOB_NOTES } from "./notes.ts";

type Task<K extends CronJobTask["step"]> = Extract<CronJobTask, { readonly step: K }>;

/** The next run is looked for this long after its time (nextScheduleDelta). */
const DELTA_US = 100_000;
const SCHEDULED_AT = "batch.kubernetes.io/cronjob-scheduled-timestamp";

export const cronJob: Controller<null, CronJobTask, typeof NO_SETTINGS> = {
  name: "cronjob",
  informers: [
    { resource: "cronjobs", labelSelector: "", fieldSelector: "", indexes: [], resyncUs: 0 },
    { resource: "jobs", labelSelector: "", fieldSelector: "", indexes: ["byController"], resyncUs: 0 },
  ],
  workers: 5,
  defaults: NO_SETTINGS,
  initial: null,
  observe(turn, { resource, type, key, object }) {
    if (resource === "cronjobs") {
      if (type !== "deleted") turn.enqueue(key);
      return;
    }
    const controller = controllerOf(object);
    if (resource === "jobs" && controller?.kind === "CronJob")
      turn.enqueue(keyFor(object.metadata.namespace ?? "", controller.name));
  },
  sync,
  answered,
};

function sync(turn: CronJobTurn, key: string): CronJobOutcome {
  const cron = turn.view<CronJob>("cronjobs").byKey(key);
  if (cron === null) return DONE;
  return trimNext(turn, cron, surplusJobs(turn, cron));
}

function jobsOf(turn: CronJobTurn, cron: CronJob): readonly Job[] {
  return turn.view<Job>("jobs").byIndex("byController", cron.metadata.uid ?? "");
}

type End = "Complete" | "Failed" | null;

function endOf(job: Job): End {
  if (isConditionTrue(job.status?.conditions, "Complete")) return "Complete";
  return isConditionTrue(job.status?.conditions, "Failed") ? "Failed" : null;
}

// ---- History

/** cleanupFinishedJobs: the oldest of those beyond the limits. */
function surplusJobs(turn: CronJobTurn, cron: CronJob): readonly Job[] {
  const { successfulJobsHistoryLimit: successes = 3, failedJobsHistoryLimit: failures = 1 } = cron.spec;
  const jobs = jobsOf(turn, cron).filter((job) => !isDeleting(job));
  return [...oldest(jobs, "Complete", successes), ...oldest(jobs, "Failed", failures)];
}

function oldest(jobs: readonly Job[], end: End, limit: number): readonly Job[] {
  const ended = jobs.filter((job) => endOf(job) === end);
  if (ended.length <= limit) return [];
  const started = (job: Job) => `${job.status?.startTime ?? "z"} ${job.metadata.name}`;
  return ended.toSorted((one, two) => (started(one) < started(two) ? -1 : 1)).slice(0, ended.length - limit);
}

function trimNext(turn: CronJobTurn, cron: CronJob, left: readonly Job[]): CronJobOutcome {
  const [job] = left;
  if (job === undefined) return followActive(turn, cron);
  turn.note(note.historyTrimmed);
  return { kind: "call", request: removal(job), task: { step: "history", cronJob: cron, left } };
}

/** deleteJob: in the background, so that its pods go as well. */
function removal({ metadata }: Job) {
  const { namespace = "", name, uid } = metadata;
  const preconditions = uid === undefined ? {} : { preconditions: { uid } };
  return deleteRequest("jobs", namespace, name, { propagationPolicy: "Background", ...preconditions });
}

// ---- What is active

/** syncCronJob, its first part: jobs that have finished are no longer active; the last success is remembered. */
function followActive(turn: CronJobTurn, cron: CronJob): CronJobOutcome {
  const jobs = jobsOf(turn, cron);
  let active = cron.status?.active ?? [];
  let lastSuccess = cron.status?.lastSuccessfulTime ?? "";
  for (const job of jobs) {
    const end = endOf(job);
    if (end !== null && active.some(({ uid }) => uid === job.metadata.uid)) {
      turn.note(note.finishedSeen);
      active = active.filter(({ uid }) => uid !== job.metadata.uid);
    }
    const completed = job.status?.completionTime ?? "";
    if (end === "Complete" && completed > lastSuccess) lastSuccess = completed;
  }
  const next = withStatus(cron, { active, ...(lastSuccess === "" ? {} : { lastSuccessfulTime: lastSuccess }) });
  const unseen = active.filter(({ uid }) => !jobs.some((job) => job.metadata.uid === uid));
  return activeNext(turn, next, unseen);
}

/** An active job that the cache lacks is asked for: it may be gone, or be too new. */
function activeNext(turn: CronJobTurn, cron: CronJob, left: readonly ActiveJob[]): CronJobOutcome {
  const [job] = left;
  if (job === undefined) return writeStatus(turn, cron);
  const request = getRequest("jobs", cron.metadata.namespace ?? "", job.name ?? "");
  return { kind: "call", request, task: { step: "activeRead", cronJob: cron, left } };
}

function activeRead(
  turn: CronJobTurn,
  { cronJob: cron, left }: Task<"activeRead">,
  response: ApiResponse | null,
): CronJobOutcome {
  const [entry, ...rest] = left;
  const live = objectOf<Job>(response);
  if (live === null && !isNotFound(response)) return retry(errorOf(response));
  if (live !== null && live.metadata.uid === entry!.uid && endOf(live) === null) return activeNext(turn, cron, rest);
  turn.note(note.missingDropped);
  const active = (cron.status?.active ?? []).filter(({ uid }) => uid !== entry!.uid);
  return activeNext(turn, withStatus(cron, { active }), rest);
}

function withStatus(cron: CronJob, status: CronJob["status"]): CronJob {
  return { ...cron, status: { ...cron.status, ...status } };
}

function writeStatus(turn: CronJobTurn, cron: CronJob): CronJobOutcome {
  const cached = turn.view<CronJob>("cronjobs").byKey(keyOf(cron));
  if (cached === null) return DONE;
  if (deepEqual({ active: [], ...cached.status }, cron.status)) return schedule(turn, cron);
  turn.note(note.statusWritten);
  return { kind: "call", request: updateRequest(cron, "status"), task: { step: "status", cronJob: cron } };
}

// ---- The next run

/** syncCronJob, its second part. */
function schedule(turn: CronJobTurn, cron: CronJob): CronJobOutcome {
  if (isDeleting(cron)) return DONE;
  const parsed = parseSchedule(cron.spec.schedule);
  if (parsed === null) {
    turn.note(note.unparseable);
    return DONE;
  }
  if (cron.spec.suspend === true) {
    turn.note(note.suspended);
    return DONE;
  }
  const { at, missed } = mostRecent(cron, parsed, turn.wall);
  if (missed === "many") turn.note(note.tooManyMissed);
  if (at === null) return untilNext(turn, cron);
  const { startingDeadlineSeconds, concurrencyPolicy = "Allow" } = cron.spec;
  if (startingDeadlineSeconds !== undefined && at + startingDeadlineSeconds * 1_000_000 < turn.wall) {
    turn.note(note.deadlineMissed);
    return untilNext(turn, cron);
  }
  const active = cron.status?.active ?? [];
  const { lastScheduleTime } = cron.status ?? {};
  const name = jobName(cron, at);
  if (active.some((job) => job.name === name) || (lastScheduleTime !== undefined && wallOf(lastScheduleTime) === at))
    return untilNext(turn, cron);
  if (concurrencyPolicy === "Forbid" && active.length > 0) {
    turn.note(note.forbidden);
    return untilNext(turn, cron);
  }
  if (concurrencyPolicy !== "Replace") return create(turn, cron, at);
  const running = jobsOf(turn, cron).filter((job) => active.some(({ uid }) => uid === job.metadata.uid));
  return replaceNext(turn, cron, running, at);
}

function untilNext(turn: CronJobTurn, cron: CronJob): CronJobOutcome {
  const parsed = parseSchedule(cron.spec.schedule);
  const next = parsed === null ? null : nextAfter(parsed, turn.wall);
  return next === null ? DONE : { kind: "after", us: next + DELTA_US - turn.wall };
}

function replaceNext(turn: CronJobTurn, cron: CronJob, left: readonly Job[], at: number): CronJobOutcome {
  const [job] = left;
  if (job === undefined) return create(turn, cron, at);
  turn.note(note.replaced);
  return { kind: "call", request: removal(job), task: { step: "replace", cronJob: cron, left, at } };
}

/** Unix minutes: 2026-01-01T00:00:00Z is 29,453,760. */
const EPOCH_MINUTES = 29_453_760;

/** getJobName: the same run has the same name, whoever creates it, so that it is created once. */
export function jobName(cron: CronJob, at: number): string {
  return `${cron.metadata.name}-${EPOCH_MINUTES + Math.floor(at / 60_000_000)}`;
}

/** getJobFromTemplate2. */
function create(turn: CronJobTurn, cron: CronJob, at: number): CronJobOutcome {
  const { metadata: { labels, annotations } = {}, spec } = cron.spec.jobTemplate;
  const { namespace } = cron.metadata;
  const job: Job = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: jobName(cron, at),
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      annotations: { ...annotations, [SCHEDULED_AT]: timeOf(at) },
      ownerReferences: [controllerReference(cron)],
    },
    spec,
  };
  turn.note(note.created);
  return { kind: "call", request: createRequest(job), task: { step: "create", cronJob: cron, at } };
}

function created(
  turn: CronJobTurn,
  { cronJob: cron, at }: Task<"create">,
  response: ApiResponse | null,
): CronJobOutcome {
  if (isNamespaceTerminating(response)) return DONE;
  const job = objectOf<Job>(response);
  if (job !== null) return scheduled(turn, cron, job, at);
  if (!isAlreadyExists(response)) return retry(errorOf(response));
  const name = jobName(cron, at);
  const request = getRequest("jobs", cron.metadata.namespace ?? "", name);
  return { kind: "call", request, task: { step: "existing", cronJob: cron, at, name } };
}

/** "If the job is created by other actor, assume it has updated the cronjob status accordingly"; else it was ours, before a crash. */
function existing(
  turn: CronJobTurn,
  { cronJob: cron, at }: Task<"existing">,
  response: ApiResponse | null,
): CronJobOutcome {
  const job = objectOf<Job>(response);
  if (job === null) return retry(errorOf(response));
  turn.note(note.existed);
  return isControlledBy(job, cron) && endOf(job) === null ? scheduled(turn, cron, job, at) : untilNext(turn, cron);
}

function scheduled(turn: CronJobTurn, cron: CronJob, job: Job, at: number): CronJobOutcome {
  const { name, namespace, uid, resourceVersion } = job.metadata;
  const reference: ActiveJob = {
    apiVersion: job.apiVersion,
    kind: job.kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  const active = [...(cron.status?.active ?? []), reference];
  turn.note(note.statusWritten);
  const next = withStatus(cron, { active, lastScheduleTime: timeOf(at) });
  return { kind: "call", request: updateRequest(next, "status"), task: { step: "scheduled", cronJob: next } };
}

function answered(turn: CronJobTurn, _key: string, task: CronJobTask, response: ApiResponse | null): CronJobOutcome {
  switch (task.step) {
    case "history":
      if (!isSuccess(response) && !isNotFound(response)) return retry(errorOf(response));
      return trimNext(turn, task.cronJob, task.left.slice(1));
    case "activeRead":
      return activeRead(turn, task, response);
    case "status": {
      const written = objectOf<CronJob>(response);
      return written === null
        ? retry(errorOf(response))
        : schedule(turn, withStatus(written, { active: written.status?.active ?? [] }));
    }
    case "replace":
      if (!isSuccess(response) && !isNotFound(response)) return retry(errorOf(response));
      return replaceNext(turn, withoutActive(task.cronJob, task.left[0]!), task.left.slice(1), task.at);
    case "create":
      return created(turn, task, response);
    case "existing":
      return existing(turn, task, response);
    case "scheduled":
      return isSuccess(response) ? untilNext(turn, task.cronJob) : retry(errorOf(response));
    default:
      return unreachable(task);
  }
}

function withoutActive(cron: CronJob, job: Job): CronJob {
  return withStatus(cron, { active: (cron.status?.active ?? []).filter(({ uid }) => uid !== job.metadata.uid) });
}
