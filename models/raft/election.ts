import { isVoter, memberIds, voterIds } from "./configuration.ts";
import { lastIndex, lastTerm } from "./log.ts";
import { note } from "./notes.ts";
import { newProgress, notHeardFrom } from "./progress.ts";
import { appendAsLeader } from "./propose.ts";
import { quorumActive, voteResult } from "./quorum.ts";
import { dropForwardedReads } from "./read.ts";
import { becomeFollower } from "./roles.ts";
import { inForce, newestConfiguration, persistHardState, update, updateLeader } from "./state.ts";
import { CANCEL_ELECTION, checkQuorumTimer, electionTimer, heartbeatTimer } from "./timers.ts";
import type { Effects, LeaderState, MemberId, Progress, RaftState } from "./types.ts";

/**
 * Raft 5.2: "If a follower receives no communication over a period of time called the election timeout, then it assumes
 * there is no viable leader and begins an election to choose a new leader".
 */
export function electionTimeout<App>(state: RaftState<App>, effects: Effects<App>): RaftState<App> {
  if (state.role === "leader") return state;
  effects.push(note.electionTimeout);
  if (!mayCampaign(state)) {
    effects.push(note.electionNotPromotable, electionTimer(state.config));
    return state;
  }
  return state.config.preVote ? becomePreCandidate(state, effects) : becomeCandidate(state, false, effects);
}

/**
 * Thesis 4.2.1: learners ("non-voting servers") "are not counted in majorities", and must not lead; nor must a process
 * that is not a member. A voter of the outgoing half alone may: until the joint configuration is left it is a voter.
 */
export function mayCampaign<App>(state: RaftState<App>): boolean {
  return isVoter(inForce(state), state.config.id) || isStillNeeded(state);
}

/**
 * Thesis 4.2.2: "a server that is not part of its own latest configuration should still start new elections, as it might
 * still be needed until the C_new entry is committed": where it alone has that entry, nobody else can be elected.
 */
export function isStillNeeded<App>(state: RaftState<App>): boolean {
  const { configurations, commitIndex, config } = state;
  if (newestConfiguration(state).index <= commitIndex || configurations.length < 2) return false;
  return isVoter(configurations[configurations.length - 2]!.configuration, config.id);
}

/**
 * Thesis 9.6: "a candidate only increments its term if it first learns from a majority of the cluster that they would be
 * willing to grant the candidate their votes". Neither term nor vote changes, so nothing is persisted.
 */
export function becomePreCandidate<App>(state: RaftState<App>, effects: Effects<App>): RaftState<App> {
  const { config, currentTerm } = state;
  effects.push(note.electionPreVoteStarted, electionTimer(config));
  const candidate = update(state, {
    role: "preCandidate",
    leaderId: null,
    votes: [{ from: config.id, granted: true }],
  });
  if (voteResult(inForce(candidate), candidate.votes) === "won") return becomeCandidate(candidate, false, effects);
  askForVotes(candidate, "requestPreVote", currentTerm + 1, false, effects);
  return candidate;
}

/**
 * Raft fig. 2, candidates: "On conversion to candidate, start election: increment currentTerm, vote for self, reset
 * election timer, send RequestVote RPCs to all other servers".
 */
export function becomeCandidate<App>(state: RaftState<App>, transfer: boolean, effects: Effects<App>): RaftState<App> {
  const { config } = state;
  effects.push(note.electionStarted, electionTimer(config));
  const candidate = update(state, {
    role: "candidate",
    currentTerm: state.currentTerm + 1,
    votedFor: config.id,
    leaderId: null,
    votes: [{ from: config.id, granted: true }],
    forwardedReads: dropForwardedReads(state.forwardedReads, null, effects),
  });
  persistHardState(state, candidate, effects);
  // The own vote counts when it is durable. Others' answers come later than that; a sole voter waits for itself.
  if (voteResult(inForce(candidate), candidate.votes) === "won") return awaitOwnVote(candidate, effects);
  askForVotes(candidate, "requestVote", candidate.currentTerm, transfer, effects);
  return candidate;
}

