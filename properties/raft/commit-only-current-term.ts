import { commitsAsLeader } from "./commit.ts";
import { termAt } from "./log.ts";
import type { RaftProperty } from "./raft-property.ts";

/** The rule that keeps figure 8 of the paper from going wrong: a leader's commit moves to an entry of its own term. */
export const commitOnlyCurrentTerm: RaftProperty = {
  id: "raft/commit-only-current-term",
  kind: "always",
  source: 'Raft 5.4.2: "Only log entries from the leader\'s current term are committed by counting replicas"',
  monitor: (context) => ({
    concerns: { changes: ["commitIndex"] },
    onStep(process, before, after) {
      if (after.commitIndex === before.commitIndex || !commitsAsLeader(before, after)) return;
      const term = termAt(after.log, after.commitIndex);
      if (term === after.currentTerm) return;
      context.violate(
        `${process.id}, leader of term ${after.currentTerm}, commits index ${after.commitIndex} of term ${term} by counting replicas`,
        { member: process.id, leaderTerm: after.currentTerm, index: after.commitIndex, term },
      );
    },
  }),
};
