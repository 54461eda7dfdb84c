import type { ProcessId } from "../kernel/index.ts";
import { eventsAt, previousVersion } from "./events.ts";
import { covers } from "./key-range.ts";
import { note } from "./notes.ts";
import type { Turn } from "./turn.ts";
import type {
  ClientMessage,
  KeyValue,
  Revision,
  StoreEvent,
  StoreState,
  WatchCreate,
  Watcher,
  WatchId,
  WatchResponse,
} from "./types.ts";

export const SYNC_TIMER = "watchSync";
export const PROGRESS_TIMER = "watchProgress";

const NO_EVENTS: readonly StoreEvent[] = [];

/** etcd, watchServer and watchableStore: a client opens a stream. */
export function createWatch(turn: Turn, client: ProcessId, watchId: WatchId, create: WatchCreate): void {
  if (turn.server.watchers.some((watcher) => watcher.watchId === watchId)) return;
  const { revision } = turn.store;
  const nextRevision = create.startRevision === 0 ? revision + 1 : create.startRevision;
  const synced = nextRevision > revision;
  turn.note(note.watchCreated);
  if (nextRevision > revision + 1) turn.note(note.watchCreatedInFuture);
  if (!synced) turn.note(note.watchCreatedBehind);
  const watcher: Watcher = {
    watchId,
    client,
    create,
    synced,
    nextRevision,
    sequence: 0,
    acked: -1,
    heardAt: turn.now,
    progressWanted: false,
  };
  const opened = respond(turn, watcher, { created: true });
  turn.serve({ watchers: [...turn.server.watchers, opened] });
  turn.arm(PROGRESS_TIMER, turn.config.watchProgressIntervalUs);
  if (!synced) armSync(turn);
}

export function handleWatchMessage(
  turn: Turn,
  from: ProcessId,
  message: Exclude<ClientMessage, { kind: "call" | "watchCreate" }>,
): void {
  const watcher = turn.server.watchers.find(({ watchId }) => watchId === message.watchId);
  if (watcher === undefined) {
    unknownStream(turn, from, message.watchId);
    return;
  }
  switch (message.kind) {
    case "watchCancel":
      turn.note(note.watchCanceled);
      replace(turn, watcher, null);
      respond(turn, watcher, { canceled: true });
      return;
    case "watchAck":
      if (message.sequence <= watcher.acked) return;
      replace(turn, watcher, tookIn(turn, updated(watcher, { acked: message.sequence, heardAt: turn.now })));
      if (!watcher.synced) armSync(turn);
      return;
    case "watchProgress":
      replace(turn, watcher, notifyProgress(turn, updated(watcher, { heardAt: turn.now, progressWanted: true })));
  }
}

/** There is room on the stream for what was asked for when there was none. */
function tookIn(turn: Turn, watcher: Watcher): Watcher {
  return watcher.synced && watcher.progressWanted ? notifyProgress(turn, watcher) : watcher;
}

/** The member has restarted since, or has closed the stream: as a connection is reset. */
function unknownStream(turn: Turn, client: ProcessId, watchId: WatchId): void {
  turn.note(note.watchUnknown);
  turn.send(client, response(watchId, 0, turn.store.revision, { canceled: true }));
}

/** What was applied is sent to those who have had all before it. */
export function eventsApplied(turn: Turn, before: StoreState, after: StoreState): void {
  const { watchers } = turn.server;
  if (watchers.length === 0 || after.revision === before.revision) return;
  let changed = false;
  const next = watchers.map((watcher) => {
    if (!watcher.synced) return watcher;
    let told = watcher;
    for (let revision = before.revision + 1; revision <= after.revision && told.synced; revision++)
      told = tell(turn, told, after, revision);
    if (told !== watcher) changed = true;
    return told;
  });
  if (changed) turn.serve({ watchers: next });
}

