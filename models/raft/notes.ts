import type { Note } from "../kernel/index.ts";

/** Every observation that a member can make, by the rule that makes it. Constants: a note costs no allocation. */
export const note = {
  electionTimeout: define("election/timeout"),
  electionNotPromotable: define("election/not-promotable"),
  electionPreVoteStarted: define("election/pre-vote-started"),
  electionStarted: define("election/started"),
  electionWon: define("election/won"),
  electionLost: define("election/lost"),
  preVoteLost: define("election/pre-vote-lost"),
  higherTermMet: define("election/higher-term-met"),
  leaderSteppedDown: define("election/leader-stepped-down"),
  candidateYielded: define("election/candidate-yielded"),
  checkQuorumFailed: define("election/check-quorum-failed"),

  preVoteGranted: define("vote/pre-vote-granted"),
  preVoteRefusedStaleTerm: define("vote/pre-vote-refused-stale-term"),
  preVoteRefusedLeaderAlive: define("vote/pre-vote-refused-leader-alive"),
  preVoteRefusedLog: define("vote/pre-vote-refused-log"),
  preVoteRefusedVoted: define("vote/pre-vote-refused-voted"),
  voteGranted: define("vote/granted"),
  voteRefusedStaleTerm: define("vote/refused-stale-term"),
  voteIgnoredLeaderAlive: define("vote/ignored-leader-alive"),
  voteRefusedLog: define("vote/refused-log"),
  voteRefusedVoted: define("vote/refused-voted"),
  voteReplyStale: define("vote/reply-stale"),

  appendRefusedStaleTerm: define("append/refused-stale-term"),
  appendFromSecondLeader: define("append/from-second-leader"),
  appendBelowCompacted: define("append/below-compacted"),
  appendMismatch: define("append/mismatch"),
  appendDuplicate: define("append/duplicate"),
  appendConflictTruncated: define("append/conflict-truncated"),

  progressProbeToReplicate: define("progress/probe-to-replicate"),
  progressReplicateToProbe: define("progress/replicate-to-probe"),
  progressToSnapshot: define("progress/to-snapshot"),
  progressSnapshotToReplicate: define("progress/snapshot-to-replicate"),
  progressSnapshotLost: define("progress/snapshot-lost"),
  progressBackedUpFast: define("progress/backed-up-fast"),
  progressBackedUpByOne: define("progress/backed-up-by-one"),
  progressRejectionStale: define("progress/rejection-stale"),
  progressWindowFull: define("progress/window-full"),

  commitRefusedOldTerm: define("commit/refused-old-term"),
  proposalSuperseded: define("proposal/superseded"),
  proposalUnknown: define("proposal/unknown"),
  proposalRefusedBusy: define("proposal/refused-busy"),
  proposalRefusedTransferring: define("proposal/refused-transferring"),
  proposalNotLeader: define("proposal/not-leader"),

  snapshotTaken: define("snapshot/taken"),
  snapshotSent: define("snapshot/sent"),
  snapshotInstalled: define("snapshot/installed"),
  snapshotIgnoredStale: define("snapshot/ignored-stale"),
  snapshotIgnoredLogMatches: define("snapshot/ignored-log-matches"),
  snapshotRefusedStaleTerm: define("snapshot/refused-stale-term"),

  configurationJointEntered: define("configuration/joint-entered"),
  configurationJointLeft: define("configuration/joint-left"),
  configurationAutoLeft: define("configuration/auto-left"),
  configurationSimpleApplied: define("configuration/simple-applied"),
  configurationReverted: define("configuration/reverted"),
  configurationRefused: define("configuration/refused"),
  configurationRefusedPending: define("configuration/refused-pending"),
  configurationRefusedOldTerm: define("configuration/refused-old-term"),
  configurationRefusedLagging: define("configuration/refused-lagging-learner"),
  learnerPromoted: define("configuration/learner-promoted"),
  voterDemoted: define("configuration/voter-demoted"),
  leaderRemoved: define("configuration/leader-removed"),

  transferStarted: define("transfer/started"),
  transferTimeoutNowSent: define("transfer/timeout-now-sent"),
  transferAborted: define("transfer/aborted"),
  transferRefused: define("transfer/refused"),
  transferCampaign: define("transfer/campaign"),
  transferIgnored: define("transfer/timeout-now-ignored"),

  readRoundStarted: define("read/round-started"),
  readConfirmed: define("read/confirmed"),
  readWaitsForCommit: define("read/waits-for-commit-in-term"),
  readForwarded: define("read/forwarded"),
  readForwardDropped: define("read/forward-dropped"),
  readNotLeader: define("read/not-leader"),
  readLeaseServed: define("read/lease-served"),
  readLeaseExpired: define("read/lease-expired"),
  readLeaseForfeited: define("read/lease-forfeited"),
} as const;

/** The names of all notes, in the order of their definition. Coverage shows those that no run has reached. */
export const RAFT_NOTES: readonly string[] = Object.freeze(Object.values(note).map(nameOf));

function define(name: string): Note {
  return Object.freeze({ kind: "note" as const, name });
}

function nameOf(noted: Note): string {
  return noted.name;
}
