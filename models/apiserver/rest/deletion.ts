import type { ApiResponse, ResourceName, Status } from "../../machinery/api.ts";
import type { DeleteOptions, KubeObject, Namespace, ObjectMeta, Uid } from "../../machinery/kinds/index.ts";
import { splitKey, withMeta, withoutMeta } from "../../machinery/meta.ts";
import { conflict, notFound, objectResponse, statusResponse, success } from "../../machinery/status.ts";
import { timeOf, wallOf } from "../../machinery/time.ts";
import { note } from "../notes.ts";
import type { Strategy } from "../strategy.ts";
import type { ServerTurn } from "../turn.ts";
import type { Flight } from "../types.ts";
import { deleted } from "./answers.ts";
import { admissionRefusal } from "./chain.ts";
import { collectNext } from "./collection.ts";
import { evicted, evictionFailed } from "./eviction.ts";
import { type Outcome, refusal } from "./write.ts";

const SECOND_US = 1_000_000;
const ORPHAN = "orphan";
const FOREGROUND = "foregroundDeletion";

/** What becomes of an object that is to be deleted (registry/store.go, Delete). */
export function deletionOf(
  turn: ServerTurn,
  flight: Flight,
  resource: ResourceName,
  name: string,
  options: DeleteOptions,
  existing: KubeObject | null,
): Outcome {
  if (existing === null) return refusal(notFound(resource, name));
  const failed = preconditionFailure(turn, resource, options, existing);
  if (failed !== null) return refusal(failed);
  if (flight.request.verb === "delete") {
    const refused = admissionRefusal(turn, flight, null, existing);
    if (refused !== null) return refusal(refused);
  }
  const strategy = turn.strategyFor(resource, existing);
  if (resource === "namespaces") return namespaceDeletion(turn, strategy, options, existing as Namespace);
  return markedOrRemoved(turn, strategy, options, existing);
}

