import type { Effect } from "../kernel/index.ts";
import type { Revision } from "../store/types.ts";
import type { ClientState, ClientTypes, HeldLease, OpenWatch, Session, Work } from "./types.ts";

/** The effects of a step, in order. */
export type Effects = Effect<ClientTypes>[];

/** An end that is farther away than any run. Infinity would not survive JSON. */
export const NEVER = Number.MAX_SAFE_INTEGER;

// Each state is built by one object literal, in one order of fields: a spread costs many times as much.

function rebuild(
  state: ClientState,
  ids: number,
  leases: number,
  sessions: readonly Session[],
  watches: readonly OpenWatch[],
  seenRevision: Revision,
): ClientState {
  const { config, bootedAt } = state;
  return { kind: "client", config, bootedAt, ids, leases, sessions, watches, seenRevision };
}

/** The id that is made next: unique in a run, as a process boots but once at a time. */
export function nextId(state: ClientState): string {
  return `${state.config.id}@${state.bootedAt}/${state.ids + 1}`;
}

/** The state with one more id made. */
export function withIdMade(state: ClientState): ClientState {
  return rebuild(state, state.ids + 1, state.leases, state.sessions, state.watches, state.seenRevision);
}

/** The state with another session, and one more id made. */
export function withSessionAndId(state: ClientState, at: number, session: Session): ClientState {
  const sessions = state.sessions.slice();
  sessions[at] = session;
  return rebuild(state, state.ids + 1, state.leases, sessions, state.watches, state.seenRevision);
}

/** The state with one more lease named. */
export function withLeaseNamed(state: ClientState): ClientState {
  return rebuild(state, state.ids, state.leases + 1, state.sessions, state.watches, state.seenRevision);
}

export function withSession(state: ClientState, at: number, session: Session): ClientState {
  const sessions = state.sessions.slice();
  sessions[at] = session;
  return rebuild(state, state.ids, state.leases, sessions, state.watches, state.seenRevision);
}

export function withWatches(state: ClientState, watches: readonly OpenWatch[]): ClientState {
  return rebuild(state, state.ids, state.leases, state.sessions, watches, state.seenRevision);
}

export function withWatch(state: ClientState, at: number, watch: OpenWatch): ClientState {
  const watches = state.watches.slice();
  watches[at] = watch;
  return withWatches(state, watches);
}

/** The state after a member has shown a revision. An older one says nothing. */
export function withSeen(state: ClientState, revision: Revision): ClientState {
  if (revision <= state.seenRevision) return state;
  return rebuild(state, state.ids, state.leases, state.sessions, state.watches, revision);
}

/** A session with some fields changed. */
export function updateSession(session: Session, changes: Partial<Session>): Session {
  return {
    work: changes.work === undefined ? session.work : changes.work,
    attempt: changes.attempt === undefined ? session.attempt : changes.attempt,
    queue: changes.queue === undefined ? session.queue : changes.queue,
    endpoint: changes.endpoint === undefined ? session.endpoint : changes.endpoint,
    lease: changes.lease === undefined ? session.lease : changes.lease,
  };
}

/** A piece of work with some fields changed. */
export function updateWork(work: Work, changes: Partial<Omit<Work, "id" | "request">>): Work {
  return {
    id: work.id,
    request: work.request,
    step: changes.step === undefined ? work.step : changes.step,
    call: changes.call === undefined ? work.call : changes.call,
    attempts: changes.attempts === undefined ? work.attempts : changes.attempts,
    failures: changes.failures === undefined ? work.failures : changes.failures,
    code: changes.code === undefined ? work.code : changes.code,
    memo: changes.memo === undefined ? work.memo : changes.memo,
    doubtful: changes.doubtful === undefined ? work.doubtful : changes.doubtful,
  };
}

/** A lease with some fields changed. */
export function updateLease(lease: HeldLease, changes: Partial<Omit<HeldLease, "id">>): HeldLease {
  return {
    id: lease.id,
    ttlUs: changes.ttlUs === undefined ? lease.ttlUs : changes.ttlUs,
    validUntil: changes.validUntil === undefined ? lease.validUntil : changes.validUntil,
    holds: changes.holds === undefined ? lease.holds : changes.holds,
    renewal: changes.renewal === undefined ? lease.renewal : changes.renewal,
    keepUntil: changes.keepUntil === undefined ? lease.keepUntil : changes.keepUntil,
    endpoint: changes.endpoint === undefined ? lease.endpoint : changes.endpoint,
    failures: changes.failures === undefined ? lease.failures : changes.failures,
  };
}

/** A watch with some fields changed. */
export function updateWatch(watch: OpenWatch, changes: Partial<Omit<OpenWatch, "create" | "work">>): OpenWatch {
  return {
    watchId: changes.watchId === undefined ? watch.watchId : changes.watchId,
    phase: changes.phase === undefined ? watch.phase : changes.phase,
    endpoint: changes.endpoint === undefined ? watch.endpoint : changes.endpoint,
    create: watch.create,
    work: watch.work,
    nextRevision: changes.nextRevision === undefined ? watch.nextRevision : changes.nextRevision,
    sequence: changes.sequence === undefined ? watch.sequence : changes.sequence,
    partial: changes.partial === undefined ? watch.partial : changes.partial,
    batch: changes.batch === undefined ? watch.batch : changes.batch,
    batches: changes.batches === undefined ? watch.batches : changes.batches,
    heardAt: changes.heardAt === undefined ? watch.heardAt : changes.heardAt,
    endsAt: changes.endsAt === undefined ? watch.endsAt : changes.endsAt,
    failures: changes.failures === undefined ? watch.failures : changes.failures,
  };
}
