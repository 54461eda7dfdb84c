import type { ApiResponse, PatchRequest, Status, UpdateRequest } from "../../machinery/api.ts";
import type { Json, KubeObject, Namespace, Scale } from "../../machinery/kinds/index.ts";
import { withMeta } from "../../machinery/meta.ts";
import { mergePatch, strategicMergePatch } from "../../machinery/patch.ts";
import { resourceNamed } from "../../machinery/resources.ts";
import { badRequest, conflict, invalid, notFound, objectResponse, uidConflict } from "../../machinery/status.ts";
import { note } from "../notes.ts";
import type { FieldError, Strategy } from "../strategy.ts";
import type { ServerTurn } from "../turn.ts";
import type { Flight } from "../types.ts";
import { admissionRefusal, admit, invalidity } from "./chain.ts";
import { scaled, scaleOf } from "./scale.ts";
import { type Outcome, refusal } from "./write.ts";

type Updating = UpdateRequest | PatchRequest;

/** What becomes of an object by an update or a patch (registry/store.go, Update). */
export function updateOf(turn: ServerTurn, flight: Flight, request: Updating, existing: KubeObject | null): Outcome {
  const { resource, name } = request;
  const wanted = uidOf(request);
  if (wanted !== null && wanted !== (existing?.metadata.uid ?? "")) {
    // Also where there is no such object: the precondition is looked at first (etcd3/store.go, GuaranteedUpdate).
    if (existing !== null || request.verb === "update") {
      turn.note(note.uidConflict);
      return refusal(uidConflict(resource, name, wanted, existing?.metadata.uid ?? ""));
    }
  }
  if (existing === null) return refusal(notFound(resource, name));
  const strategy = turn.strategyFor(resource, existing);
  const asked = askedFor(request, existing);
  const misnamed = nameFlaw(request, asked);
  if (misnamed !== null) return refusal(misnamed);
  const given = strategy.defaults(asked);
  const admitted = admit(turn, flight, given, existing);
  const stale = versionConflictOf(turn, request, strategy, admitted, existing);
  if (stale !== null) return refusal(stale);
  const { object, errors } = prepared(request, strategy, admitted, existing);
  const flaw = invalidity(turn, object, resource, errors);
  if (flaw !== null) return refusal(flaw);
  const refused = admissionRefusal(turn, flight, object, existing);
  if (refused !== null) return refusal(refused);
  if (goesWithUpdate(object, existing)) {
    turn.note(note.deletedByUpdate);
    return { kind: "remove", object };
  }
  if (request.subresource === "scale") turn.note(note.scaled);
  if (request.subresource === "finalize") turn.note(note.namespaceFinalized);
  return { kind: "put", object, thenRemove: false };
}

/** The UID that a request names, as a precondition; null where it names none. */
function uidOf(request: Updating): string | null {
  const given = request.verb === "update" ? request.object : (request.patch as { metadata?: { uid?: unknown } } | null);
  const uid = given?.metadata?.uid;
  return typeof uid === "string" && uid !== "" ? uid : null;
}

/** The object that the client wants, in full. */
function askedFor(request: Updating, existing: KubeObject): KubeObject {
  if (request.subresource === "scale") {
    const scale = scaleOf(existing);
    return scaled(existing, (request.verb === "update" ? request.object : patched(request, scale)) as Scale);
  }
  const asked = request.verb === "update" ? request.object : patched(request, existing);
  const { namespace } = existing.metadata;
  const placed =
    namespace === undefined || asked.metadata.namespace !== undefined ? asked : withMeta(asked, { namespace });
  if (request.subresource !== "finalize") return placed;
  const finalizers = (placed as Namespace).spec?.finalizers ?? [];
  const { resourceVersion } = placed.metadata;
  const versioned =
    resourceVersion === undefined ? withoutVersionOf(existing) : withMeta(existing, { resourceVersion });
  return { ...versioned, spec: { ...(existing as Namespace).spec, finalizers } } as Namespace;
}

