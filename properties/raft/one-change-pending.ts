import { lastIndex, termAt } from "./log.ts";
import { inForceSince } from "./quorum.ts";
import type { RaftProperty } from "./raft-property.ts";

/**
 * A leader begins a change of the membership only when the one before is committed, and when it has committed an entry
 * of its own term: without that, an uncommitted change of an earlier leader may still win over its own.
 */
export const oneChangePending: RaftProperty = {
  id: "raft/one-change-pending",
  kind: "always",
  source:
    'Raft thesis 4.1: "a leader may not begin another change until the previous one is committed"; Ongaro, raft-dev 2015: not before it "has committed an entry from its current term"',
  monitor: (context) => ({
    concerns: { changes: ["configurations"] },
    onStep(process, before, after) {
      if (after.configurations === before.configurations || after.role !== "leader") return;
      const { configurations, commitIndex, currentTerm, log } = after;
      const since = inForceSince(after);
      if (since <= lastIndex(before.log) || termAt(log, since) !== currentTerm) return;
      const pending: number[] = [];
      for (const { index } of configurations) if (index > commitIndex) pending.push(index);
      if (pending.length > 1)
        context.violate(
          `${process.id}, leader of term ${currentTerm}, has ${pending.length} changes of the membership pending, at indexes ${pending.join(", ")}`,
          { member: process.id, term: currentTerm, commitIndex, pending },
        );
      else if (termAt(log, commitIndex) !== currentTerm)
        context.violate(
          `${process.id} changes the membership at index ${since}, before it has committed an entry of its term ${currentTerm}`,
          { member: process.id, term: currentTerm, index: since, commitIndex, committedTerm: termAt(log, commitIndex) },
        );
    },
  }),
};
