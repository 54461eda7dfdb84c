import type { ApiResponse, CreateRequest } from "../../machinery/api.ts";
import { findCondition, withCondition } from "../../machinery/conditions.ts";
import type { DeleteOptions, Eviction, KubeObject, Pod, PodDisruptionBudget } from "../../machinery/kinds/index.ts";
import { keyFor, keyOf } from "../../machinery/meta.ts";
import { isPodReady } from "../../machinery/pods.ts";
import { resourceNamed } from "../../machinery/resources.ts";
import { matchesLabels, selectorOf } from "../../machinery/selectors.ts";
import {
  badRequest,
  forbidden,
  isConflict,
  notFound,
  statusResponse,
  timeout,
  tooManyRequests,
} from "../../machinery/status.ts";
import { timeOf } from "../../machinery/time.ts";
import { note } from "../notes.ts";
import { type CallOutcome, callStore } from "../storage/calls.ts";
import { rangeOf, requestKey, storeKey } from "../storage/keys.ts";
import { getKey, readRange } from "../storage/requests.ts";
import type { ServerTurn } from "../turn.ts";
import type { Change, Flight } from "../types.ts";
import { createdStatus, plainFailure, storeFailure } from "./answers.ts";
import { admissionRefusal } from "./chain.ts";
import { preconditionFailure } from "./deletion.ts";
import { attempt, beginWrite, type Outcome, refusal } from "./write.ts";

const PODS = "pods";
const BUDGETS = "poddisruptionbudgets";
/** eviction.go, EvictionsRetry. There each try waits for 500 ms. */
const TRIES_MAX = 20;
/** eviction.go, MaxDisruptedPodSize. */
const DISRUPTED_PODS_MAX = 2000;
const CANNOT = "Cannot evict pod as it would violate the pod's disruption budget.";

/** registry/core/pod/storage/eviction.go, Create: the pod is read from the store. */
export function startEviction(turn: ServerTurn, flight: Flight, request: CreateRequest): void {
  if (request.object.metadata.name !== request.name) {
    turn.refuse(flight, badRequest("name in URL does not match name in Eviction object"));
    return;
  }
  const refused = admissionRefusal(turn, flight, request.object, null);
  if (refused !== null) {
    turn.refuse(flight, refused);
    return;
  }
  turn.setFlight({ ...flight, stage: { kind: "evictPod" } });
  const key = requestKey(resourceNamed(PODS), request.namespace, request.name);
  callStore(turn, "flight", flight.id, getKey(storeKey(PODS, key)));
}

function optionsOf({ request }: Flight): DeleteOptions {
  return ((request as CreateRequest).object as Eviction).deleteOptions ?? {};
}

/** The pod of an eviction was read. One that is no disruption any more is deleted without a look at budgets (canIgnorePDB). */
export function evictionPodRead(turn: ServerTurn, flight: Flight, response: CallOutcome): void {
  if (response === null || response.kind !== "range") {
    turn.refuse(flight, storeFailure(response?.kind === "error" ? response.code : null));
    return;
  }
  const kv = response.kvs[0];
  const { name, namespace } = flight.request as CreateRequest;
  if (kv === undefined) {
    turn.refuse(flight, notFound(PODS, name));
    return;
  }
  const pod = turn.decode(kv) as Pod;
  const failed = preconditionFailure(turn, PODS, optionsOf(flight), pod);
  if (failed !== null) {
    turn.refuse(flight, failed);
    return;
  }
  if (canIgnoreBudgets(pod)) {
    turn.note(note.evictedWithoutBudget);
    // A pending pod may have become one that counts.
    const guarded = pod.status?.phase === "Pending" && pod.metadata.deletionTimestamp === undefined;
    deletePod(turn, { ...flight, live: pod, guarded }, pod);
    return;
  }
  turn.setFlight({ ...flight, live: pod, stage: { kind: "evictBudgets", pod } });
  callStore(turn, "flight", flight.id, readRange(rangeOf(resourceNamed(BUDGETS), namespace), 0, 0));
}

