import { acknowledgedEntriesStay } from "./acknowledged-entries-stay.ts";
import { commitOnlyCurrentTerm } from "./commit-only-current-term.ts";
import { committedEntriesStay } from "./committed-entries-stay.ts";
import { configurationInForce } from "./configuration-in-force.ts";
import { consistentReplies } from "./consistent-replies.ts";
import { durableAcknowledgements } from "./durable-acknowledgements.ts";
import { electedByQuorum } from "./elected-by-quorum.ts";
import { electionSafety } from "./election-safety.ts";
import { leaderAppendOnly } from "./leader-append-only.ts";
import { leaderCompleteness } from "./leader-completeness.ts";
import { leaderIsElected } from "./leader-is-elected.ts";
import { leaderStickiness } from "./leader-stickiness.ts";
import { linearizableReads } from "./linearizable-reads.ts";
import { logMatching } from "./log-matching.ts";
import { membersConverge } from "./members-converge.ts";
import { membershipChangeCompletes } from "./membership-change-completes.ts";
import { monotonicCommitIndex } from "./monotonic-commit-index.ts";
import { monotonicTerms } from "./monotonic-terms.ts";
import { oneChangePending } from "./one-change-pending.ts";
import { promotionCaughtUp } from "./promotion-caught-up.ts";
import { proposalsSettle } from "./proposals-settle.ts";
import { quorumsIntersect } from "./quorums-intersect.ts";
import type { RaftProperty } from "./raft-property.ts";
import { readsAreConfirmed } from "./reads-are-confirmed.ts";
import { singleVote } from "./single-vote.ts";
import { raftSituations } from "./sometimes/index.ts";
import { stateMachineSafety } from "./state-machine-safety.ts";
import { transferToVoter } from "./transfer-to-voter.ts";

export type { RaftProperty } from "./raft-property.ts";

/**
 * All that must hold of a Raft cluster. A run ends at the first violation, and of several that show in one event the
 * first in this order is reported: the paper's own five, then what clients are promised, then the rules by which the paper
 * gets there, then liveness, then the situations that a campaign must reach.
 */
export const raftProperties: readonly RaftProperty[] = [
  electionSafety,
  leaderAppendOnly,
  logMatching,
  leaderCompleteness,
  committedEntriesStay,
  stateMachineSafety,
  durableAcknowledgements,
  linearizableReads,
  consistentReplies,
  readsAreConfirmed,
  acknowledgedEntriesStay,
  monotonicTerms,
  singleVote,
  electedByQuorum,
  monotonicCommitIndex,
  commitOnlyCurrentTerm,
  configurationInForce,
  oneChangePending,
  quorumsIntersect,
  leaderStickiness,
  transferToVoter,
  promotionCaughtUp,
  leaderIsElected,
  membershipChangeCompletes,
  membersConverge,
  proposalsSettle,
  ...raftSituations,
];
