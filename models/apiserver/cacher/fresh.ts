import { tooLargeResourceVersion } from "../../machinery/status.ts";
import type { Revision } from "../../store/types.ts";
import { note } from "../notes.ts";
import { readFromCache, readFromStore } from "../rest/read.ts";
import { askProgress } from "../storage/streams.ts";
import type { ServerTurn } from "../turn.ts";
import type { Flight } from "../types.ts";
import { updateCache } from "./cache.ts";

/**
 * A read waits until the cache has got to a revision, but not for long (watch_cache.go, waitUntilFreshAndBlock: 3 s).
 * Meanwhile the store is asked for its progress, as there may be nothing new (cacher/progress).
 */
export function awaitFresh(turn: ServerTurn, flight: Flight, revision: Revision, fallback: boolean): void {
  const position = turn.positionOf(flight.request.resource);
  const cache = turn.caches[position]!;
  if (cache.revision >= revision) {
    readFromCache(turn, flight);
    return;
  }
  turn.note(note.freshWait);
  const until = turn.now + turn.config.freshWaitUs;
  turn.setFlight({ ...flight, stage: { kind: "fresh", revision, until, fallback } });
  turn.setCache(position, updateCache(cache, { waiting: [...cache.waiting, flight.id] }));
  askProgress(turn, position);
  turn.arm(turn.now + turn.config.progressIntervalUs);
}

/** A cache has got further: who waited for it is answered. */
export function cacheAdvanced(turn: ServerTurn, position: number): void {
  const cache = turn.caches[position]!;
  if (cache.waiting.length === 0) return;
  const still: string[] = [];
  const served: Flight[] = [];
  for (const id of cache.waiting) {
    const flight = turn.flight(id);
    if (flight === undefined || flight.stage.kind !== "fresh") continue;
    if (flight.stage.revision <= cache.revision) served.push(flight);
    else still.push(id);
  }
  if (served.length === 0 && still.length === cache.waiting.length) return;
  turn.setCache(position, updateCache(cache, { waiting: still }));
  for (const flight of served) readFromCache(turn, flight);
}

/** Who has waited for too long is told so, or reads the store; for the others the store is asked again. */
export function waitsDue(turn: ServerTurn): void {
  for (let position = 0; position < turn.caches.length; position++) {
    if (turn.caches[position]!.waiting.length === 0) continue;
    endWaits(turn, position, turn.now);
    if (turn.caches[position]!.waiting.length > 0) askProgress(turn, position);
  }
}

/** Ends the waits for a cache whose time is over; all of them where it is not ready any more. */
export function endWaits(turn: ServerTurn, position: number, now: number = Number.MAX_SAFE_INTEGER): void {
  const cache = turn.caches[position]!;
  const still: string[] = [];
  const late: Flight[] = [];
  for (const id of cache.waiting) {
    const flight = turn.flight(id);
    if (flight === undefined || flight.stage.kind !== "fresh") continue;
    if (flight.stage.until <= now) late.push(flight);
    else still.push(id);
  }
  turn.setCache(position, updateCache(cache, { waiting: still }));
  for (const flight of late) {
    if (flight.stage.kind !== "fresh") continue;
    if (flight.stage.fallback) {
      turn.note(note.freshFallback);
      readFromStore(turn, flight);
    } else {
      turn.note(note.freshTimeout);
      turn.refuse(flight, tooLargeResourceVersion(flight.stage.revision, cache.revision));
    }
  }
}

export function isAnyoneWaiting(turn: ServerTurn): boolean {
  for (const { waiting } of turn.caches) if (waiting.length > 0) return true;
  return false;
}
