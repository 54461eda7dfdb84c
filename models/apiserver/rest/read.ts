import { mapGet } from "../../kernel/index.ts";
import type { GetRequest, ListRequest } from "../../machinery/api.ts";
import type { KubeObject } from "../../machinery/kinds/index.ts";
import { resourceNamed } from "../../machinery/resources.ts";
import { parseFieldSelector, parseLabelSelector } from "../../machinery/selectors.ts";
import { badRequest, expired, notFound, objectResponse, tooLargeResourceVersion } from "../../machinery/status.ts";
import type { RangeRequest, Revision } from "../../store/types.ts";
import { awaitFresh } from "../cacher/fresh.ts";
import { type Filter, isEverything, passes } from "../cacher/matching.ts";
import { rangeInCache } from "../cacher/reading.ts";
import { notReady } from "../cacher/watches.ts";
import { note } from "../notes.ts";
import { type CallOutcome, callStore } from "../storage/calls.ts";
import { after, rangeOf, requestKey, storeKey } from "../storage/keys.ts";
import { currentRevision, getKey, readRange } from "../storage/requests.ts";
import type { ServerTurn } from "../turn.ts";
import type { Flight, Stage } from "../types.ts";
import { storeFailure } from "./answers.ts";
import { decodeContinue, encodeContinue } from "./continue.ts";
import { scaleOf } from "./scale.ts";

/** With a selector, so many objects are read from the store at most at a time (etcd3/store.go, maxLimit). */
const PAGE_MAX = 10_000;

type Listing = Extract<Stage, { readonly kind: "list" }>;

/** A get (cacher.go, Get): from the store, or from the cache as old as the client allows. */
export function startGet(turn: ServerTurn, flight: Flight, request: GetRequest): void {
  const { phase } = turn.reflector;
  const version = versionOf(request.resourceVersion);
  if (version === null) {
    turn.refuse(flight, badRequest(`Invalid value: "${request.resourceVersion}": resourceVersion`));
    return;
  }
  if (request.resourceVersion === "" || (version === 0 && phase !== "ready")) {
    readFromStore(turn, flight);
    return;
  }
  if (phase !== "ready") {
    turn.note(note.notReady);
    turn.refuse(flight, notReady());
    return;
  }
  awaitFresh(turn, flight, version, false);
}

/**
 * A list (cacher.go, GetList, shouldDelegateList). A limit, a token and an exact version go to the store. Where the latest
 * is wanted, the store is asked how far it is, and the cache answers when it has got there (ConsistentListFromCache).
 */
export function startList(turn: ServerTurn, flight: Flight, request: ListRequest): void {
  const { phase } = turn.reflector;
  const version = versionOf(request.resourceVersion);
  const flaw = listFlaw(request, version);
  if (flaw !== null || version === null) {
    turn.refuse(flight, badRequest(flaw ?? `Invalid value: "${request.resourceVersion}": resourceVersion`));
    return;
  }
  const { resourceVersion, resourceVersionMatch, limit } = request;
  const isExact = resourceVersionMatch === "Exact";
  if (isExact || request.continue !== "" || (limit > 0 && resourceVersion !== "0")) {
    readFromStore(turn, flight);
    return;
  }
  if (phase !== "ready") {
    if (version === 0) readFromStore(turn, flight);
    else {
      turn.note(note.notReady);
      turn.refuse(flight, notReady());
    }
    return;
  }
  if (resourceVersion === "") {
    turn.setFlight({ ...flight, stage: { kind: "revision" } });
    callStore(turn, "flight", flight.id, currentRevision(rangeOf(resourceNamed(request.resource), "")));
    return;
  }
  awaitFresh(turn, flight, version, false);
}

function listFlaw(request: ListRequest, version: number | null): string | null {
  if (parseLabelSelector(request.labelSelector) === null)
    return `unable to parse requirement: ${request.labelSelector}`;
  if (parseFieldSelector(request.fieldSelector) === null) return `invalid field selector: ${request.fieldSelector}`;
  if (request.continue !== "" && decodeContinue(request.continue) === null) return "continue key is not valid";
  if (request.continue !== "" && request.resourceVersion !== "" && request.resourceVersion !== "0")
    return "specifying resource version is not allowed when using continue";
  if (request.resourceVersionMatch === "Exact" && (version === null || version === 0))
    return `resourceVersionMatch: Forbidden: resourceVersionMatch "Exact" is forbidden for resourceVersion "0"`;
  return null;
}

/** A resourceVersion as a number; 0 for none; null where it is none at all. */
function versionOf(text: string): Revision | null {
  if (text === "") return 0;
  const version = Number(text);
  return Number.isSafeInteger(version) && version >= 0 ? version : null;
}

function filterFor(request: ListRequest): Filter {
  return {
    namespace: request.namespace,
    labels: parseLabelSelector(request.labelSelector)!,
    fields: parseFieldSelector(request.fieldSelector)!,
  };
}

/** Answers a get or a list by what the cache has. */
export function readFromCache(turn: ServerTurn, flight: Flight): void {
  const { request } = flight;
  const cache = turn.caches[turn.positionOf(request.resource)]!;
  const info = resourceNamed(request.resource);
  if (request.verb === "get") {
    turn.note(note.getFromCache);
    answerGet(turn, flight, request, mapGet(cache.objects, requestKey(info, request.namespace, request.name)) ?? null);
    return;
  }
  const list = request as ListRequest;
  turn.note(flight.stage.kind === "fresh" && flight.stage.fallback ? note.listConsistent : note.listFromCache);
  turn.finish(flight, {
    kind: "list",
    items: rangeInCache(turn, info, cache, filterFor(list)),
    resourceVersion: String(turn.reflector.revision),
    continue: "",
    remainingItemCount: -1,
  });
}

