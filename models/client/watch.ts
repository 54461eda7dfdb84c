import type { Micros, ProcessId, RequestId } from "../kernel/index.ts";
import type { StoreEvent, WatchResponse } from "../store/types.ts";
import { note } from "./notes.ts";
import { type Effects, NEVER, nextId, updateWatch, withIdMade, withWatch, withWatches } from "./state.ts";
import { cancelWatch, cancelWatchEnd, watchBackoffTimer, watchEndTimer, watchTimer } from "./timers.ts";
import type { ClientRequest, ClientState, OpenWatch } from "./types.ts";

const NO_EVENTS: readonly StoreEvent[] = [];

type WatchRequest = Extract<ClientRequest, { readonly kind: "watch" }>;

/** A watch begins at the member that its session is at, and goes on beside the session's work. */
export function beginWatch(
  state: ClientState,
  session: number,
  work: RequestId,
  request: WatchRequest,
  now: Micros,
  effects: Effects,
): ClientState {
  const { create, forUs } = request;
  const watch: OpenWatch = {
    watchId: "",
    phase: "waiting",
    endpoint: state.config.endpoints[state.sessions[session]!.endpoint]!,
    create,
    work,
    nextRevision: create.startRevision,
    sequence: 0,
    partial: NO_EVENTS,
    batch: NO_EVENTS,
    batches: 0,
    heardAt: now,
    endsAt: forUs === 0 ? NEVER : now + forUs,
    failures: 0,
  };
  if (forUs !== 0) effects.push(watchEndTimer(work, forUs));
  const at = state.watches.length;
  return openStream(withWatches(state, [...state.watches, watch]), at, watch.endpoint, effects);
}

/** Asks a member for a stream of a new name, from behind all that was seen. */
function openStream(state: ClientState, at: number, endpoint: ProcessId, effects: Effects): ClientState {
  const watch = state.watches[at]!;
  const watchId = nextId(state);
  // Nothing has changed where all that is known comes first, so that a stream is asked for as the watch was.
  const create =
    watch.nextRevision === watch.create.startRevision
      ? watch.create
      : { ...watch.create, startRevision: watch.nextRevision };
  effects.push(
    { kind: "send", to: endpoint, message: { kind: "watchCreate", watchId, create } },
    watchTimer(watch.work, state.config.requestTimeoutUs),
  );
  const opening = updateWatch(watch, { watchId, phase: "opening", endpoint, sequence: 0, partial: NO_EVENTS });
  return withWatch(withIdMade(state), at, opening);
}

/** A member says something on a stream. */
export function watchResponse(
  state: ClientState,
  from: ProcessId,
  response: WatchResponse,
  now: Micros,
  effects: Effects,
): ClientState {
  const { watchId, sequence } = response;
  const at = positionOf(state.watches, watchId);
  if (at < 0) {
    if (response.canceled) return state;
    // The stream was given up, and its member has not heard of it, or will yet.
    effects.push(note.watchStale, cancelStream(from, watchId));
    return state;
  }
  const watch = state.watches[at]!;
  if (sequence !== watch.sequence) {
    // A member that knows nothing of the stream says so as if it had just begun: the connection was reset.
    if (response.canceled && sequence < watch.sequence) return closed(state, at, response, effects);
    if (sequence < watch.sequence) {
      effects.push(note.watchStale);
      return state;
    }
    effects.push(note.watchGap);
    return reopenElsewhere(state, at, effects);
  }
  if (response.created) effects.push(note.watchOpened);
  if (watch.phase === "opening") effects.push(watchTimer(watch.work, state.config.watchSilenceUs));
  const taken = withWatch(state, at, take(watch, response, now, effects));
  if (response.canceled) return closed(taken, at, response, effects);
  effects.push({ kind: "send", to: watch.endpoint, message: { kind: "watchAck", watchId, sequence } });
  return taken;
}

/** The stream that is open under this name; that of a watch that waits for another is none. */
function positionOf(watches: readonly OpenWatch[], watchId: string): number {
  for (let at = 0; at < watches.length; at++) {
    const watch = watches[at]!;
    if (watch.watchId === watchId && watch.phase !== "waiting") return at;
  }
  return -1;
}

/** What a response has is handed on, but for a fragment, which waits for the rest of its revision. */
function take(watch: OpenWatch, response: WatchResponse, now: Micros, effects: Effects): OpenWatch {
  const { created, canceled, events, fragment, revision } = response;
  const { partial } = watch;
  let { nextRevision, batch, batches } = watch;
  let kept = partial;
  if (fragment) {
    effects.push(note.watchFragment);
    kept = partial.length === 0 ? events : [...partial, ...events];
  } else if (events.length > 0 || partial.length > 0) {
    if (partial.length > 0) effects.push(note.watchFragmentsAssembled);
    batch = partial.length === 0 ? events : [...partial, ...events];
    batches++;
    kept = NO_EVENTS;
    nextRevision = Math.max(nextRevision, batch[batch.length - 1]!.kv.modRevision + 1);
  } else if (created) {
    // From now on: from behind what the store had when the stream was opened (etcd, clientv3, serveSubstream).
    if (nextRevision === 0 && !canceled) nextRevision = revision + 1;
  } else if (!canceled) {
    effects.push(note.watchProgress);
    nextRevision = Math.max(nextRevision, revision + 1);
  }
  return {
    watchId: watch.watchId,
    phase: "open",
    endpoint: watch.endpoint,
    create: watch.create,
    work: watch.work,
    nextRevision,
    sequence: watch.sequence + 1,
    partial: kept,
    batch,
    batches,
    heardAt: now,
    endsAt: watch.endsAt,
    failures: canceled ? watch.failures : 0,
  };
}

