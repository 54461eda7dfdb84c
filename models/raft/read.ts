import type { RequestId } from "../kernel/index.ts";
import { note } from "./notes.ts";
import { quorumReached } from "./quorum.ts";
import { startRound } from "./replication-leader.ts";
import { committedInCurrentTerm, inForce, update, updateLeader } from "./state.ts";
import type {
  Application,
  Effects,
  Index,
  LeaderState,
  MemberId,
  PendingRead,
  RaftMessage,
  RaftState,
} from "./types.ts";

type ReadIndex = Extract<RaftMessage<unknown>, { kind: "readIndex" }>;
type ReadIndexReply = Extract<RaftMessage<unknown>, { kind: "readIndexReply" }>;

const UNKNOWN = -1;

/** A client of this member reads. A follower hands the read to the leader (thesis 6.4), or names it. */
export function requestRead<App>(
  state: RaftState<App>,
  id: RequestId,
  now: number,
  effects: Effects<App>,
): RaftState<App> {
  const { config, leaderId, currentTerm } = state;
  const read: PendingRead = { id, from: config.id, readIndex: UNKNOWN, round: UNKNOWN };
  if (state.leader !== null) return admitRead(state, read, now, effects);
  if (!config.forwardReads || leaderId === null) {
    effects.push(note.readNotLeader, { kind: "reply", id, response: { kind: "notLeader", leaderHint: leaderId } });
    return state;
  }
  effects.push(note.readForwarded);
  effects.push({ kind: "send", to: leaderId, message: { kind: "readIndex", term: currentTerm, id } });
  return update(state, { forwardedReads: remember(state, read, effects) });
}

/** Reads whose answer was lost stay until the term ends; past the limit the oldest makes room. */
function remember<App>(state: RaftState<App>, read: PendingRead, effects: Effects<App>): readonly PendingRead[] {
  const { forwardedReads, config } = state;
  if (forwardedReads.length < config.pendingProposalsMax) return [...forwardedReads, read];
  effects.push(note.readForwardDropped);
  effects.push({
    kind: "reply",
    id: forwardedReads[0]!.id,
    response: { kind: "refused", reason: "the read was lost" },
  });
  return [...forwardedReads.slice(1), read];
}

/** A follower asks on behalf of its client. Its term is the current one. */
export function handleReadIndex<App>(
  state: RaftState<App>,
  from: MemberId,
  message: ReadIndex,
  now: number,
  effects: Effects<App>,
): RaftState<App> {
  // The follower took another for the leader: its client gets no answer, or that of the next term.
  if (state.leader === null) return state;
  return admitRead(state, { id: message.id, from, readIndex: UNKNOWN, round: UNKNOWN }, now, effects);
}

/**
 * Thesis 6.4: "If the leader has not yet marked an entry from its current term committed, it waits until it has done so.
 * [...] The leader saves its current commit index in a local variable readIndex. [...] The leader needs to make sure it
 * hasn't been superseded by a newer leader: it issues a new round of heartbeats and waits for their acknowledgments from a
 * majority of the cluster."
 */
function admitRead<App>(state: RaftState<App>, read: PendingRead, now: number, effects: Effects<App>): RaftState<App> {
  const { commitIndex } = state;
  if (!committedInCurrentTerm(state)) {
    effects.push(note.readWaitsForCommit);
    return pend(state, read);
  }
  if (leaseHolds(state, now, effects)) {
    effects.push(note.readLeaseServed);
    return answerOrHandBack(state, read, commitIndex, effects);
  }
  effects.push(note.readRoundStarted);
  const asked = startRound(state, now, effects);
  const { round } = asked.leader!;
  return confirmRounds(pend(asked, { id: read.id, from: read.from, readIndex: commitIndex, round }), effects);
}

function pend<App>(state: RaftState<App>, read: PendingRead): RaftState<App> {
  const leader = state.leader!;
  return update(state, { leader: updateLeader(leader, { pendingReads: [...leader.pendingReads, read] }) });
}

/** Reads that came before the first commit of the term begin now. */
export function admitWaitingReads<App>(state: RaftState<App>, now: number, effects: Effects<App>): RaftState<App> {
  const { pendingReads } = state.leader!;
  if (!committedInCurrentTerm(state) || !pendingReads.some(isWaiting)) return state;
  const leader = updateLeader(state.leader!, { pendingReads: pendingReads.filter(isRunning) });
  let next = update(state, { leader });
  for (const read of pendingReads.filter(isWaiting)) next = admitRead(next, read, now, effects);
  return next;
}

function isWaiting(read: PendingRead): boolean {
  return read.readIndex === UNKNOWN;
}

function isRunning(read: PendingRead): boolean {
  return read.readIndex !== UNKNOWN;
}

/**
 * Thesis 6.4.1: "the leader would use the normal heartbeat mechanism to maintain a lease". It rests on the members'
 * ignoring votes (checkQuorum), on a bound on the drift of their clocks, and on no transfer's letting a vote through.
 */
