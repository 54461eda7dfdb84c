import { unreachable } from "../../kernel/index.ts";
import type { ApiResponse } from "../../machinery/api.ts";
import {
  creationObserved,
  deletionObserved,
  expectationsOf,
  expectCreations,
  expectDeletions,
  forgetExpectations,
  lowerCreations,
} from "../../machinery/client/expectations.ts";
import type { Pod, ReplicaSet } from "../../machinery/kinds/index.ts";
import { controllerOf, isDeleting, keyOf } from "../../machinery/meta.ts";
import { isPodActive, isPodTerminating } from "../../machinery/pods.ts";
import { selectorOf } from "../../machinery/selectors.ts";
import { isNamespaceTerminating, isNotFound } from "../../machinery/status.ts";
import { DONE } from "../controller.ts";
import { errorOf, hasFailed, retry } from "../shared/answers.ts";
import { type Claim, claimAnswered, claimOf, claimRequest } from "../shared/claim.ts";
import { ownOrOrphans } from "../shared/owners.ts";
import { createPod, deletePod, podFromTemplate } from "../shared/pod-control.ts";
import { type StatusWrite, statusAnswered, statusRequest, statusWrite } from "../shared/status-write.ts";
import { podsToDelete } from "./deletion-order.ts";
import { note } from "./notes.ts";
import { isSteady, statusOf } from "./status.ts";
import type { ReplicaSetOutcome, ReplicaSetTask, ReplicaSetTurn, Sight } from "./types.ts";

type Task<K extends ReplicaSetTask["kind"]> = Extract<ReplicaSetTask, { readonly kind: K }>;

/** "SlowStartInitialBatchSize is the size of the initial batch when batching pod creates" (controller_utils.go). */
const SLOW_START_INITIAL_BATCH = 1;

/** kubernetes pkg/controller/replicaset/replica_set.go, syncReplicaSet. */
export function sync(turn: ReplicaSetTurn, key: string): ReplicaSetOutcome {
  const set = turn.view<ReplicaSet>("replicasets").byKey(key);
  if (set === null) {
    turn.state = { expectations: forgetExpectations(turn.state.expectations, key) };
    return DONE;
  }
  const needsSync = expectationsMet(turn, key);
  const pods = ownOrOrphans<Pod>(turn, "pods", set);
  const terminating = pods.reduce((sum, pod) => sum + (isTerminatingOf(set, pod) ? 1 : 0), 0);
  const claim = claimOf(set, selectorOf(set.spec.selector), pods.filter(isPodActive));
  return claimNext(turn, { set, needsSync, terminating }, claim);
}

/** The request of a sync is answered. */
export function answered(
  turn: ReplicaSetTurn,
  key: string,
  task: ReplicaSetTask,
  response: ApiResponse | null,
): ReplicaSetOutcome {
  switch (task.kind) {
    case "claim":
      return claimed(turn, task, response);
    case "create":
      return created(turn, key, task, response);
    case "delete":
      return deleted(turn, key, task, response);
    case "status":
      return statusTold(turn, task, response);
    default:
      return unreachable(task);
  }
}

/**
 * A set is left alone while pods that it has created or deleted are not yet in the cache, unless that takes too long
 * (controller_utils.go, SatisfiedExpectations).
 */
function expectationsMet(turn: ReplicaSetTurn, key: string): boolean {
  const state = expectationsOf(turn.state.expectations, key, turn.now, turn.config.expectationsTimeoutUs);
  if (state === "expired") turn.note(note.expectationsExpired);
  if (state === "unmet") turn.note(note.expectationsUnmet);
  return state !== "unmet";
}

function isTerminatingOf(set: ReplicaSet, pod: Pod): boolean {
  return isPodTerminating(pod) && controllerOf(pod)?.uid === set.metadata.uid;
}

// ---- Adoption and release

function claimNext(turn: ReplicaSetTurn, sight: Sight, claim: Claim<Pod>): ReplicaSetOutcome {
  const request = claimRequest(sight.set, claim);
  if (request !== null) return { kind: "call", request, task: { kind: "claim", sight, claim } };
  if (claim.error !== "") return retry(claim.error);
  return manage(turn, sight, claim.owned);
}

function claimed(
  turn: ReplicaSetTurn,
  { sight, claim }: Task<"claim">,
  response: ApiResponse | null,
): ReplicaSetOutcome {
  const next = claimAnswered(sight.set, claim, response);
  if (next.owned.length > claim.owned.length) turn.note(note.adopted);
  else if (claim.left[0]!.kind === "release") turn.note(note.released);
  else if (!next.checked) turn.note(note.adoptionRefused);
  return claimNext(turn, sight, next);
}

// ---- Too few, too many

/** replica_set.go, manageReplicas: nothing while it waits for its own changes, and nothing while it is being deleted. */
function manage(turn: ReplicaSetTurn, sight: Sight, active: readonly Pod[]): ReplicaSetOutcome {
  const { set } = sight;
  if (!sight.needsSync) return status(turn, sight, active, "");
  if (isDeleting(set)) {
    turn.note(note.beingDeleted);
    return status(turn, sight, active, "");
  }
  const difference = active.length - (set.spec.replicas ?? 1);
  if (difference === 0) return status(turn, sight, active, "");
  const { burstReplicas } = turn.config;
  const count = Math.min(Math.abs(difference), burstReplicas);
  if (Math.abs(difference) > burstReplicas) turn.note(note.burst);
  return difference < 0 ? beginCreating(turn, sight, active, count) : beginDeleting(turn, sight, active, count);
}

