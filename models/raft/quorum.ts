import type { Configuration, MemberId, Progress } from "./types.ts";

/** How a vote stands: `pending` while the outstanding answers can still decide it. */
export type VoteResult = "won" | "lost" | "pending";

/** The smallest number of members that is more than half of `count`. */
export function majority(count: number): number {
  return Math.floor(count / 2) + 1;
}

/**
 * The largest value that a quorum has reached: matchIndex for commitment, ackedRound for leadership. The member itself
 * has reached `own`, and counts only where it is a voter.
 *
 * Raft 6: "Agreement (for elections and entry commitment) requires separate majorities from both the old and new
 * configurations", so in a joint configuration it is the smaller of the two. Infinity if there are no voters.
 */
export function quorumReached(
  configuration: Configuration,
  progress: readonly Progress[],
  field: "matchIndex" | "ackedRound",
  self: MemberId,
  own: number,
): number {
  const incoming = majorityReached(configuration.voters, progress, field, self, own);
  if (configuration.votersOutgoing.length === 0) return incoming;
  return Math.min(incoming, majorityReached(configuration.votersOutgoing, progress, field, self, own));
}

function majorityReached(
  voters: readonly MemberId[],
  progress: readonly Progress[],
  field: "matchIndex" | "ackedRound",
  self: MemberId,
  own: number,
): number {
  if (voters.length === 0) return Number.POSITIVE_INFINITY;
  // With a handful of voters, trying each one's value beats sorting, and allocates nothing.
  const needed = majority(voters.length);
  let reached = 0;
  for (let i = 0; i < voters.length; i++) {
    const value = reachedBy(voters[i]!, progress, field, self, own);
    if (value > reached && countAtLeast(value, voters, progress, field, self, own) >= needed) reached = value;
  }
  return reached;
}

function countAtLeast(
  value: number,
  voters: readonly MemberId[],
  progress: readonly Progress[],
  field: "matchIndex" | "ackedRound",
  self: MemberId,
  own: number,
): number {
  let count = 0;
  for (let i = 0; i < voters.length; i++) if (reachedBy(voters[i]!, progress, field, self, own) >= value) count++;
  return count;
}

function reachedBy(
  voter: MemberId,
  progress: readonly Progress[],
  field: "matchIndex" | "ackedRound",
  self: MemberId,
  own: number,
): number {
  if (voter === self) return own;
  for (let i = 0; i < progress.length; i++) {
    const peer = progress[i]!;
    if (peer.id === voter) return field === "matchIndex" ? peer.matchIndex : peer.ackedRound;
  }
  return 0;
}

/** Raft 5.2: "A candidate wins an election if it receives votes from a majority of the servers in the full cluster". */
export function voteResult(
  configuration: Configuration,
  votes: readonly { readonly from: MemberId; readonly granted: boolean }[],
): VoteResult {
  const incoming = majorityVote(configuration.voters, votes);
  const outgoing = majorityVote(configuration.votersOutgoing, votes);
  if (incoming === "lost" || outgoing === "lost") return "lost";
  return incoming === "won" && outgoing === "won" ? "won" : "pending";
}

function majorityVote(
  voters: readonly MemberId[],
  votes: readonly { readonly from: MemberId; readonly granted: boolean }[],
): VoteResult {
  // etcd raft, quorum.MajorityConfig.VoteResult: "By convention, the elections on an empty config win", for joint ones.
  if (voters.length === 0) return "won";
  const needed = majority(voters.length);
  let granted = 0;
  let refused = 0;
  for (const vote of votes) {
    if (!voters.includes(vote.from)) continue;
    if (vote.granted) granted++;
    else refused++;
  }
  if (granted >= needed) return "won";
  return voters.length - refused < needed ? "lost" : "pending";
}

/** Whether a quorum was heard from since the last check; the leader has heard from itself. */
export function quorumActive(configuration: Configuration, progress: readonly Progress[], self: MemberId): boolean {
  return (
    majorityActive(configuration.voters, progress, self) && majorityActive(configuration.votersOutgoing, progress, self)
  );
}

function majorityActive(voters: readonly MemberId[], progress: readonly Progress[], self: MemberId): boolean {
  if (voters.length === 0) return true;
  let active = voters.includes(self) ? 1 : 0;
  for (const peer of progress) if (peer.recentActive && voters.includes(peer.id)) active++;
  return active >= majority(voters.length);
}
