import { note } from "./notes.ts";
import { dropForwardedReads, refusePendingReads } from "./read.ts";
import { update } from "./state.ts";
import { CANCEL_CHECK_QUORUM, CANCEL_HEARTBEAT, CANCEL_TRANSFER, electionTimer } from "./timers.ts";
import type { Effects, MemberId, RaftState, Term } from "./types.ts";

/**
 * Raft fig. 2, all servers: "If RPC request or response contains term T > currentTerm: set currentTerm = T, convert to
 * follower". Also the way back from candidate or leader within a term. The caller persists the new term.
 *
 * The election timer of a follower or candidate runs on: it is reset only by a leader's word and by granting a vote
 * (Raft fig. 2, followers). A leader has none running, and sets it.
 */
export function becomeFollower<App>(
  state: RaftState<App>,
  term: Term,
  leaderId: MemberId | null,
  effects: Effects<App>,
): RaftState<App> {
  const newTerm = term > state.currentTerm;
  if (state.leader !== null) {
    effects.push(note.leaderSteppedDown, CANCEL_HEARTBEAT, CANCEL_CHECK_QUORUM);
    if (state.leader.leadTransferee !== null) effects.push(CANCEL_TRANSFER);
    effects.push(electionTimer(state.config));
    refusePendingReads(state.leader, state.config.id, leaderId, effects);
  } else if (state.role !== "follower") effects.push(note.candidateYielded);
  return update(state, {
    role: "follower",
    currentTerm: term,
    votedFor: newTerm ? null : state.votedFor,
    leaderId,
    votes: [],
    leader: null,
    forwardedReads: newTerm ? dropForwardedReads(state.forwardedReads, leaderId, effects) : state.forwardedReads,
  });
}