export function leaseHolds<App>(state: RaftState<App>, now: number, effects: Effects<App>): boolean {
  const leader = state.leader!;
  if (state.config.readMode !== "lease") return false;
  if (!state.config.checkQuorum) return false;
  if (leader.leaseForfeited) {
    effects.push(note.readLeaseForfeited);
    return false;
  }
  if (now >= leader.leaseUntil) {
    effects.push(note.readLeaseExpired);
    return false;
  }
  return true;
}

/**
 * Acts on the latest round that a quorum has answered: it confirms the reads that came before it, and extends the lease,
 * to `start + election timeout / clock drift bound` (thesis fig. 6.3), `start` being when the round was sent.
 */
export function confirmRounds<App>(state: RaftState<App>, effects: Effects<App>): RaftState<App> {
  const leader = state.leader!;
  const { progress, round, roundSentAt, pendingReads } = leader;
  if (roundSentAt.length === 0 && pendingReads.length === 0) return state;
  const acked = Math.min(round, quorumReached(inForce(state), progress, "ackedRound", state.config.id, round));
  const done = Math.max(0, roundSentAt.length - (round - acked));
  if (done === 0 && !isAnyConfirmed(pendingReads, acked)) return state;
  const { electionTimeoutUs, clockDriftBound } = state.config;
  const leaseUntil = done === 0 ? 0 : roundSentAt[done - 1]! + Math.floor(electionTimeoutUs / clockDriftBound);
  const left: PendingRead[] = [];
  const confirmed: PendingRead[] = [];
  for (const read of pendingReads) (isRunning(read) && read.round <= acked ? confirmed : left).push(read);
  let next = update(state, {
    leader: updateLeader(leader, {
      roundSentAt: roundSentAt.slice(done),
      leaseUntil: Math.max(leader.leaseUntil, leaseUntil),
      pendingReads: left,
    }),
  });
  for (const read of confirmed) {
    effects.push(note.readConfirmed);
    next = answerOrHandBack(next, read, read.readIndex, effects);
  }
  return next;
}

function isAnyConfirmed(reads: readonly PendingRead[], acked: number): boolean {
  for (const read of reads) if (isRunning(read) && read.round <= acked) return true;
  return false;
}

/** A confirmed read: the own client's waits until its index is applied, another's goes back with the index. */
function answerOrHandBack<App>(
  state: RaftState<App>,
  read: PendingRead,
  readIndex: Index,
  effects: Effects<App>,
): RaftState<App> {
  const { id, from } = read;
  if (from === state.config.id)
    return update(state, { forwardedReads: [...state.forwardedReads, { id, from, readIndex, round: UNKNOWN }] });
  const message = { kind: "readIndexReply" as const, term: state.currentTerm, id, readIndex };
  effects.push({ kind: "send", to: from, message });
  return state;
}

/** The leader was leader when it had committed up to `readIndex`: this member may answer once it has applied that. */
export function handleReadIndexReply<App>(state: RaftState<App>, message: ReadIndexReply): RaftState<App> {
  const { id, readIndex } = message;
  const { forwardedReads } = state;
  const position = forwardedReads.findIndex((read) => read.id === id && isWaiting(read));
  if (position < 0) return state;
  const { from } = forwardedReads[position]!;
  return update(state, { forwardedReads: forwardedReads.with(position, { id, from, readIndex, round: UNKNOWN }) });
}

/** Thesis 6.4: "waits for its state machine to advance at least as far as the readIndex [...] then issues the query". */
export function answerReads<App>(
  application: Application<App>,
  state: RaftState<App>,
  effects: Effects<App>,
): RaftState<App> {
  const { lastApplied, forwardedReads } = state;
  const left: PendingRead[] = [];
  let result: string | null = null;
  for (const read of forwardedReads) {
    const { id, readIndex } = read;
    if (readIndex === UNKNOWN || readIndex > lastApplied) {
      left.push(read);
      continue;
    }
    if (result === null) result = application.read(state.application);
    effects.push({ kind: "reply", id, response: { kind: "read", readIndex, appliedIndex: lastApplied, result } });
  }
  return left.length === forwardedReads.length ? state : update(state, { forwardedReads: left });
}

/** A leader that is one no longer refuses the reads of its own clients. Those of others end with the term. */
export function refusePendingReads<App>(
  leader: LeaderState,
  self: MemberId,
  leaderHint: MemberId | null,
  effects: Effects<App>,
): void {
  for (const { id, from } of leader.pendingReads)
    if (from === self) effects.push({ kind: "reply", id, response: { kind: "notLeader", leaderHint } });
}

/** The leader to whom they went is one no longer. Reads whose index is known stay: it holds for good. */
export function dropForwardedReads<App>(
  reads: readonly PendingRead[],
  leaderHint: MemberId | null,
  effects: Effects<App>,
): readonly PendingRead[] {
  if (!reads.some(isWaiting)) return reads;
  for (const { id, readIndex } of reads) {
    if (readIndex !== UNKNOWN) continue;
    effects.push(note.readForwardDropped, { kind: "reply", id, response: { kind: "notLeader", leaderHint } });
  }
  return reads.filter(isRunning);
}