function answerGet(turn: ServerTurn, flight: Flight, request: GetRequest, object: KubeObject | null): void {
  if (object === null) turn.refuse(flight, notFound(request.resource, request.name));
  else turn.finish(flight, objectResponse(request.subresource === "scale" ? scaleOf(object) : object));
}

/** Reads a get or a list from the store. */
export function readFromStore(turn: ServerTurn, flight: Flight): void {
  const { request } = flight;
  const info = resourceNamed(request.resource);
  if (request.verb === "get") {
    turn.setFlight({ ...flight, stage: { kind: "get" } });
    callStore(
      turn,
      "flight",
      flight.id,
      getKey(storeKey(info.name, requestKey(info, request.namespace, request.name))),
    );
    return;
  }
  const list = request as ListRequest;
  const { key } = rangeOf(info, list.namespace);
  const token = list.continue === "" ? null : decodeContinue(list.continue);
  if (token !== null) turn.note(note.listContinued);
  const isExact = list.resourceVersionMatch === "Exact" || (list.resourceVersionMatch === "" && list.limit > 0);
  const revision = token !== null ? token.revision : isExact ? versionOf(list.resourceVersion)! : 0;
  const stage: Listing = {
    kind: "list",
    items: [],
    revision,
    from: token === null ? key : key + token.start,
    pageObjects: list.limit,
  };
  readPage(turn, flight, list, stage);
}

function readPage(turn: ServerTurn, flight: Flight, request: ListRequest, stage: Listing): void {
  turn.setFlight({ ...flight, stage });
  const { rangeEnd } = rangeOf(resourceNamed(request.resource), request.namespace);
  const call: RangeRequest = readRange({ key: stage.from, rangeEnd }, stage.revision, stage.pageObjects);
  callStore(turn, "flight", flight.id, call);
}

/** The store has answered a get. */
export function getAnswered(turn: ServerTurn, flight: Flight, response: CallOutcome): void {
  if (response === null || response.kind !== "range") {
    turn.refuse(flight, storeFailure(response?.kind === "error" ? response.code : null));
    return;
  }
  const kv = response.kvs[0];
  answerGet(turn, flight, flight.request as GetRequest, kv === undefined ? null : turn.decode(kv));
}

/** The store has said how far it is. */
export function revisionAnswered(turn: ServerTurn, flight: Flight, response: CallOutcome): void {
  if (response === null || response.kind !== "range") {
    turn.refuse(flight, storeFailure(response?.kind === "error" ? response.code : null));
    return;
  }
  if (turn.reflector.phase !== "ready") readFromStore(turn, flight);
  else awaitFresh(turn, flight, response.revision, true);
}

/**
 * A page of a list has come (etcd3/store.go, GetList): objects that do not pass a selector do not count, so that more
 * pages, each twice as large, are read until the limit is reached.
 */
export function pageAnswered(turn: ServerTurn, flight: Flight, stage: Listing, response: CallOutcome): void {
  const request = flight.request as ListRequest;
  if (response === null || response.kind !== "range") {
    listFailed(turn, flight, request, stage, response);
    return;
  }
  const info = resourceNamed(request.resource);
  const revision = stage.revision === 0 ? response.revision : stage.revision;
  const wanted = versionOf(request.resourceVersion)!;
  if (request.resourceVersionMatch !== "Exact" && wanted > revision) {
    turn.note(note.freshTimeout);
    turn.refuse(flight, tooLargeResourceVersion(wanted, revision));
    return;
  }
  const filter = filterFor(request);
  const { key } = rangeOf(info, request.namespace);
  const items = stage.items.slice();
  let last = stage.from;
  let read = 0;
  for (const kv of response.kvs) {
    if (request.limit > 0 && items.length >= request.limit) break;
    read++;
    last = kv.key;
    const object = turn.decode(kv);
    if (passes(turn, info, filter, object)) items.push(object);
  }
  const hasMore = response.more || read < response.kvs.length;
  if (hasMore && items.length < request.limit) {
    const pageObjects = Math.min(Math.max(stage.pageObjects * 2, 1), PAGE_MAX);
    readPage(turn, flight, request, { kind: "list", items, revision, from: after(last), pageObjects });
    return;
  }
  turn.note(note.listFromStore);
  turn.finish(flight, {
    kind: "list",
    items,
    resourceVersion: String(revision),
    continue: hasMore ? encodeContinue(revision, after(last).slice(key.length)) : "",
    remainingItemCount: hasMore && isEverything(request) ? response.count - read : -1,
  });
}

function listFailed(
  turn: ServerTurn,
  flight: Flight,
  request: ListRequest,
  stage: Listing,
  response: CallOutcome,
): void {
  const code = response?.kind === "error" ? response.code : null;
  if (code === "compacted") {
    turn.note(note.listExpired);
    turn.refuse(
      flight,
      expired(
        request.continue === ""
          ? "The resourceVersion for the provided list is too old."
          : "The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.",
      ),
    );
  } else if (code === "futureRevision")
    turn.refuse(flight, tooLargeResourceVersion(stage.revision, stage.revision - 1));
  else turn.refuse(flight, storeFailure(code));
}
