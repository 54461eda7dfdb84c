import type { Micros, ProcessId } from "../../kernel/index.ts";
import { resourceNamed } from "../../machinery/resources.ts";
import type { WatchResponse } from "../../store/types.ts";
import { updateCache } from "../cacher/cache.ts";
import { note } from "../notes.ts";
import type { ServerTurn } from "../turn.ts";
import type { Cache, StoreStream } from "../types.ts";
import { moveOn } from "./calls.ts";
import { rangeOf } from "./keys.ts";

/** What a cache is told by its watch of the store. */
export interface StreamNews {
  readonly position: number;
  readonly response: WatchResponse;
}

/** Asks the store for all that comes after what the cache has (etcd3/watcher.go). */
export function openStream(turn: ServerTurn, position: number): void {
  const cache = turn.caches[position]!;
  const endpoint = turn.config.stores[turn.endpoint]!;
  const watchId = `${turn.newId()}:${position}`;
  const wakeAt = turn.now + turn.config.storeProbeUs;
  const failures = cache.stream === null ? 0 : cache.stream.failures;
  const { key, rangeEnd } = rangeOf(resourceNamed(cache.resource), "");
  turn.send(endpoint, {
    kind: "watchCreate",
    watchId,
    create: {
      key,
      rangeEnd,
      startRevision: cache.revision + 1,
      prevKv: false,
      filters: [],
      progressNotify: false,
      fragment: false,
    },
  });
  setStream(turn, position, {
    watchId,
    endpoint,
    phase: "opening",
    sequence: 0,
    heardAt: turn.now,
    wakeAt,
    failures,
  });
  turn.arm(wakeAt);
}

/**
 * A member says something on a stream. Null: the stream is not, or no longer, one of this server's, or it is broken and
 * opened again behind what was seen.
 */
export function streamResponse(turn: ServerTurn, from: ProcessId, response: WatchResponse): StreamNews | null {
  const { watchId } = response;
  const position = Number(watchId.slice(watchId.lastIndexOf(":") + 1));
  const cache = turn.caches[position];
  const stream = cache === undefined ? null : cache.stream;
  if (stream === null || stream.watchId !== watchId || stream.phase === "waiting") {
    if (!response.canceled) turn.send(from, { kind: "watchCancel", watchId });
    return null;
  }
  if (response.sequence !== stream.sequence) {
    // A member that knows nothing of the stream says so as if it had just begun.
    if (response.sequence < stream.sequence && !response.canceled) return null;
    turn.note(note.streamGap);
    if (!response.canceled) turn.send(stream.endpoint, { kind: "watchCancel", watchId });
    openStream(turn, position);
    return null;
  }
  if (response.created) turn.note(note.streamOpened);
  if (!response.canceled) {
    turn.send(stream.endpoint, { kind: "watchAck", watchId, sequence: response.sequence });
    setStream(turn, position, {
      watchId,
      endpoint: stream.endpoint,
      phase: "open",
      sequence: stream.sequence + 1,
      heardAt: turn.now,
      wakeAt: turn.now + turn.config.storeSilenceUs,
      failures: 0,
    });
  }
  return { position, response };
}

/** The member has closed the stream, or did not open it: another member is asked after a backoff. */
export function streamClosed(turn: ServerTurn, position: number): void {
  const stream = turn.caches[position]!.stream!;
  turn.note(note.streamClosed);
  moveOn(turn, stream.endpoint, null);
  const failures = stream.failures + 1;
  const wakeAt = turn.now + turn.config.storeBackoffUs * 2 ** Math.min(failures, 7);
  setStream(turn, position, { ...stream, phase: "waiting", wakeAt, failures });
  turn.arm(wakeAt);
}

/** A stream was silent for too long, its member did not answer, or its backoff is over. */
export function streamDue(turn: ServerTurn, position: number): void {
  const stream = turn.caches[position]!.stream!;
  const { watchId, endpoint } = stream;
  switch (stream.phase) {
    case "waiting":
      openStream(turn, position);
      return;
    case "open": {
      turn.note(note.streamProbed);
      turn.send(endpoint, { kind: "watchProgress", watchId });
      const wakeAt = turn.now + turn.config.storeProbeUs;
      setStream(turn, position, { ...stream, phase: "probing", wakeAt });
      turn.arm(wakeAt);
      return;
    }
    case "opening":
    case "probing":
      turn.note(note.streamSilent);
      turn.send(endpoint, { kind: "watchCancel", watchId });
      streamClosed(turn, position);
  }
}

/** When the next stream is due. */
export function nextStreamDue(turn: ServerTurn): Micros {
  let next = Number.MAX_SAFE_INTEGER;
  for (const { stream } of turn.caches) if (stream !== null && stream.wakeAt < next) next = stream.wakeAt;
  return next;
}

/** Asks the store how far a cache's stream is, but not all the time (cacher/progress: 100 ms). */
export function askProgress(turn: ServerTurn, position: number): void {
  const cache = turn.caches[position]!;
  const { stream } = cache;
  if (stream === null || (stream.phase !== "open" && stream.phase !== "probing")) return;
  if (cache.progressAskedAt !== 0 && turn.now - cache.progressAskedAt < turn.config.progressIntervalUs) return;
  turn.send(stream.endpoint, { kind: "watchProgress", watchId: stream.watchId });
  turn.setCache(position, updateCache(cache, { progressAskedAt: turn.now }));
}

/** The stream of a cache is given up. */
export function dropStream(turn: ServerTurn, position: number): void {
  const { stream } = turn.caches[position]!;
  if (stream === null) return;
  if (stream.phase !== "waiting") turn.send(stream.endpoint, { kind: "watchCancel", watchId: stream.watchId });
  setStream(turn, position, null);
}

function setStream(turn: ServerTurn, position: number, stream: StoreStream | null): void {
  const cache: Cache = turn.caches[position]!;
  turn.setCache(position, updateCache(cache, { stream }));
}
