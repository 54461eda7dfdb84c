import { mapGet, unreachable } from "../../kernel/index.ts";
import type { ApiResponse, ResourceName, Status } from "../../machinery/api.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { KubeObject } from "../../machinery/kinds/index.ts";
import { revisionOf, splitKey } from "../../machinery/meta.ts";
import { objectResponse, statusResponse } from "../../machinery/status.ts";
import { note } from "../notes.ts";
import { type CallOutcome, callStore } from "../storage/calls.ts";
import { atRevision } from "../storage/codec.ts";
import { storeKey } from "../storage/keys.ts";
import { deleteIfAt, getKey, writeIfAt } from "../storage/requests.ts";
import type { ServerTurn } from "../turn.ts";
import type { Allocation, Change, Flight, Stage } from "../types.ts";
import { storeFailure } from "./answers.ts";
import { bindingOf } from "./binding.ts";
import { deletionDone, deletionFailed, deletionOf, removalOf } from "./deletion.ts";
import { budgetTaken, checkAndDecrement, markEvicted, podMarked } from "./eviction.ts";
import { failed, giveBack, planOf, releasedBy, revert, takeForUpdate } from "./services.ts";
import { answerOfUpdate, updateOf } from "./update.ts";

/** What is to be done with an object, seen as it is. */
export type Outcome =
  /** It is written. `thenRemove`: and removed by a write of its own. */
  | { readonly kind: "put"; readonly object: KubeObject; readonly thenRemove: boolean }
  /** It is removed. `object` is what the answer shows. */
  | { readonly kind: "remove"; readonly object: KubeObject }
  /** Nothing is written: it is refused, or it is as it should be. */
  | { readonly kind: "answer"; readonly response: ApiResponse };

type Writing = Extract<Stage, { readonly kind: "write" }>;

export function refusal(status: Status): Outcome {
  return { kind: "answer", response: statusResponse(status) };
}

/**
 * Writes one object (etcd3/store.go, GuaranteedUpdate): what is to be done is computed from what the cache has, or the
 * store, and written if the object is still at that version; else it is computed anew.
 */
export function beginWrite(
  turn: ServerTurn,
  flight: Flight,
  resource: ResourceName,
  key: string,
  change: Change,
): void {
  const cache = turn.caches[turn.positionOf(resource)]!;
  const cached = turn.reflector.phase === "ready" ? mapGet(cache.objects, key) : undefined;
  if (cached === undefined) readFirst(turn, flight, resource, key, change);
  else attempt(turn, flight, resource, key, change, cached, true);
}

function readFirst(turn: ServerTurn, flight: Flight, resource: ResourceName, key: string, change: Change): void {
  turn.setFlight({ ...flight, stage: { kind: "read", resource, key, change } });
  callStore(turn, "flight", flight.id, getKey(storeKey(resource, key)));
}

/** The object of a write has been read from the store. */
export function readAnswered(
  turn: ServerTurn,
  flight: Flight,
  { resource, key, change }: Extract<Stage, { readonly kind: "read" }>,
  response: CallOutcome,
): void {
  if (response === null || response.kind !== "range") {
    turn.refuse(flight, storeFailure(response?.kind === "error" ? response.code : null));
    return;
  }
  const kv = response.kvs[0];
  attempt(turn, flight, resource, key, change, kv === undefined ? null : turn.decode(kv), false);
}

