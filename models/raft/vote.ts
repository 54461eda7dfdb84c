import { countVote } from "./election.ts";
import { logIsUpToDate } from "./log.ts";
import { note } from "./notes.ts";
import { becomeFollower } from "./roles.ts";
import { persistHardState, update } from "./state.ts";
import { electionTimer } from "./timers.ts";
import type { Effects, MemberId, RaftMessage, RaftState, Term } from "./types.ts";

type RequestPreVote = Extract<RaftMessage<unknown>, { kind: "requestPreVote" }>;
type RequestPreVoteReply = Extract<RaftMessage<unknown>, { kind: "requestPreVoteReply" }>;
type RequestVote = Extract<RaftMessage<unknown>, { kind: "requestVote" }>;
type RequestVoteReply = Extract<RaftMessage<unknown>, { kind: "requestVoteReply" }>;

/**
 * Whether a leader is known to be alive: this member leads, or has heard from the leader "within the minimum election
 * timeout" (Raft 6). After a boot nothing is known, so that the promise which leases rest on is kept for as long as it
 * may have been given before (etcd forgets it at a restart).
 */
export function leaderIsAlive<App>(state: RaftState<App>, now: number): boolean {
  return state.role === "leader" || now - state.leaderContactAt < state.config.electionTimeoutUs;
}

/**
 * Thesis 9.6: a server grants a pre-vote if the candidate's log "is sufficiently up-to-date" and it has "not received
 * heartbeats from a valid leader for at least a baseline election timeout". It promises nothing, so nothing is persisted.
 *
 * The grant carries the term asked for, a refusal the own term, so that a candidate that is behind catches up (etcd#8501:
 * without it a member of a higher term and shorter log deadlocks a cluster in which some members ask first).
 */
export function handleRequestPreVote<App>(
  state: RaftState<App>,
  from: MemberId,
  message: RequestPreVote,
  now: number,
  effects: Effects<App>,
): RaftState<App> {
  const voteGranted = grantsPreVote(state, from, message, now, effects);
  const term = voteGranted ? message.term : state.currentTerm;
  effects.push({ kind: "send", to: from, message: { kind: "requestPreVoteReply", term, voteGranted } });
  return state;
}

function grantsPreVote<App>(
  state: RaftState<App>,
  from: MemberId,
  message: RequestPreVote,
  now: number,
  effects: Effects<App>,
): boolean {
  if (message.term < state.currentTerm) return refused(note.preVoteRefusedStaleTerm, effects);
  if (leaderIsAlive(state, now)) return refused(note.preVoteRefusedLeaderAlive, effects);
  if (message.term === state.currentTerm && !voteIsFree(state, from)) return refused(note.preVoteRefusedVoted, effects);
  if (!logIsUpToDate(state.log, message.lastLogIndex, message.lastLogTerm)) {
    return refused(note.preVoteRefusedLog, effects);
  }
  effects.push(note.preVoteGranted);
  return true;
}

/**
 * Raft fig. 2, RequestVote: "1. Reply false if term < currentTerm. 2. If votedFor is null or candidateId, and candidate's
 * log is at least as up-to-date as receiver's log, grant vote".
 *
 * Whether sender or receiver is a voter in the receiver's configuration is not asked: a learner may have been promoted
 * and not know it yet (raft db54973).
 */
export function handleRequestVote<App>(
  state: RaftState<App>,
  from: MemberId,
  message: RequestVote,
  now: number,
  effects: Effects<App>,
): RaftState<App> {
  if (ignoresVote(state, message, now)) {
    effects.push(note.voteIgnoredLeaderAlive);
    return state;
  }
  const current = observeTerm(state, message.term, effects);
  if (!grantsVote(current, from, message, effects)) {
    persistHardState(state, current, effects);
    return replyVote(current, from, false, effects);
  }
  effects.push(note.voteGranted);
  const voted = update(current, { votedFor: from });
  persistHardState(state, voted, effects);
  // Raft fig. 2, followers: the election timeout starts anew on "granting vote to candidate".
  effects.push(electionTimer(state.config));
  return replyVote(voted, from, true, effects);
}

/**
 * Raft 6: "if a server receives a RequestVote RPC within the minimum election timeout of hearing from a current leader,
 * it does not update its term or grant its vote". Thesis 3.10: a request that comes of a transfer of leadership carries
 * "a special flag" and is let through.
 */
export function ignoresVote<App>(state: RaftState<App>, message: RequestVote, now: number): boolean {
  if (!state.config.checkQuorum) return false;
  if (message.transfer) return false;
  return message.term >= state.currentTerm && leaderIsAlive(state, now);
}

function grantsVote<App>(state: RaftState<App>, from: MemberId, message: RequestVote, effects: Effects<App>): boolean {
  if (message.term < state.currentTerm) return refused(note.voteRefusedStaleTerm, effects);
  if (!voteIsFree(state, from)) return refused(note.voteRefusedVoted, effects);
  if (!logIsUpToDate(state.log, message.lastLogIndex, message.lastLogTerm))
    return refused(note.voteRefusedLog, effects);
  return true;
}

/** Raft fig. 2: "votedFor is null or candidateId". Where the term's leader is known the election is over (etcd raft). */
function voteIsFree<App>(state: RaftState<App>, candidate: MemberId): boolean {
  if (state.votedFor === candidate) return true;
  return state.votedFor === null && state.leaderId === null;
}

function observeTerm<App>(state: RaftState<App>, term: Term, effects: Effects<App>): RaftState<App> {
  if (term <= state.currentTerm) return state;
  effects.push(note.higherTermMet);
  return becomeFollower(state, term, null, effects);
}

function replyVote<App>(
  state: RaftState<App>,
  to: MemberId,
  voteGranted: boolean,
  effects: Effects<App>,
): RaftState<App> {
  const term = state.currentTerm;
  effects.push({ kind: "send", to, message: { kind: "requestVoteReply", term, voteGranted } });
  return state;
}

function refused<App>(why: Effects<App>[number], effects: Effects<App>): false {
  effects.push(why);
  return false;
}

/** A grant of the term asked for counts; so does a refusal of the own term. One of a higher term has been met before. */
export function handleRequestPreVoteReply<App>(
  state: RaftState<App>,
  from: MemberId,
  message: RequestPreVoteReply,
  now: number,
  effects: Effects<App>,
): RaftState<App> {
  const asked = message.voteGranted ? state.currentTerm + 1 : state.currentTerm;
  if (state.role !== "preCandidate" || message.term !== asked) {
    effects.push(note.voteReplyStale);
    return state;
  }
  return countVote(state, from, message.voteGranted, now, effects);
}

/** Raft 5.1: "If a server receives a request with a stale term number, it rejects the request": so too with answers. */
export function handleRequestVoteReply<App>(
  state: RaftState<App>,
  from: MemberId,
  message: RequestVoteReply,
  now: number,
  effects: Effects<App>,
): RaftState<App> {
  if (message.term !== state.currentTerm || state.role !== "candidate") {
    effects.push(note.voteReplyStale);
    return state;
  }
  return countVote(state, from, message.voteGranted, now, effects);
}