function awaitOwnVote<App>(state: RaftState<App>, effects: Effects<App>): RaftState<App> {
  const message = { kind: "requestVoteReply" as const, term: state.currentTerm, voteGranted: true };
  effects.push({ kind: "send", to: state.config.id, message });
  return update(state, { votes: [] });
}

function askForVotes<App>(
  state: RaftState<App>,
  kind: "requestPreVote" | "requestVote",
  term: number,
  transfer: boolean,
  effects: Effects<App>,
): void {
  const { log } = state;
  const message = { kind, term, lastLogIndex: lastIndex(log), lastLogTerm: lastTerm(log), transfer };
  for (const to of voterIds(inForce(state))) if (to !== state.config.id) effects.push({ kind: "send", to, message });
}

/**
 * Raft fig. 2, candidates: "If votes received from majority of servers: become leader". A candidate that can no longer
 * win becomes a follower until its timer fires (etcd raft, stepCandidate), so that it can vote for another.
 */
export function countVote<App>(
  state: RaftState<App>,
  from: MemberId,
  granted: boolean,
  now: number,
  effects: Effects<App>,
): RaftState<App> {
  // "Each server will vote for at most one candidate in a given term": a second answer is a duplicate of the first.
  for (const vote of state.votes) if (vote.from === from) return state;
  const counted = update(state, { votes: [...state.votes, { from, granted }] });
  switch (voteResult(inForce(counted), counted.votes)) {
    case "won":
      if (counted.role === "preCandidate") return becomeCandidate(counted, false, effects);
      return becomeLeader(counted, now, effects);
    case "lost":
      effects.push(counted.role === "preCandidate" ? note.preVoteLost : note.electionLost);
      return becomeFollower(counted, counted.currentTerm, null, effects);
    case "pending":
      return counted;
  }
}

/**
 * Raft fig. 2, leaders: "Upon election: send initial empty AppendEntries RPCs (heartbeat) to each server", and 8: "each
 * leader commit[s] a blank no-op entry into the log at the start of its term", which takes the heartbeat's place.
 */
export function becomeLeader<App>(state: RaftState<App>, now: number, effects: Effects<App>): RaftState<App> {
  const { config, log, currentTerm } = state;
  effects.push(note.electionWon, CANCEL_ELECTION, heartbeatTimer(config));
  if (config.checkQuorum) effects.push(checkQuorumTimer(config));
  const progress: Progress[] = [];
  for (const id of memberIds(inForce(state)))
    if (id !== config.id) progress.push(newProgress(id, lastIndex(log) + 1, false));
  const leader: LeaderState = {
    progress,
    round: 1,
    roundSentAt: config.readMode === "lease" ? [now] : [],
    leaseUntil: 0,
    pendingReads: [],
    leadTransferee: null,
    leaseForfeited: false,
  };
  const elected = update(state, { role: "leader", leaderId: config.id, votes: [], leader });
  return appendAsLeader(elected, { kind: "noop", term: currentTerm }, null, effects);
}

/**
 * Thesis 6.2: "a leader steps down if an election timeout elapses without a successful round of heartbeats to a majority
 * of its cluster; this allows clients to retry their requests with another server".
 */
export function checkQuorum<App>(state: RaftState<App>, effects: Effects<App>): RaftState<App> {
  const { leader, config } = state;
  if (leader === null || !config.checkQuorum) return state;
  if (!quorumActive(inForce(state), leader.progress, config.id)) {
    effects.push(note.checkQuorumFailed);
    return becomeFollower(state, state.currentTerm, null, effects);
  }
  effects.push(checkQuorumTimer(config));
  return update(state, { leader: updateLeader(leader, { progress: leader.progress.map(notHeardFrom) }) });
}