function withoutVersionOf(object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** apiserver endpoints/handlers/patch.go: a patch is of what is there now, unless it names a version. */
function patched({ type, patch }: PatchRequest, existing: KubeObject): KubeObject {
  const target = existing as unknown as Json;
  return (type === "merge" ? mergePatch(target, patch) : strategicMergePatch(target, patch)) as unknown as KubeObject;
}

/** apiserver endpoints/handlers/update.go and rest.go, checkName: an object stays what it is called. */
function nameFlaw({ name, namespace, resource, subresource }: Updating, { metadata }: KubeObject): Status | null {
  if (subresource === "scale") return null;
  if (metadata.name !== name)
    return badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  if (resourceNamed(resource).namespaced && namespace !== "" && metadata.namespace !== namespace)
    return badRequest(
      `the namespace of the object (${metadata.namespace ?? ""}) does not match the namespace on the request (${namespace})`,
    );
  return null;
}

/** registry/store.go, Update: a given resourceVersion must be the stored one; none is given only where that is allowed. */
function versionConflictOf(
  turn: ServerTurn,
  { resource, name, verb }: Updating,
  strategy: Strategy,
  object: KubeObject,
  existing: KubeObject,
): Status | null {
  const version = object.metadata.resourceVersion ?? "";
  if (version === "" || version === "0") {
    if (verb === "patch" || strategy.resource.unconditionalUpdate) return null;
    const flaw = { field: "metadata.resourceVersion", reason: "FieldValueInvalid", message: "" };
    const message = "Invalid value: 0: must be specified for an update";
    return invalid(resource, existing.kind, name, [{ ...flaw, message }]);
  }
  if (version === existing.metadata.resourceVersion) return null;
  turn.note(note.versionConflict);
  return conflict(resource, name);
}

interface Prepared {
  readonly object: KubeObject;
  readonly errors: readonly FieldError[];
}

/** rest/update.go, BeforeUpdate. Status and spec do not mix: each has its own way in (S16). */
function prepared({ subresource }: Updating, strategy: Strategy, object: KubeObject, old: KubeObject): Prepared {
  const kept = withKeptMeta(object, old);
  switch (subresource) {
    case "status": {
      const next = strategy.prepareForStatusUpdate(kept, old);
      return { object: next, errors: strategy.validateStatusUpdate(next, old) };
    }
    case "finalize":
      return { object: kept, errors: [] };
    default: {
      const next = strategy.prepareForUpdate(kept, old);
      return { object: next, errors: strategy.validateUpdate(next, old) };
    }
  }
}

/** Metadata that an update cannot change, and need not repeat (rest/update.go, BeforeUpdate). */
function withKeptMeta(object: KubeObject, { metadata: old }: KubeObject): KubeObject {
  const { metadata } = object;
  if (
    (metadata.uid !== undefined || old.uid === undefined) &&
    (old.creationTimestamp === undefined || metadata.creationTimestamp === old.creationTimestamp) &&
    metadata.generation === old.generation &&
    metadata.deletionTimestamp === old.deletionTimestamp &&
    metadata.deletionGracePeriodSeconds === old.deletionGracePeriodSeconds &&
    (metadata.generateName !== undefined || old.generateName === undefined)
  )
    return object;
  const kept: { -readonly [K in keyof KubeObject["metadata"]]: KubeObject["metadata"][K] } = { ...metadata };
  if (kept.uid === undefined && old.uid !== undefined) kept.uid = old.uid;
  if (old.creationTimestamp !== undefined) kept.creationTimestamp = old.creationTimestamp;
  if (old.generation === undefined) delete kept.generation;
  else kept.generation = old.generation;
  // "an update can never remove/change a deletion timestamp", nor set one.
  if (old.deletionTimestamp === undefined) delete kept.deletionTimestamp;
  else kept.deletionTimestamp = old.deletionTimestamp;
  if (old.deletionGracePeriodSeconds === undefined) delete kept.deletionGracePeriodSeconds;
  else kept.deletionGracePeriodSeconds = old.deletionGracePeriodSeconds;
  if (kept.generateName === undefined && old.generateName !== undefined) kept.generateName = old.generateName;
  return { ...object, metadata: kept };
}

/** registry/store.go, ShouldDeleteDuringUpdate: the last finalizer of an object that is being deleted is gone. */
function goesWithUpdate(object: KubeObject, { metadata: old }: KubeObject): boolean {
  if (old.deletionTimestamp === undefined) return false;
  if ((object.metadata.finalizers ?? []).length > 0) return false;
  // registry/core/namespace/storage, ShouldDeleteNamespaceDuringUpdate.
  if (object.kind === "Namespace" && ((object as Namespace).spec?.finalizers ?? []).length > 0) return false;
  return (old.deletionGracePeriodSeconds ?? 0) === 0;
}

/** What a client gets back of an object that was written, or stayed as it was. */
export function answerOfUpdate(turn: ServerTurn, flight: Flight, object: KubeObject): ApiResponse {
  const { request } = flight;
  if (request.verb === "create") return { kind: "status", status: created() };
  if ("subresource" in request && request.subresource === "scale") return objectResponse(scaleOf(object));
  return objectResponse(object, warningsOf(turn, flight, object));
}

function created(): Status {
  return { kind: "Status", apiVersion: "v1", status: "Success", message: "", reason: "", code: 201 };
}

/** Fields that the API does not know are warned of, and kept. The system's own components send none. */
export function warningsOf(turn: ServerTurn, { user, request }: Flight, object: KubeObject): readonly string[] {
  if (user.startsWith("system:") || ("subresource" in request && request.subresource !== "")) return NO_WARNINGS;
  const unknown = turn.strategyFor(request.resource, object).unknownFields(object);
  return unknown.length === 0 ? NO_WARNINGS : unknown.map((field) => `unknown field "${field}"`);
}

const NO_WARNINGS: readonly string[] = [];