/** rest/delete.go, BeforeDelete: "Checking the Preconditions here to fail early". */
export function preconditionFailure(
  turn: ServerTurn,
  resource: ResourceName,
  options: DeleteOptions,
  { metadata }: KubeObject,
): Status | null {
  const uid = options.preconditions?.uid;
  if (uid !== undefined && uid !== metadata.uid) {
    turn.note(note.uidConflict);
    const message = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    return conflict(resource, metadata.name, message);
  }
  const version = options.preconditions?.resourceVersion;
  if (version !== undefined && version !== metadata.resourceVersion) {
    turn.note(note.versionConflict);
    const message = `the ResourceVersion in the precondition (${version}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    return conflict(resource, metadata.name, message);
  }
  return null;
}

function markedOrRemoved(turn: ServerTurn, strategy: Strategy, options: DeleteOptions, existing: KubeObject): Outcome {
  const grace = graceOf(turn, strategy, options, existing);
  if (grace.kind === "pending") {
    turn.note(note.deletionPending);
    return { kind: "answer", response: objectResponse(existing) };
  }
  const before = existing.metadata.finalizers ?? [];
  const finalizers = finalizersOf(turn, strategy, options, before);
  const isGraceful = grace.kind === "graceful";
  if (!isGraceful && before.length === 0 && finalizers.length === 0) {
    turn.note(note.deletionImmediate);
    return { kind: "remove", object: existing };
  }
  const held = withFinalizers(existing, finalizers);
  const object = isGraceful ? withMeta(held, grace.meta) : finalizers.length > 0 ? markedAsDeleting(turn, held) : held;
  turn.note(note.deletionMarked);
  // With finalizers it stays until they are gone; without, it goes at once if there is no grace.
  const thenRemove = finalizers.length === 0 && (!isGraceful || grace.meta.deletionGracePeriodSeconds === 0);
  return { kind: "put", object, thenRemove };
}

type Grace =
  /** It is deleted without grace. */
  | { readonly kind: "none" }
  /** It is being deleted already, and no sooner by this. */
  | { readonly kind: "pending" }
  | { readonly kind: "graceful"; readonly meta: Partial<ObjectMeta> };

/** rest/delete.go, BeforeDelete: "if we are already being deleted, we may only shorten the deletion grace period". */
function graceOf(turn: ServerTurn, strategy: Strategy, options: DeleteOptions, existing: KubeObject): Grace {
  const { deletionTimestamp, deletionGracePeriodSeconds, generation } = existing.metadata;
  const requested = requestedGrace(options);
  const seconds = strategy.gracePeriodSeconds(existing, requested);
  if (seconds === null) return { kind: "none" };
  if (deletionTimestamp !== undefined) {
    const current = deletionGracePeriodSeconds ?? 0;
    if (current === 0) return { kind: "none" };
    if (requested === null || requested >= current) return { kind: "pending" };
    turn.note(note.deletionShortened);
    const at = wallOf(deletionTimestamp) - (current - requested) * SECOND_US;
    return { kind: "graceful", meta: { deletionTimestamp: timeOf(at), deletionGracePeriodSeconds: requested } };
  }
  // "Controllers of the object that's being deleted shouldn't take any nontrivial actions", hence the generation.
  const counted = generation === undefined ? {} : { generation: generation + 1 };
  const at = timeOf(turn.wall + seconds * SECOND_US);
  return { kind: "graceful", meta: { ...counted, deletionTimestamp: at, deletionGracePeriodSeconds: seconds } };
}

/** "Negative values will be treated as the value `1s` on the delete path." */
function requestedGrace({ gracePeriodSeconds }: DeleteOptions): number | null {
  if (gracePeriodSeconds === undefined) return null;
  return gracePeriodSeconds < 0 ? 1 : gracePeriodSeconds;
}

/** registry/store.go, markAsDeleting: for what has finalizers, but no grace. */
function markedAsDeleting(turn: ServerTurn, existing: KubeObject): KubeObject {
  const { deletionTimestamp, generation } = existing.metadata;
  const counted = deletionTimestamp === undefined && generation !== undefined ? { generation: generation + 1 } : {};
  const isLater = deletionTimestamp === undefined || wallOf(deletionTimestamp) > turn.wall;
  const at = isLater ? timeOf(turn.wall) : deletionTimestamp;
  return withMeta(existing, { ...counted, deletionTimestamp: at, deletionGracePeriodSeconds: 0 });
}

/** registry/store.go, deletionFinalizersForGarbageCollection: an option over a finalizer over the kind's default. */
function finalizersOf(
  turn: ServerTurn,
  strategy: Strategy,
  options: DeleteOptions,
  before: readonly string[],
): readonly string[] {
  const policy = options.propagationPolicy ?? policyOf(before) ?? strategy.defaultPropagation;
  const others = before.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
  const added = policy === "Orphan" ? ORPHAN : policy === "Foreground" ? FOREGROUND : null;
  if (added === null) return others.length === before.length ? before : others;
  if (before.includes(added) && before.length === others.length + 1) return before;
  turn.note(policy === "Orphan" ? note.orphanAsked : note.foregroundAsked);
  return [...others, added];
}

function policyOf(finalizers: readonly string[]): "Orphan" | "Foreground" | null {
  for (const finalizer of finalizers) {
    if (finalizer === ORPHAN) return "Orphan";
    if (finalizer === FOREGROUND) return "Foreground";
  }
  return null;
}

function withFinalizers(object: KubeObject, finalizers: readonly string[]): KubeObject {
  if (finalizers === object.metadata.finalizers) return object;
  return finalizers.length === 0 ? withoutMeta(object, "finalizers") : withMeta(object, { finalizers });
}

/**
 * registry/core/namespace/storage, Delete: at first a namespace is only marked; it goes when its content is gone, and
 * with it the finalizers of its spec.
 */
function namespaceDeletion(turn: ServerTurn, strategy: Strategy, options: DeleteOptions, existing: Namespace): Outcome {
  if (existing.metadata.deletionTimestamp === undefined) {
    turn.note(note.deletionMarked);
    const finalizers = finalizersOf(turn, strategy, options, existing.metadata.finalizers ?? []);
    const marked = withMeta(withFinalizers(existing, finalizers), { deletionTimestamp: timeOf(turn.wall) });
    const status = { ...existing.status, phase: "Terminating" as const };
    return { kind: "put", object: { ...marked, status } as Namespace, thenRemove: false };
  }
  if ((existing.spec?.finalizers ?? []).length > 0) {
    turn.note(note.deletionPending);
    return { kind: "answer", response: objectResponse(existing) };
  }
  return markedOrRemoved(turn, strategy, options, existing);
}

/** The second write of a deletion without grace; what has another UID is another object. */
export function removalOf(
  turn: ServerTurn,
  resource: ResourceName,
  key: string,
  uid: Uid,
  existing: KubeObject | null,
): Outcome {
  if (existing === null || existing.metadata.uid !== uid) return refusal(notFound(resource, splitKey(key)[1]));
  // Somebody has added a finalizer in between; its removal will delete the object.
  if ((existing.metadata.finalizers ?? []).length > 0) return { kind: "answer", response: objectResponse(existing) };
  turn.note(note.deletionImmediate);
  return { kind: "remove", object: existing };
}

/** A deletion, or one of many, is done. `isGone`: nothing is left of the object; null: it went already. */
export function deletionDone(turn: ServerTurn, flight: Flight, object: KubeObject | null, isGone: boolean): void {
  const { request } = flight;
  switch (request.verb) {
    case "deletecollection":
      collectNext(turn, flight);
      return;
    case "create":
      evicted(turn, flight);
      return;
    default:
      turn.finish(flight, deletionAnswer(request.resource, object, isGone));
  }
}

function deletionAnswer(resource: ResourceName, object: KubeObject | null, isGone: boolean): ApiResponse {
  if (object === null) return statusResponse(success());
  return isGone ? deleted(resource, object) : objectResponse(object);
}

/** A deletion that is a part of something larger was refused. */
export function deletionFailed(turn: ServerTurn, flight: Flight, response: ApiResponse): void {
  if (flight.request.verb !== "deletecollection") {
    evictionFailed(turn, flight, response);
    return;
  }
  // registry/store.go, DeleteCollection: what went already, or was replaced, does not matter.
  const reason = response.kind === "status" ? response.status.reason : "";
  if (reason === "NotFound" || reason === "Conflict") collectNext(turn, flight);
  else turn.finish(flight, response);
}
