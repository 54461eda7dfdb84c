/** What a budget allows (kubernetes pkg/controller/disruption/disruption.go, trySync). */
import type { Micros } from "../../kernel/index.ts";
import type { ApiResponse } from "../../machinery/api.ts";
import { updateRequest } from "../../machinery/client/requests.ts";
import { withCondition } from "../../machinery/conditions.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { Condition, Pod, PodDisruptionBudget, Time } from "../../machinery/kinds/index.ts";
import { isDeleting } from "../../machinery/meta.ts";
import { isPodReady, isPodTerminal } from "../../machinery/pods.ts";
import { matchesLabels, selectorOf } from "../../machinery/selectors.ts";
import { isConflict, isNotFound, isSuccess } from "../../machinery/status.ts";
import { timeOf, wallOf } from "../../machinery/time.ts";
import { DONE, type Outcome } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { expectedPods } from "./expected.ts";
import { note } from "./notes.ts";
import type { DisruptionTask, DisruptionTurn } from "./types.ts";

type Status = NonNullable<PodDisruptionBudget["status"]>;

/** The budgets that select a pod (getPdbForPod). */
export function selects(budget: PodDisruptionBudget, pod: Pod): boolean {
  return (
    budget.metadata.namespace === pod.metadata.namespace &&
    matchesLabels(selectorOf(budget.spec.selector), pod.metadata.labels)
  );
}

export function syncBudget(turn: DisruptionTurn, key: string): Outcome<DisruptionTask> {
  const budget = turn.view<PodDisruptionBudget>("poddisruptionbudgets").byKey(key);
  if (budget === null) return DONE;
  const pods = turn
    .view<Pod>("pods")
    .list(budget.metadata.namespace)
    .filter((pod) => selects(budget, pod));
  const expected = expectedPods(turn, budget, pods);
  if (expected === null) return failSafe(turn, budget);
  const { disrupted, againUs } = stillDisrupted(turn, budget, pods);
  const healthy = pods.filter((pod) => isHealthy(pod, disrupted)).length;
  return write(turn, budget, statusOf(turn, budget, expected.expected, expected.desired, healthy, disrupted), againUs);
}

/** countHealthyPods: ready, not being deleted, and not about to be evicted. */
function isHealthy(pod: Pod, disrupted: Readonly<Record<string, Time>>): boolean {
  if (isDeleting(pod) || isPodTerminal(pod)) return false;
  if (Object.hasOwn(disrupted, pod.metadata.name)) return false;
  return isPodReady(pod);
}

/**
 * buildDisruptedPodMap: evictions that the API server has granted, and that are not seen yet. They count as gone, but not
 * for ever: "the pod is still there after the timeout" means that it was never deleted.
 */
function stillDisrupted(turn: DisruptionTurn, budget: PodDisruptionBudget, pods: readonly Pod[]) {
  const before = budget.status?.disruptedPods ?? {};
  const disrupted: Record<string, Time> = {};
  let againUs: Micros = 0;
  for (const name of Object.keys(before).sort()) {
    const pod = pods.find(({ metadata }) => metadata.name === name);
    // Gone, or on its way: it is seen.
    if (pod === undefined || isDeleting(pod)) continue;
    const left = wallOf(before[name]!) + turn.config.deletionTimeoutUs - turn.wall;
    if (left <= 0) {
      turn.note(note.disruptionExpired);
      continue;
    }
    turn.note(note.stillDisrupted);
    disrupted[name] = before[name]!;
    againUs = againUs === 0 ? left : Math.min(againUs, left);
  }
  return { disrupted, againUs };
}

/** updatePdbStatus. */
function statusOf(
  turn: DisruptionTurn,
  budget: PodDisruptionBudget,
  expected: number,
  desired: number,
  healthy: number,
  disrupted: Readonly<Record<string, Time>>,
): Status {
  // "We require expectedCount to be > 0 so that PDBs which currently match no pods are in a safe state."
  const allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired);
  return {
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    disruptionsAllowed: allowed,
    disruptedPods: disrupted,
    observedGeneration: budget.metadata.generation ?? 0,
    conditions: conditionsOf(budget, allowed, timeOf(turn.wall)),
  };
}

/** pdb UpdateDisruptionAllowedCondition. */
function conditionsOf(budget: PodDisruptionBudget, allowed: number, now: Time): readonly Condition[] {
  const condition: Condition = {
    type: "DisruptionAllowed",
    status: allowed > 0 ? "True" : "False",
    reason: allowed > 0 ? "SufficientPods" : "InsufficientPods",
    observedGeneration: budget.metadata.generation ?? 0,
  };
  return withCondition(budget.status?.conditions, condition, now);
}

/**
 * The status is written with the version that was looked at: an eviction that has been granted meanwhile is a conflict,
 * and its decrement is not written over (kubernetes#82149).
 */
function write(
  turn: DisruptionTurn,
  budget: PodDisruptionBudget,
  status: Status,
  againUs: Micros,
): Outcome<DisruptionTask> {
  if (isSame(budget.status, status)) return again(againUs);
  turn.note(note.statusWritten);
  const next: PodDisruptionBudget = { ...budget, status };
  return { kind: "call", request: updateRequest(next, "status"), task: { step: "status", againUs } };
}

function isSame(old: Status | undefined, next: Status): boolean {
  return old !== undefined && deepEqual({ ...old, disruptedPods: old.disruptedPods ?? {} }, next);
}

function again(us: Micros): Outcome<DisruptionTask> {
  return us > 0 ? { kind: "after", us } : DONE;
}

/** failSafe: what cannot be counted allows nothing. It is tried again. */
function failSafe(turn: DisruptionTurn, budget: PodDisruptionBudget): Outcome<DisruptionTask> {
  turn.note(note.failSafe);
  const { status } = budget;
  const condition: Condition = {
    type: "DisruptionAllowed",
    status: "False",
    reason: "SyncFailed",
    message: "found no controllers for some pods",
    observedGeneration: budget.metadata.generation ?? 0,
  };
  const next: Status = {
    currentHealthy: status?.currentHealthy ?? 0,
    desiredHealthy: status?.desiredHealthy ?? 0,
    expectedPods: status?.expectedPods ?? 0,
    ...status,
    disruptionsAllowed: 0,
    observedGeneration: budget.metadata.generation ?? 0,
    conditions: withCondition(status?.conditions, condition, timeOf(turn.wall)),
  };
  if (isSame(status, { disruptedPods: {}, ...next })) return retry("found no controllers for some pods");
  const written: PodDisruptionBudget = { ...budget, status: next };
  return { kind: "call", request: updateRequest(written, "status"), task: { step: "failSafe", againUs: 0 } };
}

export function budgetAnswered(
  turn: DisruptionTurn,
  task: DisruptionTask,
  response: ApiResponse | null,
): Outcome<DisruptionTask> {
  if (isNotFound(response)) return DONE;
  if (isConflict(response)) turn.note(note.statusConflict);
  if (!isSuccess(response)) return retry(errorOf(response));
  return task.step === "failSafe" ? retry("found no controllers for some pods") : again(task.againUs);
}
