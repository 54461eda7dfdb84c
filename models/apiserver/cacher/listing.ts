import { emptyOrderedMap, mapSet } from "../../kernel/index.ts";
import type { ResourceName } from "../../machinery/api.ts";
import type { StoreEvent, WatchResponse } from "../../store/types.ts";
import { note } from "../notes.ts";
import { type CallOutcome, callStore } from "../storage/calls.ts";
import { after, isOfCache, placeOf, REGISTRY } from "../storage/keys.ts";
import { readRange } from "../storage/requests.ts";
import { dropStream, openStream, streamClosed } from "../storage/streams.ts";
import type { ServerTurn } from "../turn.ts";
import { deleteEvent, emptyCache, putEvent, updateCache, withEvent } from "./cache.ts";
import { dispatch } from "./dispatch.ts";
import { cacheAdvanced, endWaits } from "./fresh.ts";
import { terminateWatches } from "./watches.ts";

/** All that there is is read, page by page, before it is watched (client-go reflector.go, list, WatchListPageSize). */
export function startListing(turn: ServerTurn): void {
  turn.reflect({ phase: "listing", listRevision: 0, listFrom: REGISTRY.key });
  turn.caches = turn.caches.map((cache) =>
    cache.listed.size === 0 ? cache : updateCache(cache, { listed: emptyOrderedMap() }),
  );
  readPage(turn);
}

function readPage(turn: ServerTurn): void {
  const { listFrom, listRevision } = turn.reflector;
  const range = { key: listFrom, rangeEnd: REGISTRY.rangeEnd };
  callStore(turn, "list", "", readRange(range, listRevision, turn.config.listPageObjects));
}

/** A page has come. All pages are of the revision of the first; the caches are ready with the last. */
export function pageRead(turn: ServerTurn, response: CallOutcome): void {
  if (turn.reflector.phase !== "listing") return;
  if (response === null || response.kind !== "range") {
    // Compacted in between, or the store is not to be had: from the start.
    turn.note(note.cacheListRestarted);
    startListing(turn);
    return;
  }
  for (const kv of response.kvs) {
    if (!isOfCache(kv.key)) continue;
    const [resource, key] = placeOf(kv.key);
    const position = cacheFor(turn, resource);
    const cache = turn.caches[position]!;
    turn.setCache(position, updateCache(cache, { listed: mapSet(cache.listed, key, turn.decode(kv)) }));
  }
  const { listRevision: before } = turn.reflector;
  const listRevision = before === 0 ? response.revision : before;
  if (response.more) {
    turn.note(note.cacheListPage);
    turn.reflect({ listRevision, listFrom: after(response.kvs[response.kvs.length - 1]!.key) });
    readPage(turn);
    return;
  }
  turn.note(note.cacheReady);
  turn.caches = turn.caches.map((cache) =>
    updateCache(cache, {
      objects: cache.listed,
      listed: emptyOrderedMap(),
      ringStart: cache.ring.length,
      dropped: false,
    }),
  );
  turn.reflect({ phase: "ready", revision: listRevision, listRevision });
  openStream(turn);
  cacheAdvanced(turn);
}

/** The position of a resource's cache. A custom resource has one from the time on that it is heard of. */
export function cacheFor(turn: ServerTurn, resource: ResourceName): number {
  const position = turn.positionOf(resource);
  if (position >= 0) return position;
  turn.caches = [...turn.caches, emptyCache(resource, turn.config.ringEventsMin)];
  return turn.caches.length - 1;
}

/** The store's watch says something: changes, or that there were none up to a revision. */
export function takeStream(
  turn: ServerTurn,
  { canceled, compactRevision, created, events, revision }: WatchResponse,
): void {
  if (canceled) {
    if (compactRevision > 0) restart(turn);
    else streamClosed(turn);
    return;
  }
  if (events.length > 0) {
    for (const event of events) takeEvent(turn, event);
    turn.reflect({ revision: events[events.length - 1]!.kv.modRevision });
    cacheAdvanced(turn);
  } else if (!created) progressed(turn, revision);
}

function takeEvent(turn: ServerTurn, { type, kv }: StoreEvent): void {
  if (!isOfCache(kv.key)) return;
  const [resource, key] = placeOf(kv.key);
  const position = cacheFor(turn, resource);
  const cache = turn.caches[position]!;
  const event =
    type === "delete"
      ? deleteEvent(cache, key, kv.modRevision, turn.now)
      : putEvent(cache, key, turn.decode(kv), kv.modRevision, turn.now);
  if (event === null) return;
  turn.setCache(position, withEvent(turn, cache, event));
  dispatch(turn, position, event);
}

/** The store promises that all events up to a revision were sent (etcd, progress notification). */
function progressed(turn: ServerTurn, revision: number): void {
  turn.note(note.cacheProgress);
  if (revision > turn.reflector.revision) turn.reflect({ revision, progressAskedAt: 0 });
  cacheAdvanced(turn);
}

/** What the caches would need next is compacted: their watches end, and all is listed anew (cacher.go, terminateAllWatchers). */
function restart(turn: ServerTurn): void {
  turn.note(note.streamCompacted);
  dropStream(turn);
  for (let position = 0; position < turn.caches.length; position++) terminateWatches(turn, position);
  endWaits(turn);
  startListing(turn);
}
