import { mapDifference, mapEach, type RequestId } from "../kernel/index.ts";
import { leaseOf } from "./attachments.ts";
import { NOBODY, propose } from "./calls.ts";
import { note } from "./notes.ts";
import type { Turn } from "./turn.ts";
import type { Asker, Lease, LeaseClock, LeaseId, LeaseRequest, Lessor, StoreState } from "./types.ts";

export const LEASE_TIMER = "lease";

const DEMOTED: Lessor = { primaryTerm: 0, clocks: [], confirming: null };

/** Whether this member counts down leases in the current term. */
function isPrimary({ raft, server }: Turn): boolean {
  return raft.leader !== null && server.lessor.primaryTerm === raft.currentTerm;
}

/**
 * This member has become leader, or has ceased to be. Leases are not taken over before it has applied all that earlier
 * leaders have committed, checkpoints among it, and a quorum has confirmed it: which is what a read waits for.
 */
export function leadershipChanged(turn: Turn): void {
  if (turn.server.lessor.primaryTerm !== 0) turn.note(note.leaseDemoted);
  turn.serve({ lessor: DEMOTED });
  turn.cancel(LEASE_TIMER);
  if (turn.raft.leader === null) return;
  turn.arm(LEASE_TIMER, turn.config.leaseCheckIntervalUs);
  confirm(turn);
}

/** Asks a quorum whether this member still leads (etcd, ensureLeadership): one that was paused may not know. */
function confirm(turn: Turn): void {
  const id = turn.newId("l");
  turn.serve({ lessor: { ...turn.server.lessor, confirming: id } });
  turn.ask(id, { kind: "read" });
}

/** A quorum has confirmed it, and all that was committed is applied. */
export function leadershipConfirmed(turn: Turn): void {
  turn.serve({ lessor: { ...turn.server.lessor, confirming: null } });
  if (turn.raft.leader === null) return;
  if (!isPrimary(turn)) promote(turn);
  else actOnClocks(turn);
}

/** It could not be confirmed; the next look at the leases asks again. */
export function leadershipDoubted(turn: Turn): void {
  turn.serve({ lessor: { ...turn.server.lessor, confirming: null } });
}

/**
 * etcd, lessor.Promote: a new leader counts from what was left at the last checkpoint, and adds an election timeout, for
 * renewals that the old one may have granted meanwhile.
 */
function promote(turn: Turn): void {
  const clocks: LeaseClock[] = [];
  const extendUs = turn.config.raft.electionTimeoutUs;
  mapEach(turn.store.leases, "", null, (lease) => {
    if (lease.remainingTtlUs > 0) turn.note(note.leaseCarriedOver);
    clocks.push(clockOf(turn, lease.id, remainingOf(lease) + extendUs, lease.remainingTtlUs > 0));
  });
  turn.note(note.leasePromoted);
  turn.serve({ lessor: { primaryTerm: turn.raft.currentTerm, clocks: inOrder(clocks), confirming: null } });
}

function remainingOf({ remainingTtlUs, ttlUs }: Lease): number {
  return remainingTtlUs > 0 ? remainingTtlUs : ttlUs;
}

function clockOf(turn: Turn, id: LeaseId, leftUs: number, checkpointed: boolean): LeaseClock {
  return { id, expiresAt: turn.now + leftUs, revokingUntil: 0, checkpointAt: nextCheckpoint(turn), checkpointed };
}

function nextCheckpoint({ now, config }: Turn): number {
  const { leaseCheckpointIntervalUs } = config;
  return leaseCheckpointIntervalUs === 0 ? Number.MAX_SAFE_INTEGER : now + leaseCheckpointIntervalUs;
}

function inOrder(clocks: LeaseClock[]): readonly LeaseClock[] {
  return clocks.sort((a, b) => a.id - b.id);
}

/**
 * The leases have changed by what was applied: new ones are counted from now on, revoked ones no longer. One that was
 * granted is new, also where another of that name was revoked just before it.
 */
export function leasesApplied(turn: Turn, before: StoreState, after: StoreState, granted: readonly LeaseId[]): void {
  if (before.leases === after.leases || !isPrimary(turn)) return;
  const { lessor } = turn.server;
  const gone: LeaseId[] = [];
  mapDifference(before.leases, after.leases, (_key, old, now) => {
    if (now === undefined) gone.push(old!.id);
  });
  if (gone.length === 0 && granted.length === 0) return;
  const kept = lessor.clocks.filter(({ id }) => !gone.includes(id) && !granted.includes(id));
  const come: LeaseClock[] = [];
  for (const id of new Set(granted)) {
    const lease = leaseOf(after.leases, id);
    if (lease !== undefined) come.push(clockOf(turn, id, lease.ttlUs, false));
  }
  turn.serve({ lessor: { ...lessor, clocks: inOrder([...kept, ...come]) } });
}

/** Time to look for leases that have expired, or are to be checkpointed. */
export function leaseTimer(turn: Turn): void {
  if (turn.raft.leader === null) return;
  turn.arm(LEASE_TIMER, turn.config.leaseCheckIntervalUs);
  const { confirming, clocks } = turn.server.lessor;
  if (confirming !== null) return;
  if (!isPrimary(turn) || clocks.some((clock) => isDue(clock, turn.now))) confirm(turn);
}