/** One attempt of a write. What the cache has is not enough to refuse, or to leave all as it is: it may be old. */
export function attempt(
  turn: ServerTurn,
  flight: Flight,
  resource: ResourceName,
  key: string,
  change: Change,
  existing: KubeObject | null,
  fromCache: boolean,
): void {
  let outcome = outcomeOf(turn, flight, resource, key, change, existing);
  if (outcome.kind === "put" && existing !== null && changesNothing(outcome.object, existing) && !outcome.thenRemove) {
    if (!fromCache) turn.note(note.unchanged);
    outcome = { kind: "answer", response: putAnswer(turn, flight, change, existing) };
  }
  if (outcome.kind === "answer" && fromCache) {
    turn.note(note.staleCacheRead);
    readFirst(turn, flight, resource, key, change);
    return;
  }
  if (outcome.kind === "answer" || existing === null) {
    if (outcome.kind === "answer") settle(turn, flight, change, outcome.response);
    return;
  }
  const { object } = outcome;
  if (isDryRun(flight)) {
    turn.finish(flight, putAnswer(turn, flight, change, object));
    return;
  }
  if (resource === "services" && change.kind === "request" && outcome.kind === "put" && !outcome.thenRemove) {
    updateService(turn, flight, key, object, existing, fromCache);
    return;
  }
  const revision = revisionOf(existing);
  const isPut = outcome.kind === "put";
  turn.setFlight({
    ...flight,
    stage: {
      kind: "write",
      resource,
      key,
      change,
      object: isPut ? object : null,
      old: isPut ? existing : object,
      revision,
      thenRemove: outcome.kind === "put" && outcome.thenRemove,
      allocation: null,
    },
  });
  const at = storeKey(resource, key);
  callStore(turn, "flight", flight.id, isPut ? writeIfAt(at, revision, turn.encode(object)) : deleteIfAt(at, revision));
}

/** A service is written when it has what it needs beside what it had. That is taken for the service as it is in the store. */
function updateService(
  turn: ServerTurn,
  flight: Flight,
  key: string,
  object: KubeObject,
  existing: KubeObject,
  fromCache: boolean,
): void {
  const { before, after } = planOf(object, existing);
  if (before.length === 0) putIfAt(turn, flight, key, object, existing, { taken: [], after });
  else if (fromCache) readFirst(turn, flight, "services", key, { kind: "request" });
  else takeForUpdate(turn, flight, object, before, { kind: "update", key, existing, after });
}

/** A service is written, if it is still as it was. */
export function putIfAt(
  turn: ServerTurn,
  flight: Flight,
  key: string,
  object: KubeObject,
  existing: KubeObject,
  allocation: Allocation,
): void {
  const revision = revisionOf(existing);
  turn.setFlight({
    ...flight,
    stage: {
      kind: "write",
      resource: "services",
      key,
      change: { kind: "request" },
      object,
      old: existing,
      revision,
      thenRemove: false,
      allocation,
    },
  });
  callStore(turn, "flight", flight.id, writeIfAt(storeKey("services", key), revision, turn.encode(object)));
}

/** registry/store.go: an update that changes nothing is no write, and the version stays. */
function changesNothing(object: KubeObject, existing: KubeObject): boolean {
  return sameFields(object, existing, "metadata") && sameFields(object.metadata, existing.metadata, "resourceVersion");
}

/** As {@link deepEqual}, but for one field. */
function sameFields(one: object, two: object, except: string): boolean {
  let more = 0;
  for (const key in one) {
    if (key === except) continue;
    more++;
    if (!Object.hasOwn(two, key) || !deepEqual(one[key as keyof object], two[key as keyof object])) return false;
  }
  for (const key in two) if (key !== except) more--;
  return more === 0;
}

function isDryRun({ request }: Flight): boolean {
  return (request.verb === "update" || request.verb === "patch" || request.verb === "create") && request.dryRun;
}

function outcomeOf(
  turn: ServerTurn,
  flight: Flight,
  resource: ResourceName,
  key: string,
  change: Change,
  existing: KubeObject | null,
): Outcome {
  switch (change.kind) {
    case "request":
      return requestOutcome(turn, flight, existing);
    case "delete":
      return deletionOf(turn, flight, resource, splitKey(key)[1], change.options, existing);
    case "remove":
      return removalOf(turn, resource, key, change.uid, existing);
    case "budget":
      return checkAndDecrement(turn, flight, change.pod, existing);
    case "evicted":
      return markEvicted(turn, flight, change, existing);
    default:
      return unreachable(change);
  }
}

