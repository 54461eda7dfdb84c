import type { RequestId } from "../../models/kernel/index.ts";
import type { Index, Term } from "../../models/raft/types.ts";
import { IndexWindow } from "./index-window.ts";
import { entryAt, termAt } from "./log.ts";
import type { Member, RaftProperty } from "./raft-property.ts";

/** Answered requests and superseded proposals that are remembered. */
const ANSWERED_MAX = 16_384;
const SUPERSEDED_MAX = 4_096;

/**
 * A request is answered at most once, and the answer is true: the proposal that is told committed is what stands at that
 * index, the one that is told superseded stands nowhere, neither before nor after.
 */
export const consistentReplies: RaftProperty = {
  id: "raft/consistent-replies",
  kind: "always",
  source:
    'Raft 8: "each operation appears to execute instantaneously, exactly once, at some point between its invocation and its response"',
  monitor(context) {
    /** By process index: the commands of the proposals in progress. */
    const proposed: Map<RequestId, string>[] = [];
    /** Ids of answered requests in two generations: the older goes when the younger is full. */
    let answered = new Set<RequestId>();
    let answeredBefore = new Set<RequestId>();
    const superseded = new Map<Index, Term[]>();
    const applied = new IndexWindow<Term>(context);
    let highestApplied: Index = 0;

    function contradiction(process: Member, id: RequestId, explanation: string, index: Index, term: Term): void {
      context.violate(explanation, { request: id, member: process.id, index, term });
    }

    function committed(process: Member, id: RequestId, index: Index, term: Term): void {
      const entry = entryAt(process.state.log, index);
      const known = applied.get(index) ?? term;
      if (known !== term || (entry !== undefined && entry.term !== term)) {
        const stands = known !== term ? known : entry!.term;
        contradiction(
          process,
          id,
          `${id} is told committed at index ${index} in term ${term}, where an entry of term ${stands} stands`,
          index,
          term,
        );
        return;
      }
      const command = proposed[process.index]?.get(id);
      if (command === undefined || entry === undefined) return;
      if (entry.kind !== "command" || entry.command !== command)
        contradiction(
          process,
          id,
          `${id} is told committed at index ${index}, where another command stands than the proposed "${command}"`,
          index,
          term,
        );
    }

    function supersede(process: Member, id: RequestId, index: Index, term: Term): void {
      if (applied.get(index) === term)
        contradiction(
          process,
          id,
          `${id} is told superseded, but its entry of index ${index} and term ${term} was committed and applied`,
          index,
          term,
        );
      const terms = superseded.get(index);
      if (terms !== undefined) {
        terms.push(term);
        return;
      }
      superseded.set(index, [term]);
      if (superseded.size > SUPERSEDED_MAX) superseded.delete(superseded.keys().next().value!);
    }

    return {
      concerns: { changes: ["lastApplied", "commitIndex", "log"] },
      onRequest(process, id, body) {
        if (body.kind !== "propose") return;
        const proposals = proposed[process.index];
        if (proposals === undefined) proposed[process.index] = new Map([[id, body.command]]);
        else proposals.set(id, body.command);
      },
      onReply(process, id, response) {
        if (answered.has(id) || answeredBefore.has(id))
          context.violate(`${process.id} answers ${id} a second time, now with "${response.kind}"`, {
            request: id,
            member: process.id,
            response,
          });
        answered.add(id);
        if (answered.size >= ANSWERED_MAX) {
          answeredBefore = answered;
          answered = new Set();
        }
        if (response.kind === "committed") committed(process, id, response.index, response.term);
        else if (response.kind === "superseded") supersede(process, id, response.index, response.term);
        proposed[process.index]?.delete(id);
      },
      onCrash(process) {
        proposed[process.index]?.clear();
      },
      onStep(process, _before, after) {
        if (after.lastApplied <= highestApplied) return;
        const end = after.lastApplied;
        for (let index = Math.max(highestApplied, after.log.prevIndex - 1) + 1; index <= end; index++) {
          const term = termAt(after.log, index);
          applied.set(index, term);
          if (superseded.size > 0 && superseded.get(index)?.includes(term))
            context.violate(
              `${process.id} applies index ${index} of term ${term}, after its proposer was told that it is superseded`,
              { member: process.id, index, term },
            );
        }
        highestApplied = Math.max(highestApplied, end);
      },
    };
  },
};
