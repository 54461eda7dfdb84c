import { termAt } from "../log.ts";
import type { RaftProperty } from "../raft-property.ts";

/** A leader commits an entry of an earlier term by committing one of its own behind it. */
export const entryOfOldTermCommittedIndirectly: RaftProperty = {
  id: "raft/sometimes/entry-of-old-term-committed-indirectly",
  kind: "sometimes",
  source: 'Raft 5.4.2: "all prior entries are committed indirectly because of the Log Matching Property"',
  monitor: (context) => ({
    concerns: { changes: ["commitIndex"] },
    onStep(_process, before, after) {
      if (after.role !== "leader" || after.commitIndex === before.commitIndex) return;
      const term = termAt(after.log, before.commitIndex + 1);
      if (term >= 0 && term < after.currentTerm) context.reach();
    },
  }),
};
