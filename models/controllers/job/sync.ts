/** One sync of a job (kubernetes pkg/controller/job/job_controller.go, syncJob). */
import { mapDelete, mapGet, mapSet } from "../../kernel/index.ts";
import { expectationsOf, forgetExpectations } from "../../machinery/client/expectations.ts";
import type { Condition, Job, Pod } from "../../machinery/kinds/index.ts";
import { keyOf, revisionOf } from "../../machinery/meta.ts";
import { isPodActive, isPodReady, isPodTerminating } from "../../machinery/pods.ts";
import { selectorOf } from "../../machinery/selectors.ts";
import { timeOf, wallOf } from "../../machinery/time.ts";
import { DONE } from "../controller.ts";
import { retry } from "../shared/answers.ts";
import { type Claim, claimOf, claimRequest } from "../shared/claim.ts";
import { ownOrOrphans } from "../shared/owners.ts";
import { finishedAt, NO_FAILURES, withFinished } from "./backoff.ts";
import { countIndexes, indexOf, isIndexed, parseIndexes, withIndexes } from "./indexes.ts";
import { manage, removeActive } from "./manage.ts";
import { note } from "./notes.ts";
import { isPastRestarts, isPodSucceeded, isTracked, newlyFinished, TRACKING } from "./pods.ts";
import { ending, isFinished, isSuspended, withStatus } from "./status.ts";
import type { JobMemory, JobOutcome, JobTurn, Sight } from "./types.ts";

/** What is remembered of a job; of another of the same name nothing. */
export function memoryOf(turn: JobTurn, job: Job): JobMemory {
  const uid = job.metadata.uid ?? "";
  const known = mapGet(turn.state.jobs, keyOf(job));
  if (known !== undefined && known.uid === uid) return known;
  return { uid, backoff: NO_FAILURES, written: 0, removed: [], confirmed: false };
}

export function remember(turn: JobTurn, job: Job, changes: Partial<JobMemory>): void {
  turn.state = { ...turn.state, jobs: mapSet(turn.state.jobs, keyOf(job), { ...memoryOf(turn, job), ...changes }) };
}

export function forget(turn: JobTurn, key: string): void {
  turn.state = {
    expectations: forgetExpectations(turn.state.expectations, key),
    jobs: mapDelete(turn.state.jobs, key),
  };
}

export function syncJob(turn: JobTurn, key: string): JobOutcome {
  const job = turn.view<Job>("jobs").byKey(key);
  if (job === null) {
    forget(turn, key);
    return DONE;
  }
  if (isFinished(job)) return DONE;
  // Its counts would be wrong: pods that it has counted have lost their finalizers (KEP-5647).
  if (revisionOf(job) < memoryOf(turn, job).written) {
    turn.note(note.staleJob);
    return retry("the cache is older than the last write");
  }
  const satisfied =
    expectationsOf(turn.state.expectations, key, turn.now, turn.config.expectationsTimeoutUs) !== "unmet";
  if (!satisfied) turn.note(note.unmet);
  const pods = ownOrOrphans<Pod>(turn, "pods", job);
  return claimNext(turn, job, satisfied, claimOf(job, selectorOf(job.spec.selector), pods));
}

export function claimNext(turn: JobTurn, job: Job, satisfied: boolean, claim: Claim<Pod>): JobOutcome {
  const request = claimRequest(job, claim, [TRACKING]);
  if (request !== null) return { kind: "call", request, task: { step: "claim", job, satisfied, claim } };
  if (claim.error !== "") return retry(claim.error);
  return decide(turn, look(turn, job, claim.owned, satisfied));
}

/** What there is, counted: the status has what has lost its finalizer, the cache what has not. */
function look(turn: JobTurn, cached: Job, pods: readonly Pod[], satisfied: boolean): Sight {
  const { removed, backoff } = memoryOf(turn, cached);
  const active = pods.filter(isPodActive);
  const fresh = newlyFinished(cached, pods, removed);
  const uncounted = cached.status?.uncountedTerminatedPods ?? {};
  const succeeded = (cached.status?.succeeded ?? 0) + fresh.succeeded.length + (uncounted.succeeded ?? []).length;
  const failed = (cached.status?.failed ?? 0) + fresh.failed.length + (uncounted.failed ?? []).length;
  const indexesBefore = isIndexed(cached)
    ? parseIndexes(cached.status?.completedIndexes, cached.spec.completions ?? 0)
    : [];
  const indexes = withIndexes(indexesBefore, succeededIndexes(cached, pods));
  const job = started(turn, cached);
  return {
    job,
    base: cached,
    pods,
    satisfied,
    active: active.length,
    ready: active.filter(isPodReady).length,
    terminating: pods.filter(isPodTerminating).length,
    succeeded: isIndexed(cached) ? countIndexes(indexes) : succeeded,
    finished: endOf(turn, job, pods, failed),
    indexesBefore,
    indexes,
    backoff: withFinished(backoff, fresh.succeeded.map(finishedAt), fresh.failed.map(finishedAt)),
    error: "",
  };
}

/** calculateSucceededIndexes. */
function succeededIndexes(job: Job, pods: readonly Pod[]): readonly number[] {
  if (!isIndexed(job)) return [];
  const indexes = pods.filter((pod) => isPodSucceeded(pod) && isTracked(pod)).map((pod) => indexOf(job, pod));
  return indexes.filter((index) => index !== null);
}

function started(turn: JobTurn, job: Job): Job {
  if (job.status?.startTime !== undefined || isSuspended(job)) return job;
  turn.note(note.started);
  return withStatus(job, { startTime: timeOf(turn.wall) });
}

/** The end that the job comes to: one that was announced stays. */
function endOf(turn: JobTurn, job: Job, pods: readonly Pod[], failed: number): Condition | null {
  const { conditions = [], startTime } = job.status ?? {};
  const met = conditions.find(({ type, status }) => type === "SuccessCriteriaMet" && status === "True");
  if (met !== undefined) return ending("Complete", met.reason ?? "", met.message ?? "");
  const target = conditions.find(({ type, status }) => type === "FailureTarget" && status === "True");
  if (target !== undefined) return ending("Failed", target.reason ?? "", target.message ?? "");
  const { backoffLimit = 6, activeDeadlineSeconds } = job.spec;
  if (failed > backoffLimit || isPastRestarts(job, pods)) {
    turn.note(note.failedBackoffLimit);
    return ending("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit");
  }
  if (activeDeadlineSeconds === undefined || startTime === undefined || isSuspended(job)) return null;
  const left = wallOf(startTime) + activeDeadlineSeconds * 1_000_000 - turn.wall;
  if (left > 0) {
    turn.enqueueAfter(keyOf(job), left);
    return null;
  }
  turn.note(note.failedDeadline);
  return ending("Failed", "DeadlineExceeded", "Job was active longer than specified deadline");
}

function decide(turn: JobTurn, sight: Sight): JobOutcome {
  return sight.finished !== null ? removeActive(turn, sight) : manage(turn, sight);
}
