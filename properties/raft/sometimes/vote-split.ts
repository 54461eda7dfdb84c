import type { Term } from "../../../models/raft/types.ts";
import type { RaftProperty } from "../raft-property.ts";

/** A candidate's time runs out in a term in which another campaigned too, and nobody was elected. */
export const voteSplit: RaftProperty = {
  id: "raft/sometimes/vote-split",
  kind: "sometimes",
  source:
    'Raft 5.2: "if many followers become candidates at the same time, votes could be split so that no candidate obtains a majority"',
  monitor(context) {
    /** By process index: the last term in which it campaigned. */
    const campaignedIn: Term[] = [];
    let latestElected: Term = 0;
    return {
      concerns: { changes: ["role", "currentTerm"] },
      onStep(process, before, after) {
        if (after.role === before.role && after.currentTerm === before.currentTerm) return;
        if (after.role === "leader") latestElected = Math.max(latestElected, after.currentTerm);
        if (before.role === "candidate" && after.role !== "leader" && latestElected < before.currentTerm)
          for (let index = 0; index < campaignedIn.length; index++)
            if (index !== process.index && campaignedIn[index] === before.currentTerm) context.reach();
        if (after.role === "candidate") campaignedIn[process.index] = after.currentTerm;
      },
    };
  },
};
