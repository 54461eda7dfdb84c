import type { Index, Term } from "../../models/raft/types.ts";
import { IndexWindow } from "./index-window.ts";
import { lastIndex, termAt } from "./log.ts";
import type { Member, MemberState, RaftProperty } from "./raft-property.ts";

/**
 * In one incarnation commitIndex and lastApplied never go back, and lastApplied <= commitIndex <= last index. In the
 * cluster, over restarts too, what was once committed at an index is what every member commits there.
 */
export const monotonicCommitIndex: RaftProperty = {
  id: "raft/monotonic-commit-index",
  kind: "always",
  source:
    'Raft fig. 2: commitIndex and lastApplied are "initialized to 0, increases monotonically"; "If commitIndex > lastApplied: increment lastApplied, apply log[lastApplied]"',
  monitor(context) {
    /** The terms of the committed entries. */
    const committed = new IndexWindow<Term>(context);
    /** By process index: up to where what it commits was compared. */
    const compared: Index[] = [];

    function order(process: Member, before: MemberState, after: MemberState): void {
      if (after.commitIndex < before.commitIndex)
        goesBack(process, "commitIndex", before.commitIndex, after.commitIndex);
      if (after.lastApplied < before.lastApplied)
        goesBack(process, "lastApplied", before.lastApplied, after.lastApplied);
      if (after.lastApplied > after.commitIndex)
        context.violate(
          `${process.id} has applied index ${after.lastApplied}, but knows only index ${after.commitIndex} to be committed`,
          { member: process.id, lastApplied: after.lastApplied, commitIndex: after.commitIndex },
        );
      if (after.commitIndex > lastIndex(after.log))
        context.violate(
          `${process.id} holds index ${after.commitIndex} to be committed, but its log ends at index ${lastIndex(after.log)}`,
          { member: process.id, commitIndex: after.commitIndex, lastIndex: lastIndex(after.log) },
        );
    }

    function goesBack(process: Member, name: string, from: Index, to: Index): void {
      context.violate(`${process.id} goes back in ${name} from ${from} to ${to}`, {
        member: process.id,
        name,
        from,
        to,
      });
    }

    function compare(process: Member, from: Index, to: Index, { log }: MemberState): void {
      for (let index = Math.max(from, log.prevIndex, 1); index <= to; index++) {
        const term = termAt(log, index);
        if (term < 0) return;
        const known = committed.get(index);
        if (known === undefined) committed.set(index, term);
        else if (known !== term) {
          context.violate(
            `${process.id} commits index ${index} of term ${term}, but index ${index} was committed with term ${known}`,
            { member: process.id, index, term, committedTerm: known },
          );
          return;
        }
      }
    }

    return {
      concerns: { changes: ["commitIndex", "lastApplied", "log"] },
      onBoot(process) {
        order(process, process.state, process.state);
        const { state, index } = process;
        compare(process, state.log.prevIndex, state.commitIndex, state);
        compared[index] = state.commitIndex;
      },
      onStep(process, before, after) {
        const { commitIndex } = after;
        const known = compared[process.index] ?? 0;
        if (commitIndex === known && commitIndex === before.commitIndex && after.log === before.log)
          if (after.lastApplied === before.lastApplied) return;
        order(process, before, after);
        if (commitIndex === known) return;
        const end = commitIndex;
        compare(process, known + 1, end, after);
        compared[process.index] = end;
      },
    };
  },
};
