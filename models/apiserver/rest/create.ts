import { mapGet } from "../../kernel/index.ts";
import type { CreateRequest, Status } from "../../machinery/api.ts";
import { nameSuffix } from "../../machinery/hash.ts";
import type { KubeObject, ObjectMeta } from "../../machinery/kinds/index.ts";
import { isDeleting, keyOf, withMeta } from "../../machinery/meta.ts";
import { resourceNamed } from "../../machinery/resources.ts";
import {
  alreadyExists,
  badRequest,
  internalError,
  methodNotAllowed,
  objectResponse,
  statusResponse,
} from "../../machinery/status.ts";
import { timeOf } from "../../machinery/time.ts";
import { note } from "../notes.ts";
import { type CallOutcome, callStore } from "../storage/calls.ts";
import { atRevision } from "../storage/codec.ts";
import { requestKey, storeKey } from "../storage/keys.ts";
import { createIfAbsent, getKey } from "../storage/requests.ts";
import type { ServerTurn } from "../turn.ts";
import type { Allocation, Flight, Stage } from "../types.ts";
import { storeFailure } from "./answers.ts";
import { admissionRefusal, admit, invalidity } from "./chain.ts";
import { startEviction } from "./eviction.ts";
import { failed, revert, takeForCreate } from "./services.ts";
import { warningsOf } from "./update.ts";
import { beginWrite } from "./write.ts";

/** registry/store.go, maxNameGenerationCreateAttempts. */
const NAME_TRIES_MAX = 8;
/** apiserver storage/names/generate.go, maxGeneratedNameLength. */
const GENERATED_BASE_MAX = 58;

type Creating = Extract<Stage, { readonly kind: "create" }>;

/** A create, or one of the subresources that are made (apiserver endpoints/handlers/create.go). */
export function startCreate(turn: ServerTurn, flight: Flight, request: CreateRequest): void {
  switch (request.subresource) {
    case "":
      createObject(turn, flight, request);
      return;
    case "binding":
      if (request.resource !== "pods") break;
      if (request.object.metadata.name === request.name) {
        const key = requestKey(resourceNamed("pods"), request.namespace, request.name);
        beginWrite(turn, flight, "pods", key, { kind: "request" });
      } else turn.refuse(flight, badRequest("name in URL does not match name in Binding object"));
      return;
    case "eviction":
      if (request.resource !== "pods") break;
      startEviction(turn, flight, request);
      return;
    default:
      break;
  }
  turn.refuse(flight, methodNotAllowed(request.resource, "create"));
}

function createObject(turn: ServerTurn, flight: Flight, request: CreateRequest): void {
  const { namespaced } = resourceNamed(request.resource);
  const flaw = createFlaw(request, namespaced);
  if (flaw !== null) {
    turn.refuse(flight, flaw);
    return;
  }
  const { namespace } = request;
  const known = mapGet(turn.caches[turn.positionOf("namespaces")]!.objects, namespace);
  if (!namespaced || known !== undefined) {
    createNow(turn, flight);
    return;
  }
  // plugin/pkg/admission/namespace/lifecycle: "forced to do a live lookup", as the cache may be behind.
  turn.note(note.namespaceLookup);
  turn.setFlight({ ...flight, stage: { kind: "namespace" } });
  callStore(turn, "flight", flight.id, getKey(storeKey("namespaces", namespace)));
}

function createFlaw({ object, namespace }: CreateRequest, namespaced: boolean): Status | null {
  const given = object.metadata.namespace;
  if (namespaced && given !== undefined && given !== "" && given !== namespace)
    return badRequest("the namespace of the provided object does not match the namespace sent on the request");
  // etcd3/store.go, ErrResourceVersionSetOnCreate.
  if ((object.metadata.resourceVersion ?? "") !== "")
    return internalError("resourceVersion should not be set on objects to be created");
  return null;
}

/** The namespace of a create was looked up. Whether that is enough, admission says. */
export function namespaceRead(turn: ServerTurn, flight: Flight, response: CallOutcome): void {
  if (response === null || response.kind !== "range") {
    turn.refuse(flight, storeFailure(response?.kind === "error" ? response.code : null));
    return;
  }
  const kv = response.kvs[0];
  createNow(turn, { ...flight, live: kv === undefined ? null : turn.decode(kv) });
}

