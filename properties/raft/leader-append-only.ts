import type { Index, Log } from "../../models/raft/types.ts";
import { entryAt, firstChange, lastIndex, sameEntry } from "./log.ts";
import type { RaftProperty } from "./raft-property.ts";

/** Raft fig. 3, Leader Append-Only. Compaction takes away what a snapshot holds, which is no deletion. */
export const leaderAppendOnly: RaftProperty = {
  id: "raft/leader-append-only",
  kind: "always",
  source:
    'Raft fig. 3, Leader Append-Only: "a leader never overwrites or deletes entries in its log; it only appends new entries"',
  monitor: (context) => ({
    concerns: { changes: ["log"] },
    onStep(process, before, after) {
      if (after.log === before.log || before.role !== "leader" || after.role !== "leader") return;
      if (before.currentTerm !== after.currentTerm) return;
      const end = lastIndex(before.log);
      let changed = firstChange(before.log, after.log);
      while (changed <= end && sameAt(before.log, after.log, changed)) changed++;
      if (changed > end || after.log.prevIndex >= end) return;
      const deleted = lastIndex(after.log) < changed;
      context.violate(
        `${process.id}, leader of term ${after.currentTerm}, ${deleted ? "deletes" : "overwrites"} index ${changed} of its own log`,
        {
          member: process.id,
          term: after.currentTerm,
          index: changed,
          lastIndexBefore: end,
          lastIndexAfter: lastIndex(after.log),
        },
      );
    },
  }),
};

function sameAt(before: Log, after: Log, index: Index): boolean {
  const left = entryAt(before, index);
  const right = entryAt(after, index);
  return left !== undefined && right !== undefined && sameEntry(left, right);
}
