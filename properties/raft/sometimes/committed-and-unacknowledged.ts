import type { RequestId } from "../../../models/kernel/index.ts";
import type { RaftProperty } from "../raft-property.ts";

/** A leader crashes when it has committed a proposal, and before it has told the client. */
export const committedAndUnacknowledged: RaftProperty = {
  id: "raft/sometimes/committed-and-unacknowledged",
  kind: "sometimes",
  source:
    'Raft 8: "if the leader crashes after committing the log entry but before responding to the client, the client will retry the command with a new leader, causing it to be executed a second time"',
  monitor(context) {
    /** By process index: proposals that the last step that committed any has committed, and that are not answered yet. */
    const unanswered: RequestId[][] = [];
    return {
      concerns: { changes: ["commitIndex"] },
      onStep(process, before, after) {
        if (after.commitIndex === before.commitIndex || before.pendingProposals.length === 0) return;
        const committed: RequestId[] = [];
        for (const { id, index, term } of before.pendingProposals)
          if (after.role === "leader" && index <= after.commitIndex && term === after.currentTerm) committed.push(id);
        unanswered[process.index] = committed;
      },
      onReply(process, id) {
        const ids = unanswered[process.index];
        const at = ids === undefined ? -1 : ids.indexOf(id);
        if (at >= 0) ids!.splice(at, 1);
      },
      onCrash(process) {
        if ((unanswered[process.index]?.length ?? 0) > 0) context.reach();
        unanswered[process.index] = [];
      },
    };
  },
};
