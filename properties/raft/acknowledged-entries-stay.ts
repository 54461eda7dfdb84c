import type { Index, Term } from "../../models/raft/types.ts";
import { lastIndex } from "./log.ts";
import type { Member, RaftProperty } from "./raft-property.ts";

/**
 * In a term, a member keeps the entries that it has told the leader it has, over restarts too: the leader counts on them,
 * and never overwrites its own log. A stale append or snapshot of that term gives no reason to drop them.
 */
export const acknowledgedEntriesStay: RaftProperty = {
  id: "raft/acknowledged-entries-stay",
  kind: "always",
  source:
    'Raft fig. 2, AppendEntries 3: "If an existing entry conflicts with a new one [...], delete the existing entry and all that follow it", and no other; 7: "if instead the follower receives a snapshot that describes a prefix of its log [...] entries following the snapshot are still valid and must be retained"',
  monitor(context) {
    /** By process index: the term of its last acknowledgement, and the highest index that it acknowledged in it. */
    const inTerm: Term[] = [];
    const upTo: Index[] = [];

    function compare({ id, index, state }: Member, how: string): void {
      const { log, currentTerm } = state;
      if (currentTerm !== inTerm[index] || lastIndex(log) >= upTo[index]!) return;
      context.violate(
        `${id} ${how} ends its log at index ${lastIndex(log)}, after it has acknowledged index ${upTo[index]} in the same term ${currentTerm}`,
        { member: id, term: currentTerm, acknowledged: upTo[index], lastIndex: lastIndex(log) },
      );
    }

    return {
      concerns: { changes: ["log"], messages: ["appendEntriesReply", "installSnapshotReply"] },
      onSend({ index, state }, _to, message) {
        if (message.kind === "appendEntriesReply") {
          if (!message.success) return;
        } else if (message.kind !== "installSnapshotReply") return;
        const known = inTerm[index] === state.currentTerm ? upTo[index]! : 0;
        inTerm[index] = state.currentTerm;
        upTo[index] = Math.max(known, message.matchIndex);
      },
      onStep(process, before, after) {
        if (after.log !== before.log) compare(process, "truncates, and");
      },
      onBoot(process) {
        compare(process, "restarts, and");
      },
    };
  },
};