function isDue({ expiresAt, revokingUntil, checkpointAt }: LeaseClock, now: number): boolean {
  return (expiresAt <= now && revokingUntil <= now) || (checkpointAt <= now && expiresAt > now);
}

/** etcd, revokeExpiredLeases and checkpointScheduledLeases. */
function actOnClocks(turn: Turn): void {
  const { now, config } = turn;
  const { lessor } = turn.server;
  const due = lessor.clocks.filter((clock) => isDue(clock, now));
  if (due.length === 0) return;
  const expired = due.filter(({ expiresAt }) => expiresAt <= now);
  const live = due.filter(({ id, expiresAt }) => expiresAt > now && !isBeingRenewed(turn, id));
  const checkpoints = live.map(({ id, expiresAt }) => ({ id, remainingTtlUs: expiresAt - now }));
  const clocks = lessor.clocks.map((clock) => {
    if (expired.includes(clock)) return { ...clock, revokingUntil: now + 4 * config.leaseCheckIntervalUs };
    if (live.includes(clock)) return { ...clock, checkpointAt: nextCheckpoint(turn), checkpointed: true };
    return clock;
  });
  turn.serve({ lessor: { ...lessor, clocks } });
  for (const { id } of expired) {
    turn.note(note.leaseExpired);
    propose(turn, NOBODY, turn.newId("e"), { kind: "leaseRevoke", id });
  }
  if (checkpoints.length === 0) return;
  turn.note(note.leaseCheckpointed);
  propose(turn, NOBODY, turn.newId("c"), { kind: "leaseCheckpoint", checkpoints });
}

/**
 * A client's question about a lease, once a quorum has confirmed that this member still leads and it has applied all that
 * was committed (etcd, LeaseRenew: ensureLeadership, waitAppliedIndex; etcd#15247).
 */
export function answerLeaseRequest(turn: Turn, asker: Asker, id: RequestId, request: LeaseRequest): void {
  const { lessor } = turn.server;
  if (!isPrimary(turn)) {
    turn.note(note.leaseRenewalNotPrimary);
    turn.refuse(asker, id, "notLeader");
    return;
  }
  const lease = leaseOf(turn.store.leases, request.id);
  const clock = lessor.clocks.find((other) => other.id === request.id);
  if (lease === undefined || clock === undefined) {
    turn.note(note.leaseRenewalNotFound);
    turn.refuse(asker, id, "leaseNotFound");
    return;
  }
  if (request.kind === "leaseTimeToLive") {
    turn.answer(asker, id, {
      kind: "leaseTimeToLive",
      revision: turn.store.revision,
      id: lease.id,
      grantedTtlUs: lease.ttlUs,
      ttlUs: Math.max(0, clock.expiresAt - turn.now),
      keys: lease.keys,
    });
    return;
  }
  // etcd waits for the revocation that must be on its way. Nothing has happened yet, and the client asks again.
  if (clock.expiresAt <= turn.now) {
    turn.note(note.leaseRenewalExpired);
    turn.refuse(asker, id, "tooManyRequests");
    return;
  }
  refresh(turn, lease, clock.checkpointed);
  if (!clock.checkpointed) {
    renewed(turn, asker, id, lease);
    return;
  }
  // The next leader would count from the checkpoint: it must know of the renewal before the client does. etcd asks only
  // whether a checkpoint is applied, and overlooks one that is still in the log.
  turn.note(note.leaseRenewalClearsCheckpoint);
  const checkpoints = [{ id: lease.id, remainingTtlUs: 0 }];
  propose(turn, asker, id, { kind: "leaseCheckpoint", checkpoints }, lease.id);
}

/** The clearing of a checkpoint is on its way: none may come behind it in the log with what was left before. */
function isBeingRenewed({ server }: Turn, id: LeaseId): boolean {
  return server.waits.some(({ what, lease }) => what === "renewal" && lease === id);
}

/** The checkpoint that stood in the way of a renewal is cleared. */
export function renewAfterCheckpoint(turn: Turn, asker: Asker, id: RequestId, leaseId: LeaseId): void {
  const lease = leaseOf(turn.store.leases, leaseId);
  if (!isPrimary(turn)) turn.refuse(asker, id, "leaderChanged");
  else if (lease === undefined) turn.refuse(asker, id, "leaseNotFound");
  else if (hasExpired(turn, leaseId)) {
    // It took too long: the end of the lease may be in the log behind the clearing.
    turn.note(note.leaseRenewalExpired);
    turn.refuse(asker, id, "tooManyRequests");
  } else {
    refresh(turn, lease, false);
    renewed(turn, asker, id, lease);
  }
}

function hasExpired({ server, now }: Turn, leaseId: LeaseId): boolean {
  return server.lessor.clocks.some(({ id, expiresAt }) => id === leaseId && expiresAt <= now);
}

function refresh(turn: Turn, { id, ttlUs }: Lease, checkpointed: boolean): void {
  const { lessor } = turn.server;
  const clocks = lessor.clocks.map((clock) => (clock.id === id ? clockOf(turn, id, ttlUs, checkpointed) : clock));
  turn.serve({ lessor: { ...lessor, clocks } });
}

function renewed(turn: Turn, asker: Asker, id: RequestId, lease: Lease): void {
  turn.note(note.leaseRenewed);
  turn.answer(asker, id, {
    kind: "leaseKeepAlive",
    revision: turn.store.revision,
    id: lease.id,
    ttlUs: lease.ttlUs,
  });
}