/** Sends a synced watcher the events of one revision; if its stream takes no more, it falls behind. */
function tell(turn: Turn, watcher: Watcher, store: StoreState, revision: Revision): Watcher {
  // etcd#20221: one who waits for a revision still to come gets nothing from before it.
  if (revision < watcher.nextRevision) return watcher;
  const events = matching(watcher, store, eventsAt(store, revision));
  if (events.length === 0) return watcher;
  if (isFull(turn, watcher)) {
    turn.note(note.watchFellBehind);
    armSync(turn);
    return { ...watcher, synced: false, nextRevision: revision };
  }
  return updated(respondWith(turn, watcher, events), { nextRevision: revision + 1 });
}

/** The flow control of its stream lets no more through until something is taken in. */
function isFull(turn: Turn, { sequence, acked }: Watcher): boolean {
  return sequence - 1 - acked >= turn.config.watchWindow;
}

/**
 * The store's state came from a snapshot: what synced watchers have not had is found in its history (etcd, Restore:
 * "synced watchers are moved to unsynced"), from behind what they have had (etcd#15271).
 */
export function stateInstalled(turn: Turn, before: StoreState): void {
  turn.note(note.stateInstalled);
  const { watchers } = turn.server;
  if (watchers.length === 0) return;
  const next = watchers.map((watcher) => {
    if (!watcher.synced) return watcher;
    turn.note(note.watchResumedFromInstalledState);
    return { ...watcher, synced: false, nextRevision: Math.max(watcher.nextRevision, before.revision + 1) };
  });
  turn.serve({ watchers: next });
  armSync(turn);
}

function armSync(turn: Turn): void {
  turn.arm(SYNC_TIMER, turn.config.watchSyncIntervalUs);
}

/**
 * etcd, syncWatchersLoop: those who are behind get some more of the history, and soon again where there is more that
 * their streams take.
 */
export function syncTimer(turn: Turn): void {
  const next: Watcher[] = [];
  let behind = false;
  let more = false;
  for (const watcher of turn.server.watchers) {
    const told = watcher.synced || isFull(turn, watcher) ? watcher : catchUp(turn, watcher);
    if (told === null) continue;
    next.push(told);
    if (told.synced) continue;
    behind = true;
    if (!isFull(turn, told)) more = true;
  }
  turn.serve({ watchers: next });
  if (more) turn.arm(SYNC_TIMER, Math.ceil(turn.config.watchSyncIntervalUs / 10));
  else if (behind) armSync(turn);
}

/** Sends one batch. Null when what it needs is compacted: then the watch is over. */
function catchUp(turn: Turn, watcher: Watcher): Watcher | null {
  const { store } = turn;
  const { nextRevision } = watcher;
  if (nextRevision < store.compactRevision) {
    turn.note(note.watchCompacted);
    respond(turn, watcher, { canceled: true, compactRevision: store.compactRevision });
    return null;
  }
  const last = Math.min(store.revision, nextRevision + turn.config.watchBatchRevisionsMax - 1);
  const events: StoreEvent[] = [];
  for (let revision = nextRevision; revision <= last; revision++)
    for (const event of matching(watcher, store, eventsAt(store, revision))) events.push(event);
  const told = events.length === 0 ? watcher : respondWith(turn, watcher, events);
  const synced = last >= store.revision;
  const caughtUp = { ...told, synced, nextRevision: Math.max(nextRevision, last + 1) };
  if (!synced) return caughtUp;
  turn.note(note.watchCaughtUp);
  return watcher.progressWanted ? notifyProgress(turn, caughtUp) : caughtUp;
}

/** What it asked for of one revision's changes. */
function matching(watcher: Watcher, store: StoreState, changes: readonly KeyValue[]): readonly StoreEvent[] {
  const { create } = watcher;
  let events: StoreEvent[] | null = null;
  for (const kv of changes) {
    if (!covers(create, kv.key)) continue;
    const type = kv.version === 0 ? "delete" : "put";
    if (create.filters.includes(type === "put" ? "noPut" : "noDelete")) continue;
    const event: StoreEvent = { type, kv, prevKv: create.prevKv ? previousVersion(store, kv) : null };
    if (events === null) events = [event];
    else events.push(event);
  }
  return events ?? NO_EVENTS;
}

