import type { RequestId } from "../kernel/index.ts";
import { becomeCandidate, mayCampaign } from "./election.ts";
import { lastIndex } from "./log.ts";
import { note } from "./notes.ts";
import { progressPosition } from "./progress.ts";
import { inForce, update, updateLeader } from "./state.ts";
import { CANCEL_TRANSFER, transferTimer } from "./timers.ts";
import type { Effects, MemberId, RaftState } from "./types.ts";

/** Thesis 3.10: the leader stops taking proposals, brings the target up to date, and has it start an election at once. */
export function requestTransfer<App>(
  state: RaftState<App>,
  id: RequestId,
  to: MemberId,
  effects: Effects<App>,
): RaftState<App> {
  const { leader, config } = state;
  if (leader === null) {
    effects.push({ kind: "reply", id, response: { kind: "notLeader", leaderHint: state.leaderId } });
    return state;
  }
  if (to === config.id) return refuse(state, id, "the target is the leader", effects);
  // A learner, and a voter that is about to become one, must not lead (raft 8b0d0e9).
  if (!inForce(state).voters.includes(to)) return refuse(state, id, "the target is not a voter", effects);
  effects.push({ kind: "reply", id, response: { kind: "transferStarted", to } });
  if (leader.leadTransferee === to) return state;
  effects.push(note.transferStarted, transferTimer(config));
  const started = update(state, { leader: updateLeader(leader, { leadTransferee: to }) });
  return sendTimeoutNowWhenCaughtUp(started, effects);
}

/**
 * Thesis 3.10: "The prior leader fully updates the target server's log to match its own [...], then sends a TimeoutNow
 * request". The members will not ignore that election, so no lease of this term can be relied on any more, whether or not
 * the transfer succeeds: the request may be delayed.
 */
export function sendTimeoutNowWhenCaughtUp<App>(state: RaftState<App>, effects: Effects<App>): RaftState<App> {
  const { leader } = state;
  if (leader === null || leader.leadTransferee === null) return state;
  const position = progressPosition(leader, leader.leadTransferee);
  if (position < 0 || leader.progress[position]!.matchIndex < lastIndex(state.log)) return state;
  const message = { kind: "timeoutNow" as const, term: state.currentTerm };
  effects.push(note.transferTimeoutNowSent, { kind: "send", to: leader.leadTransferee, message });
  return leader.leaseForfeited ? state : update(state, { leader: updateLeader(leader, { leaseForfeited: true }) });
}

/** Thesis 3.10: if it "does not complete after about an election timeout, the prior leader aborts the transfer". */
export function transferTimeout<App>(state: RaftState<App>, effects: Effects<App>): RaftState<App> {
  const { leader } = state;
  if (leader === null || leader.leadTransferee === null) return state;
  effects.push(note.transferAborted);
  return update(state, { leader: updateLeader(leader, { leadTransferee: null }) });
}

/** The target is no voter any more in the configuration that has just come into force (etcd raft, switchToConfig). */
export function abortTransferTo<App>(state: RaftState<App>, effects: Effects<App>): RaftState<App> {
  const target = state.leader!.leadTransferee;
  if (target === null || inForce(state).voters.includes(target)) return state;
  effects.push(CANCEL_TRANSFER);
  return transferTimeout(state, effects);
}

/** Thesis 3.10: the target "starts a new election (incrementing its term and becoming a candidate)", without a pre-vote. */
export function handleTimeoutNow<App>(state: RaftState<App>, effects: Effects<App>): RaftState<App> {
  if (state.role === "leader" || !mayCampaign(state)) {
    effects.push(note.transferIgnored);
    return state;
  }
  effects.push(note.transferCampaign);
  return becomeCandidate(state, true, effects);
}

function refuse<App>(state: RaftState<App>, id: RequestId, reason: string, effects: Effects<App>): RaftState<App> {
  effects.push(note.transferRefused, { kind: "reply", id, response: { kind: "refused", reason } });
  return state;
}
