import type { Micros, ProcessId } from "../../kernel/index.ts";
import type { WatchResponse } from "../../store/types.ts";
import { note } from "../notes.ts";
import type { ServerTurn } from "../turn.ts";
import { moveOn } from "./calls.ts";
import { REGISTRY } from "./keys.ts";

/** Asks the store for all that comes after what the caches have (etcd3/watcher.go). */
export function openStream(turn: ServerTurn): void {
  const { reflector, config, now } = turn;
  const endpoint = config.stores[turn.endpoint]!;
  const watchId = turn.newId();
  const wakeAt = now + config.storeProbeUs;
  const failures = reflector.stream === null ? 0 : reflector.stream.failures;
  turn.send(endpoint, {
    kind: "watchCreate",
    watchId,
    create: {
      key: REGISTRY.key,
      rangeEnd: REGISTRY.rangeEnd,
      startRevision: reflector.revision + 1,
      prevKv: false,
      filters: [],
      progressNotify: false,
      fragment: false,
    },
  });
  turn.reflect({ stream: { watchId, endpoint, phase: "opening", sequence: 0, wakeAt, failures }, progressAskedAt: 0 });
  turn.arm(wakeAt);
}

/**
 * A member says something on a stream. False: the stream is not, or no longer, this server's, or it is broken and opened
 * again behind what was seen.
 */
export function streamResponse(turn: ServerTurn, from: ProcessId, response: WatchResponse): boolean {
  const { stream } = turn.reflector;
  const { watchId, sequence, canceled } = response;
  if (stream === null || stream.watchId !== watchId || stream.phase === "waiting") {
    if (!canceled) turn.send(from, { kind: "watchCancel", watchId });
    return false;
  }
  if (sequence !== stream.sequence) {
    // A member that knows nothing of the stream says so as if it had just begun.
    if (sequence < stream.sequence && !canceled) return false;
    turn.note(note.streamGap);
    if (!canceled) turn.send(stream.endpoint, { kind: "watchCancel", watchId });
    openStream(turn);
    return false;
  }
  if (response.created) turn.note(note.streamOpened);
  if (canceled) return true;
  turn.send(stream.endpoint, { kind: "watchAck", watchId, sequence });
  const wakeAt = turn.now + turn.config.storeSilenceUs;
  const { endpoint } = stream;
  turn.reflect({ stream: { watchId, endpoint, phase: "open", sequence: sequence + 1, wakeAt, failures: 0 } });
  return true;
}

/** The member has closed the stream, or did not open it: another member is asked after a backoff. */
export function streamClosed(turn: ServerTurn): void {
  const { watchId, endpoint, sequence, failures: before } = turn.reflector.stream!;
  turn.note(note.streamClosed);
  moveOn(turn, endpoint, null);
  const failures = before + 1;
  const wakeAt = turn.now + turn.config.storeBackoffUs * 2 ** Math.min(failures, 7);
  turn.reflect({ stream: { watchId, endpoint, phase: "waiting", sequence, wakeAt, failures } });
  turn.arm(wakeAt);
}

/** The stream was silent for too long, its member did not answer, or its backoff is over. */
export function streamDue(turn: ServerTurn): void {
  const { stream } = turn.reflector;
  if (stream === null || stream.wakeAt > turn.now) return;
  const { watchId, endpoint, sequence, failures } = stream;
  switch (stream.phase) {
    case "waiting":
      openStream(turn);
      return;
    case "open": {
      turn.note(note.streamProbed);
      turn.send(endpoint, { kind: "watchProgress", watchId });
      const wakeAt = turn.now + turn.config.storeProbeUs;
      turn.reflect({ stream: { watchId, endpoint, phase: "probing", sequence, wakeAt, failures } });
      return;
    }
    case "opening":
    case "probing":
      turn.note(note.streamSilent);
      turn.send(endpoint, { kind: "watchCancel", watchId });
      streamClosed(turn);
  }
}

/** When the stream is due. */
export function nextStreamDue({ reflector }: ServerTurn): Micros {
  return reflector.stream === null ? Number.MAX_SAFE_INTEGER : reflector.stream.wakeAt;
}

/** Asks the store how far the stream is, but not all the time (cacher/progress: 100 ms). */
export function askProgress(turn: ServerTurn): void {
  const { stream, progressAskedAt } = turn.reflector;
  if (stream === null || (stream.phase !== "open" && stream.phase !== "probing")) return;
  if (progressAskedAt !== 0 && turn.now - progressAskedAt < turn.config.progressIntervalUs) return;
  turn.send(stream.endpoint, { kind: "watchProgress", watchId: stream.watchId });
  turn.reflect({ progressAskedAt: turn.now });
}

/** The stream is given up. */
export function dropStream(turn: ServerTurn): void {
  const { stream } = turn.reflector;
  if (stream === null) return;
  if (stream.phase !== "waiting") turn.send(stream.endpoint, { kind: "watchCancel", watchId: stream.watchId });
  turn.reflect({ stream: null });
}