/** Progress is told from time to time, and dead streams are closed. */
export function progressTimer(turn: Turn): void {
  const { watchers } = turn.server;
  const next: Watcher[] = [];
  for (const watcher of watchers) {
    const unheard = watcher.sequence - 1 > watcher.acked;
    if (unheard && turn.now - watcher.heardAt >= turn.config.watchStreamTimeoutUs) {
      turn.note(note.watchStreamClosed);
      continue;
    }
    next.push(watcher.create.progressNotify ? notifyProgress(turn, watcher) : watcher);
  }
  turn.serve({ watchers: next });
  if (next.length > 0) turn.arm(PROGRESS_TIMER, turn.config.watchProgressIntervalUs);
}

/**
 * A response without events: all up to its revision was sent. Only who has had all of it may be told so (etcd#15220);
 * one who asked and is behind is told when it has caught up, or its stream has room again.
 */
function notifyProgress(turn: Turn, watcher: Watcher): Watcher {
  if (!watcher.synced || isFull(turn, watcher)) {
    turn.note(note.watchProgressWaits);
    return watcher;
  }
  turn.note(note.watchProgress);
  return updated(respond(turn, watcher, {}), { progressWanted: false });
}

/** Sends events, in fragments where the watcher takes them and there are many. */
function respondWith(turn: Turn, watcher: Watcher, events: readonly StoreEvent[]): Watcher {
  const { watchFragmentEvents } = turn.config;
  if (!watcher.create.fragment || events.length <= watchFragmentEvents) return respond(turn, watcher, { events });
  turn.note(note.watchFragmented);
  let told = watcher;
  for (let from = 0; from < events.length; from += watchFragmentEvents)
    told = respond(turn, told, {
      events: events.slice(from, from + watchFragmentEvents),
      fragment: from + watchFragmentEvents < events.length,
    });
  return told;
}

type Said = Partial<Pick<WatchResponse, "created" | "canceled" | "compactRevision" | "events" | "fragment">>;

function respond(turn: Turn, watcher: Watcher, said: Said): Watcher {
  turn.send(watcher.client, response(watcher.watchId, watcher.sequence, turn.store.revision, said));
  // Whoever had taken in all is heard of from now on only by taking in this.
  const heardAt = watcher.sequence - 1 === watcher.acked ? turn.now : watcher.heardAt;
  return updated(watcher, { sequence: watcher.sequence + 1, heardAt });
}

/** A watcher with some fields changed, as one literal: a spread costs many times as much. */
function updated(watcher: Watcher, changes: Partial<Watcher>): Watcher {
  return {
    watchId: watcher.watchId,
    client: watcher.client,
    create: watcher.create,
    synced: changes.synced ?? watcher.synced,
    nextRevision: changes.nextRevision ?? watcher.nextRevision,
    sequence: changes.sequence ?? watcher.sequence,
    acked: changes.acked ?? watcher.acked,
    heardAt: changes.heardAt ?? watcher.heardAt,
    progressWanted: changes.progressWanted ?? watcher.progressWanted,
  };
}

function response(watchId: WatchId, sequence: number, revision: Revision, said: Said): WatchResponse {
  return {
    kind: "watchResponse",
    watchId,
    sequence,
    created: said.created ?? false,
    canceled: said.canceled ?? false,
    compactRevision: said.compactRevision ?? 0,
    revision,
    events: said.events ?? NO_EVENTS,
    fragment: said.fragment ?? false,
  };
}

function replace(turn: Turn, watcher: Watcher, by: Watcher | null): void {
  const watchers: Watcher[] = [];
  for (const other of turn.server.watchers)
    if (other !== watcher) watchers.push(other);
    else if (by !== null) watchers.push(by);
  turn.serve({ watchers });
}
