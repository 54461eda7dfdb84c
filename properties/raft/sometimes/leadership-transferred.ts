import type { Term } from "../../../models/raft/types.ts";
import type { RaftProperty } from "../raft-property.ts";

/** Who was told to campaign by the leader is elected in that very term. */
export const leadershipTransferred: RaftProperty = {
  id: "raft/sometimes/leadership-transferred",
  kind: "sometimes",
  source: "Raft thesis 3.10, leadership transfer extension",
  monitor(context) {
    /** By process index: the term in which it campaigned at the leader's request. */
    const campaignedIn: Term[] = [];
    return {
      concerns: { changes: ["role", "currentTerm"] },
      onStep(process, before, after, input) {
        if (after.role === before.role && after.currentTerm === before.currentTerm) return;
        if (after.role === "candidate" && input.kind === "receive" && input.message.kind === "timeoutNow")
          campaignedIn[process.index] = after.currentTerm;
        else if (after.role === "leader" && campaignedIn[process.index] === after.currentTerm) context.reach();
      },
    };
  },
};