/** registry/store.go, Create: defaults, admission, the kind's own preparation, validation, and the write. */
function createNow(turn: ServerTurn, flight: Flight): void {
  const { resource, namespace, object: given } = flight.request as CreateRequest;
  const info = resourceNamed(resource);
  const strategy = turn.strategyFor(resource, given);
  const placed = info.namespaced ? withMeta(given, { namespace }) : given;
  const admitted = admit(turn, flight, strategy.defaults(placed), null);
  const fresh = strategy.prepareForCreate(withSystemFields(turn, admitted));
  const object = fresh.metadata.name === "" ? withGeneratedName(fresh, 0) : fresh;
  const flaw = invalidity(turn, object, resource, strategy.validate(object));
  if (flaw !== null) {
    turn.refuse(flight, flaw);
    return;
  }
  const refused = admissionRefusal(turn, flight, object, null);
  if (refused !== null) {
    turn.refuse(flight, refused);
    return;
  }
  const { dryRun } = flight.request as CreateRequest;
  if (resource === "services" && !dryRun && takeForCreate(turn, flight, object)) return;
  tryCreate(turn, flight, object, 0, null);
}

/** rest/create.go, BeforeCreate, and meta.go, FillObjectMetaSystemFields: what no client says about a new object. */
function withSystemFields(turn: ServerTurn, object: KubeObject): KubeObject {
  const {
    deletionTimestamp: _,
    deletionGracePeriodSeconds: __,
    resourceVersion: ___,
    generation: ____,
    ...metadata
  } = object.metadata;
  const system = { uid: turn.newUid(), creationTimestamp: timeOf(turn.wall) };
  return { ...object, metadata: { ...metadata, ...system } as ObjectMeta };
}

/** A name of its own where there is none (apiserver storage/names, SimpleNameGenerator). */
function withGeneratedName(object: KubeObject, tries: number): KubeObject {
  const { generateName, uid } = object.metadata;
  if (generateName === undefined || generateName === "") return object;
  const name = generateName.slice(0, GENERATED_BASE_MAX) + nameSuffix(`${uid}/${tries}`);
  return withMeta(object, { name });
}

/** `allocation`: what a service has by now, but for nothing if it is not created. */
export function tryCreate(
  turn: ServerTurn,
  flight: Flight,
  object: KubeObject,
  tries: number,
  allocation: Allocation | null,
): void {
  const { resource, dryRun } = flight.request as CreateRequest;
  if (dryRun) {
    turn.finish(flight, objectResponse(object, warningsOf(turn, flight, object)));
    return;
  }
  turn.setFlight({ ...flight, stage: { kind: "create", object, tries, allocation } });
  callStore(turn, "flight", flight.id, createIfAbsent(storeKey(resource, keyOf(object)), turn.encode(object)));
}

/** The store has created the object, or has one of that name. */
export function createAnswered(turn: ServerTurn, flight: Flight, stage: Creating, response: CallOutcome): void {
  const { object, tries, allocation } = stage;
  if (response === null || response.kind !== "txn") {
    const status = storeFailure(response?.kind === "error" ? response.code : null);
    failed(turn, flight, object, allocation, response, statusResponse(status));
    return;
  }
  const request = flight.request as CreateRequest;
  if (response.succeeded) {
    turn.note(note.created);
    const stored = atRevision(object, response.revision);
    turn.finish(flight, objectResponse(stored, warningsOf(turn, flight, stored)));
    return;
  }
  const isGenerated = request.object.metadata.name === "";
  if (isGenerated && tries + 1 < NAME_TRIES_MAX) {
    turn.note(note.nameGeneratedAgain);
    tryCreate(turn, flight, withGeneratedName(object, tries + 1), tries + 1, allocation);
    return;
  }
  turn.note(note.createExists);
  const read = response.responses[0];
  const kv = read?.kind === "range" ? read.kvs[0] : undefined;
  const status = alreadyExists(request.resource, object.metadata.name);
  const isGoing = kv !== undefined && isDeleting(turn.decode(kv));
  const refused = isGoing ? { ...status, message: `object is being deleted: ${status.message}` } : status;
  revert(turn, flight, object, allocation, { kind: "answer", response: statusResponse(refused) });
}
