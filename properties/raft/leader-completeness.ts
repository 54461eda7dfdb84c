import type { Index, Term } from "../../models/raft/types.ts";
import { holds, lastIndex, termAt } from "./log.ts";
import type { Member, MemberState, RaftProperty } from "./raft-property.ts";

/** Terms in which something was committed, that are remembered. */
const TERMS_MAX = 1_024;

/** The last entry committed in a term. By log matching it stands for all before it. */
interface Committed {
  /** The term of the leader that committed it. */
  readonly inTerm: Term;
  readonly index: Index;
  /** The entry's own term. */
  readonly term: Term;
  readonly member: string;
}

/** Raft fig. 3, Leader Completeness. A leader of an earlier term, elected late by delayed votes, need not have it. */
export const leaderCompleteness: RaftProperty = {
  id: "raft/leader-completeness",
  kind: "always",
  source:
    'Raft fig. 3, Leader Completeness: "if a log entry is committed in a given term, then that entry will be present in the logs of the leaders for all higher-numbered terms"',
  monitor(context) {
    /** By the term of the commit, ascending. */
    const committed: Committed[] = [];
    let highest: Index = 0;
    let latestLeaderTerm: Term = 0;

    function expect(process: Member, state: MemberState, entry: Committed): void {
      if (holds(state.log, state.snapshot, entry.index, entry.term)) return;
      const found = termAt(state.log, entry.index);
      context.violate(
        `${process.id} leads term ${state.currentTerm} without index ${entry.index} of term ${entry.term}, which ${entry.member} committed in term ${entry.inTerm}`,
        {
          leader: process.id,
          leaderTerm: state.currentTerm,
          committed: { index: entry.index, term: entry.term, inTerm: entry.inTerm, by: entry.member },
          leaderLog: { lastIndex: lastIndex(state.log), termAtIndex: found < 0 ? null : found },
        },
      );
    }

    function elected(process: Member, state: MemberState): void {
      latestLeaderTerm = Math.max(latestLeaderTerm, state.currentTerm);
      for (let i = committed.length - 1; i >= 0; i--)
        if (committed[i]!.inTerm < state.currentTerm) {
          expect(process, state, committed[i]!);
          return;
        }
    }

    function commit(process: Member, before: MemberState, after: MemberState): void {
      const index = after.commitIndex;
      if (index <= highest) return;
      highest = index;
      const { log } = index < after.log.prevIndex ? before : after;
      const entry: Committed = { inTerm: after.currentTerm, index, term: termAt(log, index), member: process.id };
      let at = committed.length;
      while (at > 0 && committed[at - 1]!.inTerm > entry.inTerm) at--;
      if (at > 0 && committed[at - 1]!.inTerm === entry.inTerm) committed[at - 1] = entry;
      else committed.splice(at, 0, entry);
      if (committed.length > TERMS_MAX) committed.shift();
      if (entry.inTerm >= latestLeaderTerm) return;
      // Committed by a leader that does not know yet that it was deposed: whoever deposed it must have the entry.
      for (const other of context.processes)
        if (other.status === "up" && other.state.role === "leader" && other.state.currentTerm > entry.inTerm)
          expect(other, other.state, entry);
    }

    return {
      concerns: { changes: ["role", "currentTerm", "commitIndex", "log"] },
      onStep(process, before, after) {
        if (after.role === "leader" && (before.role !== "leader" || before.currentTerm !== after.currentTerm))
          elected(process, after);
        if (after.commitIndex > highest) commit(process, before, after);
      },
    };
  },
};
