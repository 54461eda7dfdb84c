import { at, type Micros, mapDelete, mapEach, mapFirst, mapGet, mapSet, type ProcessId } from "../../kernel/index.ts";
import type { ApiWatchRequest, Status, WatchEvent, WatchId } from "../../machinery/api.ts";
import type { KubeObject } from "../../machinery/kinds/index.ts";
import { type ResourceInfo, resourceNamed } from "../../machinery/resources.ts";
import { parseFieldSelector, parseLabelSelector } from "../../machinery/selectors.ts";
import { badRequest, tooManyRequests, tooOldResourceVersion } from "../../machinery/status.ts";
import { note } from "../notes.ts";
import type { ServerTurn } from "../turn.ts";
import type { ApiWatcher, Cache } from "../types.ts";
import { oldestVersion, ringPositionAfter, updateCache } from "./cache.ts";
import { sendEvents } from "./dispatch.ts";
import { beyondTrigger, eventFor, type Filter, passes, triggerOf, watchEvent } from "./matching.ts";
import { rangeInCache } from "./reading.ts";

const SECOND_US = 1_000_000;

/** cacher.go, ready: what a client is told while a cache has not got its first list. */
export function notReady(): Status {
  return tooManyRequests("storage is (re)initializing", 1);
}

/** A client opens a watch (cacher.go, Watch). Its first message says what there is, or why there is no watch. */
export function openWatch(turn: ServerTurn, client: ProcessId, watchId: WatchId, request: ApiWatchRequest): void {
  if (mapGet(turn.watchers, watchId) !== undefined) return;
  const position = turn.positionOf(request.resource);
  const cache = turn.caches[position]!;
  const labels = parseLabelSelector(request.labelSelector);
  const fields = parseFieldSelector(request.fieldSelector);
  const refuse = (status: Status) => endOf(turn, client, watchId, 0, status);
  if (labels === null || fields === null) {
    refuse(badRequest(`unable to parse selector: ${labels === null ? request.labelSelector : request.fieldSelector}`));
    return;
  }
  const { phase, revision, listRevision } = turn.reflector;
  if (phase !== "ready") {
    turn.note(note.notReady);
    refuse(notReady());
    return;
  }
  const info = resourceNamed(request.resource);
  const version = request.resourceVersion === "" ? 0 : Number(request.resourceVersion);
  if (!Number.isSafeInteger(version) || version < 0) {
    refuse(badRequest(`Invalid value: "${request.resourceVersion}": resourceVersion`));
    return;
  }
  const oldest = oldestVersion(cache, listRevision);
  if (version !== 0 && version < oldest) {
    turn.note(note.watchExpired);
    refuse(tooOldResourceVersion(version, oldest));
    return;
  }
  const filter: Filter = { namespace: request.namespace, labels, fields };
  const initial =
    version === 0 ? existing(turn, info, cache, filter) : sinceVersion(turn, info, cache, filter, version);
  turn.note(version === 0 ? note.watchStarted : version > revision ? note.watchFromFuture : note.watchFromRing);
  const lastsUs = request.timeoutSeconds > 0 ? request.timeoutSeconds * SECOND_US : turn.config.watchTimeoutUs;
  const trigger = triggerOf(info, fields);
  const watcher: ApiWatcher = {
    watchId,
    client,
    request,
    namespace: request.namespace,
    labels,
    fields: beyondTrigger(fields, trigger),
    trigger,
    // cache_watcher.go, process: only what is newer than what was asked for, or was sent at first.
    fromRevision: Math.max(version, revision),
    sequence: 0,
    endsAt: turn.now + lastsUs,
  };
  register(turn, position, watcher);
  sendEvents(turn, watcher, initial);
  schedule(turn, watcher);
}

/** All that there is, as added (watch from version 0). */
function existing(turn: ServerTurn, info: ResourceInfo, cache: Cache, filter: Filter): readonly WatchEvent[] {
  return rangeInCache(turn, info, cache, filter).map((object) => ({ type: "ADDED", object }));
}

/** What the ring has after a version (watch_cache.go, getAllEventsSinceLocked). */
function sinceVersion(
  turn: ServerTurn,
  info: ResourceInfo,
  cache: Cache,
  filter: Filter,
  version: number,
): readonly WatchEvent[] {
  const events: WatchEvent[] = [];
  for (let i = ringPositionAfter(cache, version); i < cache.ring.length; i++) {
    const event = at(cache.ring, i)!;
    const passed = event.old !== null && passes(turn, info, filter, event.old);
    const type = eventFor(passed, event.type !== "deleted" && passes(turn, info, filter, event.object), event);
    if (type !== null) events.push(watchEvent(type, event));
  }
  return events;
}

function register(turn: ServerTurn, position: number, watcher: ApiWatcher): void {
  const { watchId, trigger } = watcher;
  const cache = turn.caches[position]!;
  const ids = mapGet(cache.byTrigger, trigger) ?? [];
  turn.watchers = mapSet(turn.watchers, watchId, watcher);
  turn.setCache(position, updateCache(cache, { byTrigger: mapSet(cache.byTrigger, trigger, [...ids, watchId]) }));
}

