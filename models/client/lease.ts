import type { Micros } from "../kernel/index.ts";
import type { ErrorCode, Key, LeaseGrantRequest, LeaseId, StoreResponse } from "../store/types.ts";
import { expectKind, finish, goBack, isRead, type Memo } from "./calls.ts";
import { hintedEndpoint, nextEndpoint } from "./endpoints.ts";
import { nextLeaseId } from "./lease-id.ts";
import { note } from "./notes.ts";
import type { Turn } from "./recipe.ts";
import { nextId, updateLease, updateSession, withLeaseNamed, withSession, withSessionAndId } from "./state.ts";
import { backoffOf, cancelExpire, cancelRenew, expireTimer, renewBackoffTimer, renewTimer } from "./timers.ts";
import type { ClientConfig, ClientState, HeldLease, Work } from "./types.ts";

/** The call that grants the lease that is named next. */
export function grantCall(state: ClientState, ttlUs: Micros): LeaseGrantRequest {
  return { kind: "leaseGrant", id: nextLeaseId(state), ttlUs };
}

/** Asks for another lease later: nobody needs one that may have been granted, and it expires. */
export function grantAnother(state: ClientState, turn: Turn, work: Work, ttlUs: Micros): ClientState {
  const call = grantCall(state, ttlUs);
  return goBack(withLeaseNamed(state), turn, work, "grant", { lease: call.id }, call);
}

/**
 * Until when a lease is certain to live. The leader counts from when it takes the request, which is not before it was
 * sent, by a clock that may run faster.
 */
export function certainUntil(config: ClientConfig, sentAt: Micros, ttlUs: Micros): Micros {
  return sentAt + Math.floor(ttlUs / config.clockDriftBound);
}

/** The lease that the session has asked for is granted: it is kept alive from now on, beside the work. */
export function takeLease(state: ClientState, turn: Turn, answer: StoreResponse, keepUntil: Micros): ClientState {
  const { at, effects } = turn;
  const session = state.sessions[at]!;
  const { id, ttlUs } = expectKind(answer, "leaseGrant");
  const validUntil = certainUntil(state.config, session.attempt!.sentAt, ttlUs);
  effects.push(note.leaseGranted, renewTimer(at, renewalInterval(ttlUs)));
  const { endpoint } = session;
  const lease = { id, ttlUs, validUntil, holds: null, renewal: null, keepUntil, endpoint, failures: 0 };
  return withSession(state, at, updateSession(session, { lease }));
}

/** etcd, clientv3, lessor.recvKeepAlive: renewals are a third of the TTL apart. */
function renewalInterval(ttlUs: Micros): Micros {
  return Math.max(1, Math.floor(ttlUs / 3));
}

/** The session holds something for as long as its lease is certain. */
export function holdByLease(state: ClientState, turn: Turn, lease: HeldLease, name: Key): ClientState {
  turn.effects.push(expireTimer(turn.at, lease.validUntil - turn.now));
  return withLease(state, turn.at, updateLease(lease, { holds: name }));
}

/** The session has done with its lease: it is no longer kept alive, and nothing is held by it. */
export function dropLease(state: ClientState, turn: Turn): ClientState {
  const { at, effects } = turn;
  const session = state.sessions[at]!;
  if (session.lease === null) return state;
  effects.push(cancelRenew(at));
  if (session.lease.holds !== null) effects.push(cancelExpire(at));
  return withSession(state, at, updateSession(session, { lease: null }));
}

/** Time to renew the lease, or no answer to the last renewal. */
export function renewalDue(state: ClientState, turn: Turn): ClientState {
  const { at, now, effects } = turn;
  const session = state.sessions[at]!;
  const { lease } = session;
  if (lease === null) return state;
  const unanswered = lease.renewal !== null;
  if (unanswered) effects.push(note.leaseRenewalFailed);
  if (now >= lease.keepUntil) {
    effects.push(note.leaseLeft);
    return unanswered ? withLease(state, at, updateLease(lease, { renewal: null })) : state;
  }
  const endpoint = unanswered ? nextEndpoint(state.config, lease.endpoint) : lease.endpoint;
  const id = nextId(state);
  const to = state.config.endpoints[endpoint]!;
  const request = { kind: "leaseKeepAlive", id: lease.id } as const;
  const patience = Math.min(state.config.requestTimeoutUs, renewalInterval(lease.ttlUs));
  effects.push({ kind: "send", to, message: { kind: "call", id, request } }, renewTimer(at, patience));
  const renewal = { id, endpoint: to, request, sentAt: now };
  const failures = unanswered ? lease.failures + 1 : lease.failures;
  const renewing = updateLease(lease, { renewal, endpoint, failures });
  return withSessionAndId(state, at, updateSession(session, { lease: renewing }));
}

/** The renewal that is under way was answered. */
export function renewalAnswered(state: ClientState, turn: Turn, lease: HeldLease, answer: StoreResponse): ClientState {
  const { at, now, effects } = turn;
  if (answer.kind === "error") return renewalFailed(state, turn, lease, answer.code, answer.leaderHint);
  const { ttlUs } = expectKind(answer, "leaseKeepAlive");
  const validUntil = Math.max(lease.validUntil, certainUntil(state.config, lease.renewal!.sentAt, ttlUs));
  effects.push(note.leaseRenewed, renewTimer(at, renewalInterval(ttlUs)));
  if (lease.holds !== null) effects.push(expireTimer(at, validUntil - now));
  return withLease(state, at, updateLease(lease, { ttlUs, validUntil, renewal: null, failures: 0 }));
}

function renewalFailed(
  state: ClientState,
  turn: Turn,
  lease: HeldLease,
  code: ErrorCode,
  leaderHint: string | null,
): ClientState {
  turn.effects.push(note.leaseRenewalFailed);
  if (code === "leaseNotFound") return loseLease(state, turn, code);
  const failures = lease.failures + 1;
  const wait = Math.min(backoffOf(state.config, failures), renewalInterval(lease.ttlUs));
  turn.effects.push(renewBackoffTimer(turn.at, wait));
  const endpoint = hintedEndpoint(state.config, lease.endpoint, leaderHint);
  return withLease(state, turn.at, updateLease(lease, { renewal: null, endpoint, failures }));
}

/** What a session holds by a lease that is no longer certain, it lets go at once. */
export function loseUncertain(state: ClientState, turn: Turn): ClientState {
  const { lease } = state.sessions[turn.at]!;
  if (lease === null || lease.holds === null || turn.now < lease.validUntil) return state;
  return loseLease(state, turn, null);
}

/** The lease is gone, or may be: what the session does by it ends at once. */
export function loseLease(state: ClientState, turn: Turn, code: ErrorCode | null): ClientState {
  const { work, attempt, lease } = state.sessions[turn.at]!;
  turn.effects.push(note.leaseLost);
  if (lease !== null && lease.holds !== null) turn.effects.push(note.lockLost);
  const dropped = dropLease(state, turn);
  if (work === null) return dropped;
  const doubtful = work.doubtful || (attempt !== null && !isRead(attempt.request));
  return finish(dropped, turn, doubtful ? "unknown" : "failed", code, null, null);
}

function withLease(state: ClientState, at: number, lease: HeldLease): ClientState {
  return withSession(state, at, updateSession(state.sessions[at]!, { lease }));
}

/** The lease that a recipe works with. */
export function leaseIn(memo: Memo): LeaseId {
  return memo.lease as LeaseId;
}
