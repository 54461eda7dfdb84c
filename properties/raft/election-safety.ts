import type { Term } from "../../models/raft/types.ts";
import type { Member, MemberState, RaftProperty } from "./raft-property.ts";

/** Terms remembered; later ones push out the earliest. */
const TERMS_MAX = 4_096;

interface Leadership {
  readonly member: string;
  readonly incarnation: number;
}

/** Raft fig. 3, Election Safety. A member that leads a term again after a restart has forgotten its vote, too. */
export const electionSafety: RaftProperty = {
  id: "raft/election-safety",
  kind: "always",
  source: 'Raft fig. 3, Election Safety: "at most one leader can be elected in a given term"',
  monitor(context) {
    const leaderOf = new Map<Term, Leadership>();

    function lead(process: Member, { currentTerm }: MemberState): void {
      const known = leaderOf.get(currentTerm);
      if (known === undefined) {
        leaderOf.set(currentTerm, { member: process.id, incarnation: process.incarnation });
        if (leaderOf.size > TERMS_MAX) leaderOf.delete(leaderOf.keys().next().value!);
      } else if (known.member !== process.id)
        context.violate(`${known.member} and ${process.id} both lead term ${currentTerm}`, {
          term: currentTerm,
          first: known.member,
          second: process.id,
        });
      else if (known.incarnation !== process.incarnation)
        context.violate(`${process.id} leads term ${currentTerm} again after a restart`, {
          term: currentTerm,
          member: process.id,
          incarnations: [known.incarnation, process.incarnation],
        });
    }

    return {
      concerns: { changes: ["role", "currentTerm"] },
      onBoot(process) {
        if (process.state.role === "leader") lead(process, process.state);
      },
      onStep(process, before, after) {
        if (after.role !== "leader") return;
        if (before.role !== "leader" || before.currentTerm !== after.currentTerm) lead(process, after);
      },
    };
  },
};
