import { lastIndex, termAt } from "../log.ts";
import { inForce, isQuorum } from "../quorum.ts";
import type { RaftProperty } from "../raft-property.ts";

/** A leader knows that a quorum has an entry of an earlier term which is not committed, and must not commit it yet. */
export const figure8Situation: RaftProperty = {
  id: "raft/sometimes/figure-8-situation",
  kind: "sometimes",
  source: "Raft fig. 8: why a leader cannot determine commitment using log entries from older terms",
  monitor: (context) => ({
    concerns: { changes: ["leader"] },
    onStep(process, before, after) {
      if (after.leader === before.leader || after.leader === null || before.leader === null) return;
      const index = after.commitIndex + 1;
      if (index > lastIndex(after.log)) return;
      const term = termAt(after.log, index);
      if (term < 0 || term >= after.currentTerm) return;
      const members = [process.id];
      for (const { id, matchIndex } of after.leader.progress) if (matchIndex >= index) members.push(id);
      if (isQuorum(inForce(after), members)) context.reach();
    },
  }),
};
