import { mapGet, type ProcessId, type RequestId, unreachable } from "../../kernel/index.ts";
import type { ApiClientMessage, ApiRequest, Status, UserName } from "../../machinery/api.ts";
import { resourceNamed } from "../../machinery/resources.ts";
import { methodNotAllowed, statusResponse, timeout, tooManyRequests } from "../../machinery/status.ts";
import { cacheFor } from "../cacher/listing.ts";
import { notReady, openWatch } from "../cacher/watches.ts";
import { note } from "../notes.ts";
import { type CallOutcome, forgetCalls } from "../storage/calls.ts";
import { requestKey } from "../storage/keys.ts";
import { isReadyToWrite, isWriting, type ServerTurn } from "../turn.ts";
import type { Flight } from "../types.ts";
import { collectionRead, startCollection } from "./collection.ts";
import { createAnswered, namespaceRead, startCreate } from "./create.ts";
import { evictionBudgetsRead, evictionPodRead } from "./eviction.ts";
import { getAnswered, pageAnswered, revisionAnswered, startGet, startList } from "./read.ts";
import { isScalable } from "./scale.ts";
import { givingAnswered, takingAnswered } from "./services.ts";
import { beginWrite, readAnswered, writeAnswered } from "./write.ts";

type Call = Extract<ApiClientMessage, { readonly kind: "apiCall" }>;
type Watch = Extract<ApiClientMessage, { readonly kind: "apiWatch" }>;

/** A client asks for something. */
export function apiCall(turn: ServerTurn, client: ProcessId, { id, user, request }: Call): void {
  if (mapGet(turn.flights, id) !== undefined) return;
  const refused = refusalOf(turn, user, request);
  if (refused !== null) {
    turn.send(client, { kind: "apiAnswer", id, response: statusResponse(refused) });
    return;
  }
  beginFlight(turn, client, id, user, request);
}

/** A request is under way from here until it is answered, to `client` or, where that is empty, to nobody. */
export function beginFlight(
  turn: ServerTurn,
  client: ProcessId,
  id: RequestId,
  user: UserName,
  request: ApiRequest,
): void {
  const flight: Flight = {
    id,
    client,
    user,
    request,
    deadline: turn.now + turn.config.requestTimeoutUs,
    stage: { kind: "begun" },
    left: [],
    listed: [],
    live: null,
    budget: "",
    guarded: false,
    conflicts: 0,
  };
  turn.setFlight(flight);
  if (isWriting(request.verb)) turn.writesInFlight++;
  turn.arm(flight.deadline);
  cacheFor(turn, request.resource);
  begin(turn, flight);
}

/** What a request is refused for before anything is done: the filters of the server's handler chain. */
function refusalOf(turn: ServerTurn, user: string, request: ApiRequest): Status | null {
  const { readsInFlightMax, writesInFlightMax } = turn.config;
  const writes = isWriting(request.verb);
  // filters/maxinflight.go.
  const isFull = writes
    ? turn.writesInFlight >= writesInFlightMax
    : turn.flights.size - turn.writesInFlight >= readsInFlightMax;
  if (isFull) {
    turn.note(note.overloaded);
    return tooManyRequests("Too many requests, please try again later.", 1);
  }
  const unauthorised = turn.rules.authorize(user, request);
  if (unauthorised !== null) {
    turn.note(note.unauthorised);
    return unauthorised;
  }
  if (writes && !isReadyToWrite(turn)) {
    turn.note(note.notReady);
    return notReady();
  }
  return "subresource" in request && !hasSubresource(request) ? methodNotAllowed(request.resource, request.verb) : null;
}

function hasSubresource(request: ApiRequest & { readonly subresource: string }): boolean {
  const { resource, subresource, verb } = request;
  switch (subresource) {
    case "status":
      return resourceNamed(resource).hasStatus && verb !== "create";
    case "scale":
      return isScalable(resource) && verb !== "create";
    case "finalize":
      return resource === "namespaces" && verb === "update";
    default:
      return true;
  }
}

function begin(turn: ServerTurn, flight: Flight): void {
  const { request } = flight;
  switch (request.verb) {
    case "get":
      startGet(turn, flight, request);
      return;
    case "list":
      startList(turn, flight, request);
      return;
    case "create":
      startCreate(turn, flight, request);
      return;
    case "update":
    case "patch":
    case "delete": {
      const key = requestKey(resourceNamed(request.resource), request.namespace, request.name);
      beginWrite(turn, flight, request.resource, key, { kind: "request" });
      return;
    }
    case "deletecollection":
      startCollection(turn, flight, request);
      return;
    default:
      unreachable(request);
  }
}

/** The store has answered, or not, what a request waits for. */
export function flightAnswered(turn: ServerTurn, id: string, response: CallOutcome): void {
  const flight = turn.flight(id);
  if (flight === undefined) return;
  const { stage } = flight;
  switch (stage.kind) {
    case "get":
      getAnswered(turn, flight, response);
      return;
    case "revision":
      revisionAnswered(turn, flight, response);
      return;
    case "list":
      pageAnswered(turn, flight, stage, response);
      return;
    case "namespace":
      namespaceRead(turn, flight, response);
      return;
    case "create":
      createAnswered(turn, flight, stage, response);
      return;
    case "take":
      takingAnswered(turn, flight, stage, response);
      return;
    case "give":
      givingAnswered(turn, flight, stage, response);
      return;
    case "read":
      readAnswered(turn, flight, stage, response);
      return;
    case "write":
      writeAnswered(turn, flight, stage, response);
      return;
    case "evictPod":
      evictionPodRead(turn, flight, response);
      return;
    case "evictBudgets":
      evictionBudgetsRead(turn, flight, stage.pod, response);
      return;
    case "collect":
      collectionRead(turn, flight, response);
      return;
    case "begun":
    case "fresh":
      return;
    default:
      unreachable(stage);
  }
}

/** Requests that have taken too long are given up (filters/timeout.go). What they have begun may still happen. */
export function flightsDue(turn: ServerTurn, late: readonly Flight[]): void {
  for (const flight of late) {
    turn.note(note.timedOut);
    forgetCalls(turn, flight.id);
    turn.refuse(flight, timeout("request did not complete within the allotted timeout"));
  }
}

/** A client wants to watch. */
export function apiWatch(turn: ServerTurn, client: ProcessId, { watchId, user, request }: Watch): void {
  const unauthorised = turn.rules.authorize(user, request);
  if (unauthorised !== null) {
    turn.note(note.unauthorised);
    turn.send(client, { kind: "apiWatchEnd", watchId, sequence: 0, status: unauthorised });
    return;
  }
  cacheFor(turn, request.resource);
  openWatch(turn, client, watchId, request);
}