function unregister(turn: ServerTurn, { watchId, trigger, request }: ApiWatcher): void {
  turn.watchers = mapDelete(turn.watchers, watchId);
  const position = turn.positionOf(request.resource);
  const cache = turn.caches[position]!;
  const left = (mapGet(cache.byTrigger, trigger) ?? []).filter((id) => id !== watchId);
  const byTrigger = left.length === 0 ? mapDelete(cache.byTrigger, trigger) : mapSet(cache.byTrigger, trigger, left);
  turn.setCache(position, updateCache(cache, { byTrigger }));
}

/** A client wants no more of a watch. */
export function stopWatch(turn: ServerTurn, watchId: WatchId): void {
  const watcher = mapGet(turn.watchers, watchId);
  if (watcher !== undefined) unregister(turn, watcher);
}

/** A client asks whether its watch, or the server, is there. */
export function ping(turn: ServerTurn, client: ProcessId, watchId: WatchId): void {
  if (watchId === "") {
    turn.send(client, { kind: "apiPong", watchId, sequence: 0 });
    return;
  }
  const watcher = mapGet(turn.watchers, watchId);
  if (watcher === undefined) {
    turn.note(note.watchUnknown);
    endOf(turn, client, watchId, 0, null);
    return;
  }
  turn.send(client, { kind: "apiPong", watchId, sequence: watcher.sequence });
}

function endOf(turn: ServerTurn, client: ProcessId, watchId: WatchId, sequence: number, status: Status | null): void {
  turn.send(client, { kind: "apiWatchEnd", watchId, sequence, status });
}

function endWatch(turn: ServerTurn, watcher: ApiWatcher): void {
  endOf(turn, watcher.client, watcher.watchId, watcher.sequence, null);
  unregister(turn, watcher);
}

/** All watches of a cache end: it has to list anew (cacher.go, terminateAllWatchers). */
export function terminateWatches(turn: ServerTurn, position: number): void {
  const ids: WatchId[] = [];
  mapEach(turn.caches[position]!.byTrigger, "", null, (list) => {
    ids.push(...list);
  });
  if (ids.length > 0) turn.note(note.watchTerminated);
  for (const id of ids) endWatch(turn, mapGet(turn.watchers, id)!);
}

// ---- Bookmarks and ends, by second: one agenda for all watches (cacher.go, watcherBookmarkTimeBuckets)

function schedule(turn: ServerTurn, watcher: ApiWatcher): void {
  const { config, now } = turn;
  const { endsAt } = watcher;
  let next = endsAt;
  if (watcher.request.allowWatchBookmarks) {
    const beforeEnd = endsAt - config.bookmarkBeforeEndUs;
    next = Math.min(endsAt, now + config.bookmarkIntervalUs);
    if (beforeEnd > now && beforeEnd < next) next = beforeEnd;
  }
  const second = Math.ceil(next / SECOND_US);
  const key = String(second).padStart(10, "0");
  turn.agenda = mapSet(turn.agenda, key, [...(mapGet(turn.agenda, key) ?? []), watcher.watchId]);
  turn.arm(second * SECOND_US);
}

/** Watches that are due get their bookmark, or end. */
export function watchesDue(turn: ServerTurn): void {
  for (;;) {
    const first = mapFirst(turn.agenda, "");
    if (first === undefined || Number(first[0]) * SECOND_US > turn.now) return;
    turn.agenda = mapDelete(turn.agenda, first[0]);
    for (const id of first[1]) {
      const watcher = mapGet(turn.watchers, id);
      if (watcher === undefined) continue;
      if (watcher.endsAt <= turn.now) {
        turn.note(note.watchEnded);
        endWatch(turn, watcher);
        continue;
      }
      sendBookmark(turn, watcher);
      schedule(turn, mapGet(turn.watchers, id)!);
    }
  }
}

/** When the next watch is due. */
export function nextWatchDue(turn: ServerTurn): Micros {
  const first = mapFirst(turn.agenda, "");
  return first === undefined ? Number.MAX_SAFE_INTEGER : Number(first[0]) * SECOND_US;
}

/** Tells a client up to which version it has seen all (cache_watcher.go, bookmarks). */
function sendBookmark(turn: ServerTurn, watcher: ApiWatcher): void {
  const { request, fromRevision } = watcher;
  const { revision } = turn.reflector;
  if (!request.allowWatchBookmarks || revision < fromRevision) return;
  turn.note(note.bookmark);
  const { apiVersion, kind } = resourceNamed(request.resource);
  const object: KubeObject = { apiVersion, kind, metadata: { name: "", resourceVersion: String(revision) } };
  sendEvents(turn, watcher, [{ type: "BOOKMARK", object }]);
}