/** The member has ended the stream. */
function closed(state: ClientState, at: number, response: WatchResponse, effects: Effects): ClientState {
  const watch = state.watches[at]!;
  const { created, compactRevision } = response;
  if (compactRevision > 0) {
    // What is lost to the watcher, is lost: it goes on from the oldest that there is.
    effects.push(note.watchCompacted);
    const nextRevision = Math.max(watch.nextRevision, compactRevision);
    const skipped = withWatch(state, at, updateWatch(watch, { nextRevision }));
    return reopen(skipped, at, watch.endpoint, effects);
  }
  if (!created) {
    effects.push(note.watchClosed);
    return waitElsewhere(state, at, watch, effects);
  }
  // Canceled as it was created (etcd, clientv3, watch.go: "invalid watch"): members that all do so will not have it.
  effects.push(note.watchRefused);
  if (watch.failures + 1 >= state.config.attemptsMax) return endWatch(state, at, "failed", effects);
  return waitElsewhere(state, at, watch, effects);
}

/** The stream is broken: another one, at the next member, at once. */
function reopenElsewhere(state: ClientState, at: number, effects: Effects): ClientState {
  const { watchId, endpoint } = state.watches[at]!;
  effects.push(cancelStream(endpoint, watchId));
  return reopen(state, at, after(state, endpoint), effects);
}

function reopen(state: ClientState, at: number, endpoint: ProcessId, effects: Effects): ClientState {
  effects.push(note.watchReopened);
  return openStream(state, at, endpoint, effects);
}

/** No stream for now; after the backoff the next member is asked. */
function waitElsewhere(state: ClientState, at: number, watch: OpenWatch, effects: Effects): ClientState {
  const failures = watch.failures + 1;
  effects.push(watchBackoffTimer(state.config, watch.work, failures));
  const endpoint = after(state, watch.endpoint);
  const waiting = updateWatch(watch, { phase: "waiting", endpoint, failures, partial: NO_EVENTS });
  return withWatch(state, at, waiting);
}

function after({ config }: ClientState, endpoint: ProcessId): ProcessId {
  return config.endpoints[(config.endpoints.indexOf(endpoint) + 1) % config.endpoints.length]!;
}

/** The member did not answer, the stream was silent, or the backoff is over. */
export function watchTimeout(state: ClientState, work: RequestId, now: Micros, effects: Effects): ClientState {
  const at = state.watches.findIndex((watch) => watch.work === work);
  if (at < 0) return state;
  const watch = state.watches[at]!;
  const { watchId, endpoint } = watch;
  switch (watch.phase) {
    case "waiting":
      return reopen(state, at, endpoint, effects);
    case "opening":
      effects.push(note.watchNotOpened, cancelStream(endpoint, watchId));
      return waitElsewhere(state, at, watch, effects);
    case "probing":
      effects.push(note.watchSilent);
      return reopenElsewhere(state, at, effects);
    default: {
      const left = watch.heardAt + state.config.watchSilenceUs - now;
      if (left > 0) {
        effects.push(watchTimer(work, left));
        return state;
      }
      effects.push(
        note.watchProbed,
        { kind: "send", to: endpoint, message: { kind: "watchProgress", watchId } },
        watchTimer(work, state.config.requestTimeoutUs),
      );
      return withWatch(state, at, updateWatch(watch, { phase: "probing" }));
    }
  }
}

/** The watch has gone on for as long as it was asked to. */
export function watchOver(state: ClientState, work: RequestId, effects: Effects): ClientState {
  const at = state.watches.findIndex((watch) => watch.work === work);
  if (at < 0) return state;
  const { phase, endpoint, watchId } = state.watches[at]!;
  if (phase !== "waiting") effects.push(cancelStream(endpoint, watchId));
  return endWatch(state, at, "ok", effects);
}

/** Answers the watch: up to which revision it has seen all. */
function endWatch(state: ClientState, at: number, outcome: "ok" | "failed", effects: Effects): ClientState {
  const { work, nextRevision } = state.watches[at]!;
  const result = Math.max(0, nextRevision - 1);
  const response = { kind: "done", outcome, code: null, result, answer: null } as const;
  effects.push(note.watchEnded, cancelWatch(work), cancelWatchEnd(work), { kind: "reply", id: work, response });
  return withWatches(
    state,
    state.watches.filter((watch) => watch.work !== work),
  );
}

function cancelStream(to: ProcessId, watchId: string): Effects[number] {
  return { kind: "send", to, message: { kind: "watchCancel", watchId } };
}