function beginCreating(turn: ReplicaSetTurn, sight: Sight, active: readonly Pod[], count: number): ReplicaSetOutcome {
  const key = keyOf(sight.set);
  turn.state = { expectations: expectCreations(turn.state.expectations, key, count, turn.now) };
  const batch = Math.min(count, SLOW_START_INITIAL_BATCH);
  return create({ kind: "create", sight, active, left: count, batch, leftInBatch: batch, error: "" });
}

function create(task: Task<"create">): ReplicaSetOutcome {
  const { set } = task.sight;
  return { kind: "call", request: createPod(podFromTemplate(set.spec.template, set)), task };
}

/**
 * replica_set.go, slowStartBatch: batches of 1, 2, 4, …; after a batch in which one has failed, no other begins. What was
 * not created is no longer expected. A create without an answer counts as failed, though it may have happened.
 */
function created(
  turn: ReplicaSetTurn,
  key: string,
  task: Task<"create">,
  response: ApiResponse | null,
): ReplicaSetOutcome {
  let { error } = task;
  if (isNamespaceTerminating(response)) {
    // "if the namespace is being terminated, we don't have to do anything because any creation will fail"
    turn.note(note.namespaceTerminating);
  } else if (hasFailed(response)) {
    turn.note(response === null ? note.createUnknown : note.createFailed);
    error = error === "" ? errorOf(response) : error;
    turn.state = { expectations: creationObserved(turn.state.expectations, key) };
  } else {
    turn.note(note.created);
  }
  const left = task.left - 1;
  const leftInBatch = task.leftInBatch - 1;
  if (leftInBatch > 0) return create({ ...task, left, leftInBatch, error });
  if (left === 0) return status(turn, task.sight, task.active, error);
  if (error !== "") {
    turn.note(note.slowStartEnded);
    turn.state = { expectations: lowerCreations(turn.state.expectations, key, left) };
    return status(turn, task.sight, task.active, error);
  }
  turn.note(note.slowStart);
  const batch = Math.min(2 * task.batch, left);
  return create({ ...task, left, batch, leftInBatch: batch, error });
}

function beginDeleting(turn: ReplicaSetTurn, sight: Sight, active: readonly Pod[], count: number): ReplicaSetOutcome {
  const doomed = podsToDelete(active, relatedPods(turn, sight.set), count, turn.wall);
  const key = keyOf(sight.set);
  turn.state = { expectations: expectDeletions(turn.state.expectations, key, doomed.map(keyOf), turn.now) };
  return doom({ kind: "delete", sight, active, left: doomed, error: "" });
}

/** The pods of all sets that the same owner controls, its own among them (replica_set.go, getIndirectlyRelatedPods). */
function relatedPods(turn: ReplicaSetTurn, set: ReplicaSet): readonly Pod[] {
  const owner = controllerOf(set);
  const pods = turn.view<Pod>("pods");
  if (owner === null) return pods.byIndex("byController", set.metadata.uid ?? "");
  const siblings = turn.view<ReplicaSet>("replicasets").byIndex("byController", owner.uid);
  return siblings.flatMap(({ metadata }) => pods.byIndex("byController", metadata.uid ?? ""));
}

function doom(task: Task<"delete">): ReplicaSetOutcome {
  return { kind: "call", request: deletePod(task.left[0]!), task };
}

/** A deletion that has failed is no longer expected; one of a pod that is gone is no error. */
function deleted(
  turn: ReplicaSetTurn,
  key: string,
  task: Task<"delete">,
  response: ApiResponse | null,
): ReplicaSetOutcome {
  const [pod, ...left] = task.left;
  let { error } = task;
  if (hasFailed(response)) {
    turn.note(note.deleteFailed);
    turn.state = { expectations: deletionObserved(turn.state.expectations, key, keyOf(pod!)) };
    if (!isNotFound(response) && error === "") error = errorOf(response);
  } else {
    turn.note(note.deleted);
  }
  if (left.length > 0) return doom({ ...task, left, error });
  return status(turn, task.sight, task.active, error);
}

// ---- Status

function status(turn: ReplicaSetTurn, sight: Sight, active: readonly Pod[], error: string): ReplicaSetOutcome {
  const { set, terminating } = sight;
  const wasCreating = active.length < (set.spec.replicas ?? 1);
  const next = statusOf(set, { active, terminating, error, wasCreating }, turn.wall);
  if (isSteady(set, next)) return finish(turn, set, error);
  return writeStatus(statusWrite(set, next), error);
}

function writeStatus(write: StatusWrite<ReplicaSet>, error: string): ReplicaSetOutcome {
  return { kind: "call", request: statusRequest(write), task: { kind: "status", write, error } };
}

function statusTold(
  turn: ReplicaSetTurn,
  { write, error }: Task<"status">,
  response: ApiResponse | null,
): ReplicaSetOutcome {
  const next = statusAnswered(write, response);
  switch (next.kind) {
    case "next":
      turn.note(note.statusRetried);
      return writeStatus(next.write, error);
    case "failed":
      turn.note(note.statusFailed);
      return retry(next.error);
    case "written":
      turn.note(note.statusWritten);
      return finish(turn, next.object, error);
    default:
      return unreachable(next);
  }
}

/** "Resync the ReplicaSet after MinReadySeconds as a last line of defense to guard against clock-skew." */
function finish(turn: ReplicaSetTurn, set: ReplicaSet, error: string): ReplicaSetOutcome {
  if (error !== "") return retry(error);
  const { minReadySeconds = 0, replicas = 1 } = set.spec;
  const { readyReplicas = 0, availableReplicas = 0 } = set.status ?? {};
  if (minReadySeconds > 0 && readyReplicas === replicas && availableReplicas !== replicas) {
    turn.note(note.availabilityAwaited);
    return { kind: "after", us: minReadySeconds * 1_000_000 };
  }
  return DONE;
}
