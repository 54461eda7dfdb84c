import type { Index } from "../../models/raft/types.ts";
import { lastIndex, termAt } from "./log.ts";
import type { Member, RaftProperty } from "./raft-property.ts";

/**
 * A log never loses a committed entry that it has: its member was counted when the entry was committed, or may be counted
 * on to keep it.
 */
export const committedEntriesStay: RaftProperty = {
  id: "raft/committed-entries-stay",
  kind: "always",
  source:
    'Raft 5.3: "A log entry is committed once the leader that created the entry has replicated it on a majority of the servers", which is to say that it stays there; etcd-io/raft 80615be',
  monitor(context) {
    /** A member that counts the entry at `index` as committed, and in whose log its term can be looked up. */
    function whoCommitted(index: Index): Member | undefined {
      return context.processes.find(
        ({ status, state }) => status === "up" && state.commitIndex >= index && termAt(state.log, index) >= 0,
      );
    }

    return {
      concerns: { changes: ["log"] },
      onStep(process, before, after) {
        if (after.log === before.log) return;
        const kept = lastIndex(after.log);
        if (kept >= lastIndex(before.log)) return;
        const lost = kept + 1;
        const witness = whoCommitted(lost);
        if (witness === undefined) return;
        const term = termAt(witness.state.log, lost);
        if (termAt(before.log, lost) !== term) return;
        context.violate(
          `${process.id} loses index ${lost} of term ${term}, which ${witness.id} knows to be committed`,
          {
            member: process.id,
            index: lost,
            term,
            lastIndex: { before: lastIndex(before.log), after: kept },
            committedBy: witness.id,
          },
        );
      },
    };
  },
};