function requestOutcome(turn: ServerTurn, flight: Flight, existing: KubeObject | null): Outcome {
  const { request } = flight;
  switch (request.verb) {
    case "update":
    case "patch":
      return updateOf(turn, flight, request, existing);
    case "delete":
      return deletionOf(turn, flight, request.resource, request.name, request.options, existing);
    default:
      return bindingOf(turn, flight, existing);
  }
}

/** The answer of what was, or would have been, written. */
function putAnswer(turn: ServerTurn, flight: Flight, change: Change, object: KubeObject): ApiResponse {
  const { request } = flight;
  if (change.kind !== "request" || request.verb === "delete") return objectResponse(object);
  return answerOfUpdate(turn, flight, object);
}

/** The store has carried out a write, or found another version. */
export function writeAnswered(turn: ServerTurn, flight: Flight, stage: Writing, response: CallOutcome): void {
  const { resource, key, change, object, allocation } = stage;
  if (response === null || response.kind !== "txn") {
    const status = storeFailure(response?.kind === "error" ? response.code : null);
    failed(turn, flight, stage.old, allocation, response, statusResponse(status));
    return;
  }
  if (response.succeeded) {
    const stored = object === null ? null : atRevision(object, response.revision);
    if (stage.thenRemove && stored !== null) {
      const uid = stored.metadata.uid ?? "";
      attempt(turn, flight, resource, key, { kind: "remove", uid }, stored, false);
    } else writtenOnce(turn, flight, stage, stored ?? atRevision(stage.old, response.revision));
    return;
  }
  turn.note(note.writeConflict);
  const read = response.responses[0];
  const kv = read?.kind === "range" ? read.kvs[0] : undefined;
  const existing = kv === undefined ? null : turn.decode(kv);
  const again = { ...flight, conflicts: flight.conflicts + 1 };
  if (allocation !== null && allocation.taken.length > 0)
    revert(turn, again, stage.old, allocation, { kind: "again", key, existing });
  else attempt(turn, again, resource, key, change, existing, false);
}

/** A write has just been done: of a service, what it has no use for is given back first. */
function writtenOnce(turn: ServerTurn, flight: Flight, stage: Writing, object: KubeObject): void {
  const changes = releasedBy(turn, stage);
  if (changes.length === 0) written(turn, flight, stage, object);
  else giveBack(turn, flight, stage.old, changes, { kind: "written", stage, object });
}

/** A write is done: the request is answered, or goes on with its next one. */
export function written(turn: ServerTurn, flight: Flight, stage: Writing, object: KubeObject): void {
  const { change } = stage;
  const isGone = stage.object === null;
  switch (change.kind) {
    case "request":
      if (flight.request.verb === "delete") deletionDone(turn, flight, object, isGone);
      else turn.finish(flight, putAnswer(turn, flight, change, object));
      return;
    case "delete":
      deletionDone(turn, flight, object, isGone);
      return;
    case "remove":
      deletionDone(turn, flight, object, true);
      return;
    case "budget":
      budgetTaken(turn, flight);
      return;
    case "evicted":
      podMarked(turn, flight, change, object);
      return;
    default:
      unreachable(change);
  }
}

/** A write is not made: it is refused, or all is as it should be. */
function settle(turn: ServerTurn, flight: Flight, change: Change, response: ApiResponse): void {
  switch (change.kind) {
    case "request":
      turn.finish(flight, response);
      return;
    case "delete":
      if (response.kind === "object") deletionDone(turn, flight, response.object, false);
      else deletionFailed(turn, flight, response);
      return;
    case "remove":
      // It went already, by somebody else (registry/store.go, ignoreNotFound), or has got a finalizer.
      if (response.kind === "object") deletionDone(turn, flight, response.object, false);
      else deletionDone(turn, flight, null, true);
      return;
    case "budget":
      turn.finish(flight, response);
      return;
    case "evicted":
      if (response.kind === "object") podMarked(turn, flight, change, response.object);
      else deletionFailed(turn, flight, response);
      return;
    default:
      unreachable(change);
  }
}
