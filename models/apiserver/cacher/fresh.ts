import { tooLargeResourceVersion } from "../../machinery/status.ts";
import type { Revision } from "../../store/types.ts";
import { note } from "../notes.ts";
import { readFromCache, readFromStore } from "../rest/read.ts";
import { askProgress } from "../storage/streams.ts";
import type { ServerTurn } from "../turn.ts";
import type { Flight } from "../types.ts";

/**
 * A read waits until the caches have got to a revision, but not for long (watch_cache.go, waitUntilFreshAndBlock: 3 s).
 * Meanwhile the store is asked for its progress, as there may be nothing new (cacher/progress).
 */
export function awaitFresh(turn: ServerTurn, flight: Flight, revision: Revision, fallback: boolean): void {
  const { reflector, config, now } = turn;
  if (reflector.revision >= revision) {
    readFromCache(turn, flight);
    return;
  }
  turn.note(note.freshWait);
  turn.setFlight({ ...flight, stage: { kind: "fresh", revision, until: now + config.freshWaitUs, fallback } });
  turn.reflect({ waiting: [...reflector.waiting, flight.id] });
  askProgress(turn);
  turn.arm(now + config.progressIntervalUs);
}

/** The caches have got further: who waited for that is answered. */
export function cacheAdvanced(turn: ServerTurn): void {
  const { waiting, revision } = turn.reflector;
  if (waiting.length === 0) return;
  const still: string[] = [];
  const served: Flight[] = [];
  for (const id of waiting) {
    const flight = turn.flight(id);
    if (flight === undefined || flight.stage.kind !== "fresh") continue;
    if (flight.stage.revision <= revision) served.push(flight);
    else still.push(id);
  }
  if (still.length < waiting.length) turn.reflect({ waiting: still });
  for (const flight of served) readFromCache(turn, flight);
}

/** Who has waited for too long is told so, or reads the store; for the others the store is asked again. */
export function waitsDue(turn: ServerTurn): void {
  if (!isAnyoneWaiting(turn)) return;
  endWaits(turn, turn.now);
  if (isAnyoneWaiting(turn)) askProgress(turn);
}

/** Ends the waits whose time is over; all of them where the caches are not ready any more. */
export function endWaits(turn: ServerTurn, now: number = Number.MAX_SAFE_INTEGER): void {
  const { waiting, revision } = turn.reflector;
  const still: string[] = [];
  const late: Flight[] = [];
  for (const id of waiting) {
    const flight = turn.flight(id);
    if (flight === undefined || flight.stage.kind !== "fresh") continue;
    if (flight.stage.until <= now) late.push(flight);
    else still.push(id);
  }
  turn.reflect({ waiting: still });
  for (const flight of late) {
    if (flight.stage.kind !== "fresh") continue;
    if (flight.stage.fallback) {
      turn.note(note.freshFallback);
      readFromStore(turn, flight);
    } else {
      turn.note(note.freshTimeout);
      turn.refuse(flight, tooLargeResourceVersion(flight.stage.revision, revision));
    }
  }
}

export function isAnyoneWaiting({ reflector }: ServerTurn): boolean {
  return reflector.waiting.length > 0;
}
