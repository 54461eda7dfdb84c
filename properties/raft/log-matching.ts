import type { Entry, Index, Log, Term } from "../../models/raft/types.ts";
import { IndexWindow } from "./index-window.ts";
import { describeEntry, entryAt, firstChange, lastIndex, sameEntry, termAt } from "./log.ts";
import type { Member, RaftProperty } from "./raft-property.ts";

/** An entry that some log holds or held at an index. There is more than one at an index where leaders disagreed. */
interface Seen {
  readonly entry: Entry;
  /** The term of the entry before it. */
  readonly prevTerm: Term;
  readonly member: string;
  readonly next: Seen | undefined;
}

/**
 * Raft fig. 3, Log Matching.
 *
 * By induction over the index: if all entries of one index and term have the same content, and the same term before
 * them, then logs that share an entry of that index and term are identical up to there. So each entry is compared once,
 * when it comes into a log.
 */
export const logMatching: RaftProperty = {
  id: "raft/log-matching",
  kind: "always",
  source:
    'Raft fig. 3, Log Matching: "if two logs contain an entry with the same index and term, then the logs are identical in all entries up through the given index"',
  monitor(context) {
    const seen = new IndexWindow<Seen>(context);
    /** By process index: the log that was last compared, which a restart is compared against. */
    const compared: Log[] = [];

    function put(process: Member, index: Index, entry: Entry, prevTerm: Term): void {
      const first = seen.get(index);
      let known = first;
      while (known !== undefined && known.entry.term !== entry.term) known = known.next;
      if (known === undefined) {
        seen.set(index, { entry, prevTerm, member: process.id, next: first });
        return;
      }
      if (!sameEntry(known.entry, entry))
        context.violate(
          `index ${index} of term ${entry.term} is ${describeEntry(entry)} at ${process.id}, but ${describeEntry(known.entry)} at ${known.member}`,
          { index, term: entry.term, members: [known.member, process.id], entries: [known.entry, entry] },
        );
      else if (known.prevTerm !== prevTerm)
        context.violate(
          `${known.member} and ${process.id} both have index ${index} of term ${entry.term}, but after an entry of term ${known.prevTerm} and of term ${prevTerm}`,
          { index, term: entry.term, members: [known.member, process.id], prevTerms: [known.prevTerm, prevTerm] },
        );
    }

    function compare(process: Member, log: Log, from: Index): void {
      const end = lastIndex(log);
      let prevTerm = termAt(log, from - 1);
      for (let index = from; index <= end; index++) {
        const entry = entryAt(log, index)!;
        put(process, index, entry, prevTerm);
        prevTerm = entry.term;
      }
    }

    return {
      concerns: { changes: ["log"] },
      onBoot(process) {
        const { log } = process.state;
        const known = compared[process.index];
        compare(process, log, known === undefined ? log.prevIndex + 1 : firstChange(known, log));
        compared[process.index] = log;
      },
      onStep(process, before, after) {
        if (after.log === before.log) return;
        const { log } = after;
        compared[process.index] = log;
        // After a compaction, the first entry left is compared again, now with the term that the log says is before it.
        if (log.prevIndex !== before.log.prevIndex && log.entries.length > 0)
          put(process, log.prevIndex + 1, entryAt(log, log.prevIndex + 1)!, log.prevTerm);
        compare(process, log, firstChange(before.log, log));
      },
    };
  },
};