/** eviction.go, canIgnorePDB: terminal and pending pods, and those that are being deleted. */
function canIgnoreBudgets({ metadata, status }: Pod): boolean {
  const phase = status?.phase;
  if (phase === "Succeeded" || phase === "Failed" || phase === "Pending") return true;
  return metadata.deletionTimestamp !== undefined;
}

/** The budgets of the pod's namespace were read (eviction.go, getPodDisruptionBudgets). */
export function evictionBudgetsRead(turn: ServerTurn, flight: Flight, read: KubeObject, response: CallOutcome): void {
  if (response === null || response.kind !== "range") {
    turn.refuse(flight, storeFailure(response?.kind === "error" ? response.code : null));
    return;
  }
  const pod = read as Pod;
  const budgets = (response.kvs.map((kv) => turn.decode(kv)) as PodDisruptionBudget[]).filter(({ spec }) =>
    matchesLabels(selectorOf(spec.selector), pod.metadata.labels),
  );
  const [budget] = budgets;
  if (budgets.length > 1) {
    turn.note(note.evictionTooManyBudgets);
    const message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    turn.refuse(flight, plainFailure(500, message));
  } else if (budget === undefined) {
    turn.note(note.evictedWithoutBudget);
    markPod(turn, flight, pod);
  } else if (!isPodReady(pod) && mayGoUnhealthy(budget)) {
    turn.note(note.evictedUnhealthy);
    markPod(turn, { ...flight, budget: budget.metadata.name, guarded: true }, pod);
  } else {
    const named = { ...flight, budget: budget.metadata.name };
    attempt(turn, named, BUDGETS, keyOf(budget), { kind: "budget", pod: pod.metadata.name }, budget, false);
  }
}

/** A pod that is not ready does not count: it may go if the budget allows that always, or is met without it. */
function mayGoUnhealthy({ spec, status }: PodDisruptionBudget): boolean {
  if (spec.unhealthyPodEvictionPolicy === "AlwaysAllow") return true;
  const desired = status?.desiredHealthy ?? 0;
  return desired > 0 && (status?.currentHealthy ?? 0) >= desired;
}

