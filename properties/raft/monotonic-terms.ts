import type { Term } from "../../models/raft/types.ts";
import type { RaftProperty } from "./raft-property.ts";

/**
 * A member's term never decreases, also not by a restart, once it has let others know of it: by asking for their vote or
 * by an answer. (A term that it crashed with before it said a word may be forgotten.)
 */
export const monotonicTerms: RaftProperty = {
  id: "raft/monotonic-terms",
  kind: "always",
  source:
    'Raft fig. 2: currentTerm is the "latest term server has seen (initialized to 0 on first boot, increases monotonically)", and "updated on stable storage before responding to RPCs"',
  monitor(context) {
    /** By process index. */
    const spokeIn: Term[] = [];
    return {
      concerns: { changes: ["currentTerm"] },
      onStep(process, before, after) {
        if (after.currentTerm >= before.currentTerm) return;
        context.violate(`${process.id} goes back from term ${before.currentTerm} to term ${after.currentTerm}`, {
          member: process.id,
          before: before.currentTerm,
          after: after.currentTerm,
        });
      },
      onSend(process, _to, message) {
        const { currentTerm } = process.state;
        if (currentTerm <= (spokeIn[process.index] ?? 0)) return;
        switch (message.kind) {
          case "requestVote":
          case "requestVoteReply":
          case "appendEntriesReply":
          case "installSnapshotReply":
            spokeIn[process.index] = currentTerm;
        }
      },
      onBoot(process) {
        const spoken = spokeIn[process.index] ?? 0;
        const { currentTerm } = process.state;
        if (currentTerm >= spoken) return;
        context.violate(`${process.id} restarts in term ${currentTerm}, after it has spoken in term ${spoken}`, {
          member: process.id,
          spoken,
          restarted: currentTerm,
        });
      },
    };
  },
};
