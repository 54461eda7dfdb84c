import { emptyOrderedMap, mapSet } from "../../kernel/index.ts";
import { resourceNamed } from "../../machinery/resources.ts";
import type { WatchResponse } from "../../store/types.ts";
import { note } from "../notes.ts";
import { type CallOutcome, callStore } from "../storage/calls.ts";
import { decode } from "../storage/codec.ts";
import { after, cacheKey, rangeOf } from "../storage/keys.ts";
import { readRange } from "../storage/requests.ts";
import { dropStream, openStream, streamClosed } from "../storage/streams.ts";
import type { ServerTurn } from "../turn.ts";
import { deleteEvent, putEvent, updateCache, withEvent } from "./cache.ts";
import { dispatch } from "./dispatch.ts";
import { cacheAdvanced, endWaits } from "./fresh.ts";
import { terminateWatches } from "./watches.ts";

/** A cache reads all of its resource, page by page, before it watches (client-go reflector.go, list, WatchListPageSize). */
export function startListing(turn: ServerTurn, position: number): void {
  const cache = turn.caches[position]!;
  const range = rangeOf(resourceNamed(cache.resource), "");
  turn.setCache(
    position,
    updateCache(cache, { phase: "listing", listed: emptyOrderedMap(), listRevision: 0, listFrom: range.key }),
  );
  readPage(turn, position);
}

function readPage(turn: ServerTurn, position: number): void {
  const { resource, listFrom, listRevision } = turn.caches[position]!;
  const { rangeEnd } = rangeOf(resourceNamed(resource), "");
  const request = readRange({ key: listFrom, rangeEnd }, listRevision, turn.config.listPageObjects);
  callStore(turn, "cache", resource, request);
}

/** A page has come. All pages are of the revision of the first; the cache is ready with the last. */
export function pageRead(turn: ServerTurn, resource: string, response: CallOutcome): void {
  const position = turn.positionOf(resource);
  const cache = turn.caches[position];
  if (cache === undefined || cache.phase !== "listing") return;
  if (response === null || response.kind !== "range") {
    // Compacted in between, or the store is not to be had: from the start.
    turn.note(note.cacheListRestarted);
    startListing(turn, position);
    return;
  }
  const info = resourceNamed(resource);
  let { listed } = cache;
  for (const kv of response.kvs) listed = mapSet(listed, cacheKey(info, kv.key), decode(kv));
  const listRevision = cache.listRevision === 0 ? response.revision : cache.listRevision;
  if (response.more) {
    turn.note(note.cacheListPage);
    const listFrom = after(response.kvs[response.kvs.length - 1]!.key);
    turn.setCache(position, updateCache(cache, { listed, listRevision, listFrom }));
    readPage(turn, position);
    return;
  }
  turn.note(note.cacheReady);
  turn.setCache(
    position,
    updateCache(cache, {
      phase: "ready",
      objects: listed,
      listed: emptyOrderedMap(),
      revision: listRevision,
      listRevision,
      ringStart: cache.ring.length,
      dropped: false,
    }),
  );
  openStream(turn, position);
  cacheAdvanced(turn, position);
}

/** The store's watch of a cache says something: changes, or that there were none up to a revision. */
export function takeStream(turn: ServerTurn, position: number, response: WatchResponse): void {
  const { canceled, compactRevision, created, events } = response;
  if (canceled) {
    if (compactRevision > 0) restart(turn, position);
    else streamClosed(turn, position);
    return;
  }
  if (events.length === 0) {
    if (!created) progressed(turn, position, response.revision);
    return;
  }
  const info = resourceNamed(turn.caches[position]!.resource);
  for (const { type, kv } of events) {
    const cache = turn.caches[position]!;
    const key = cacheKey(info, kv.key);
    const event =
      type === "delete"
        ? deleteEvent(cache, key, kv.modRevision, turn.now)
        : putEvent(cache, key, decode(kv), kv.modRevision, turn.now);
    if (event === null) {
      turn.setCache(position, updateCache(cache, { revision: kv.modRevision }));
      continue;
    }
    turn.setCache(position, withEvent(turn, cache, event));
    dispatch(turn, position, event);
  }
  cacheAdvanced(turn, position);
}

/** The store promises that all events up to a revision were sent (etcd, progress notification). */
function progressed(turn: ServerTurn, position: number, revision: number): void {
  const cache = turn.caches[position]!;
  turn.note(note.cacheProgress);
  if (revision <= cache.revision) return;
  turn.setCache(position, updateCache(cache, { revision, progressAskedAt: 0 }));
  cacheAdvanced(turn, position);
}

/** What the cache would need next is compacted: its watches end, and it lists anew (cacher.go, terminateAllWatchers). */
function restart(turn: ServerTurn, position: number): void {
  turn.note(note.streamCompacted);
  dropStream(turn, position);
  terminateWatches(turn, position);
  endWaits(turn, position);
  startListing(turn, position);
}