/** eviction.go, checkAndDecrement: the budget's controller must have seen it, and must have left something. */
export function checkAndDecrement(turn: ServerTurn, flight: Flight, pod: string, existing: KubeObject | null): Outcome {
  if (existing === null) return refusal(notFound(BUDGETS, flight.budget));
  if (flight.conflicts >= TRIES_MAX)
    return refusal(timeout(`couldn't update PodDisruptionBudget "${flight.budget}" due to conflicts`, 10));
  const budget = existing as PodDisruptionBudget;
  const { name, generation } = budget.metadata;
  const { status } = budget;
  if (status === undefined || (status.observedGeneration ?? 0) < (generation ?? 0)) {
    turn.note(note.evictionBudgetUnprocessed);
    return refusal(unprocessed(name));
  }
  if (status.disruptionsAllowed < 0) return refusal(forbidden(BUDGETS, name, "pdb disruptions allowed is negative"));
  const disruptedPods = status.disruptedPods ?? {};
  if (Object.keys(disruptedPods).length > DISRUPTED_PODS_MAX)
    return refusal(
      forbidden(BUDGETS, name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller"),
    );
  if (status.disruptionsAllowed === 0) {
    turn.note(note.evictionRefused);
    const { desiredHealthy, currentHealthy } = status;
    const message = `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
    return refusal(tooManyRequests(CANNOT, 0, [{ reason: "DisruptionBudget", message }]));
  }
  const left = status.disruptionsAllowed - 1;
  const taken = {
    ...status,
    disruptionsAllowed: left,
    disruptedPods: { ...disruptedPods, [pod]: timeOf(turn.wall) },
  };
  const object = { ...budget, status: left === 0 ? exhausted(turn, taken) : taken } as PodDisruptionBudget;
  return { kind: "put", object, thenRemove: false };
}

type BudgetStatus = NonNullable<PodDisruptionBudget["status"]>;

function exhausted(turn: ServerTurn, status: BudgetStatus): BudgetStatus {
  const old = findCondition(status.conditions, "DisruptionAllowed");
  const { observedGeneration } = status;
  const condition = {
    type: "DisruptionAllowed",
    status: "False" as const,
    reason: "InsufficientPods",
    message: old?.message ?? "",
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
  };
  return { ...status, conditions: withCondition(status.conditions, condition, timeOf(turn.wall)) };
}

/** eviction.go, createTooManyRequestsError. */
function unprocessed(budget: string): ReturnType<typeof tooManyRequests> {
  const message = `The disruption budget ${budget} is still being processed by the server.`;
  return tooManyRequests(CANNOT, 10, [{ reason: "DisruptionBudget", message }]);
}

/** The budget has one less: the pod goes. */
export function budgetTaken(turn: ServerTurn, flight: Flight): void {
  turn.note(note.evictedWithinBudget);
  markPod(turn, flight, flight.live as Pod);
}

/**
 * eviction.go, addConditionAndDeletePod: the pod is told that it is evicted, and then deleted. By its UID, so that
 * another of the same name is left alone; the real one leaves that to who asks.
 */
function markPod(turn: ServerTurn, flight: Flight, pod: Pod): void {
  const uid = pod.metadata.uid ?? "";
  beginWrite(turn, flight, PODS, keyOf(pod), { kind: "evicted", uid, options: deleteOptions(flight, pod) });
}

function deletePod(turn: ServerTurn, flight: Flight, pod: Pod): void {
  const { namespace, name } = pod.metadata;
  const key = keyFor(namespace ?? "", name);
  beginWrite(turn, flight, PODS, key, { kind: "delete", options: deleteOptions(flight, pod) });
}

/** Where a budget was passed over, the pod must still be at the version for which that was right. */
function deleteOptions(flight: Flight, { metadata }: Pod): DeleteOptions {
  const options = optionsOf(flight);
  const { resourceVersion } = metadata;
  const uid = metadata.uid ?? "";
  const asked = options.preconditions ?? {};
  const isGuarded = flight.guarded && asked.resourceVersion === undefined && resourceVersion !== undefined;
  return { ...options, preconditions: { ...asked, uid, ...(isGuarded ? { resourceVersion } : {}) } };
}

/** The condition by which a pod is told (DisruptionTarget). */
export function markEvicted(
  turn: ServerTurn,
  flight: Flight,
  { options }: Extract<Change, { readonly kind: "evicted" }>,
  existing: KubeObject | null,
): Outcome {
  if (existing === null) return refusal(notFound(PODS, (flight.request as CreateRequest).name));
  const failed = preconditionFailure(turn, PODS, options, existing);
  if (failed !== null) return refusal(failed);
  const pod = existing as Pod;
  const condition = {
    type: "DisruptionTarget",
    status: "True" as const,
    reason: "EvictionByEvictionAPI",
    message: "Eviction API: evicting",
  };
  const conditions = withCondition(pod.status?.conditions, condition, timeOf(turn.wall));
  return { kind: "put", object: { ...pod, status: { ...pod.status, conditions } } as Pod, thenRemove: false };
}

/** The pod knows; now it is deleted, at the version that it has by that. */
export function podMarked(
  turn: ServerTurn,
  flight: Flight,
  { options }: Extract<Change, { readonly kind: "evicted" }>,
  pod: KubeObject,
): void {
  const { resourceVersion } = pod.metadata;
  const preconditions =
    options.preconditions?.resourceVersion === undefined || resourceVersion === undefined
      ? options.preconditions
      : { ...options.preconditions, resourceVersion };
  const change: Change = { kind: "delete", options: { ...options, ...(preconditions ? { preconditions } : {}) } };
  attempt(turn, flight, PODS, keyOf(pod), change, pod, false);
}

export function evicted(turn: ServerTurn, flight: Flight): void {
  turn.finish(flight, createdStatus());
}

/** Whoever lost the race for a pod that needed no budget asks again (eviction.go, createTooManyRequestsError). */
export function evictionFailed(turn: ServerTurn, flight: Flight, response: ApiResponse): void {
  const mayRetry = flight.guarded && optionsOf(flight).preconditions?.resourceVersion === undefined;
  turn.finish(flight, mayRetry && isConflict(response) ? statusResponse(unprocessed(flight.budget)) : response);
}
