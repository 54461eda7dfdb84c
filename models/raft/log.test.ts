import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Entry, Log } from "./index.ts";
import {
  appendEntry,
  compactTo,
  EMPTY_LOG,
  entriesFrom,
  entryAt,
  findConflictByTerm,
  lastIndex,
  lastTerm,
  logIsUpToDate,
  replaceFrom,
  termAt,
} from "./log.ts";

/** A log as an array of all terms that ever were: index i is `terms[i]`; `from` is what is compacted. */
interface Naive {
  readonly terms: readonly number[];
  readonly from: number;
}

function command(term: number): Entry {
  return { kind: "command", term, command: "x" };
}

const histories = fc.array(
  fc.record({
    what: fc.constantFrom("append", "append", "replace", "compact"),
    where: fc.double({ min: 0, max: 1, noNaN: true }),
    count: fc.nat({ max: 40 }),
    newTerm: fc.nat({ max: 2 }),
  }),
  { maxLength: 30 },
);

type History = readonly { what: string; where: number; count: number; newTerm: number }[];

/** Applies a history to a log and to the array. Terms never decrease along a log. */
function build(history: History): { log: Log; naive: Naive } {
  let log = EMPTY_LOG;
  let naive: Naive = { terms: [0], from: 0 };
  for (const { what, where, count, newTerm } of history) {
    const last = naive.terms.length - 1;
    const index = naive.from + Math.round(where * (last - naive.from));
    if (what === "append") {
      const term = naive.terms[last]! + newTerm;
      log = appendEntry(log, command(term));
      naive = { ...naive, terms: [...naive.terms, term] };
    } else if (what === "replace") {
      const term = naive.terms[index]! + newTerm;
      const fresh = Array.from({ length: count }, () => term);
      log = replaceFrom(log, index + 1, fresh.map(command));
      naive = { ...naive, terms: [...naive.terms.slice(0, index + 1), ...fresh] };
    } else {
      log = compactTo(log, index);
      naive = { ...naive, from: index };
    }
  }
  return { log, naive };
}

describe("log against a plain array of terms", () => {
  it("appends, replaces, compacts and looks up", () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { log, naive } = build(history);
        expect(lastIndex(log)).toBe(naive.terms.length - 1);
        expect(lastTerm(log)).toBe(naive.terms.at(-1));
        for (let index = 0; index < naive.terms.length + 3; index++) {
          const known = index >= naive.from && index < naive.terms.length;
          expect(termAt(log, index)).toBe(known ? naive.terms[index] : -1);
          expect(entryAt(log, index)?.term).toBe(index === naive.from || !known ? undefined : naive.terms[index]);
        }
        const first = naive.from + 1;
        expect(entriesFrom(log, first, 7).map((entry) => entry.term)).toEqual(naive.terms.slice(first, first + 7));
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it("finds where two logs may agree", () => {
    fc.assert(
      fc.property(histories, fc.nat({ max: 80 }), fc.nat({ max: 12 }), (history, index, term) => {
        const { log, naive } = build(history);
        let expected = Math.min(index, naive.terms.length - 1);
        while (expected > naive.from && naive.terms[expected]! > term) expected--;
        expect(findConflictByTerm(log, index, term)).toBe(expected);
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it("Raft 5.4.1: a log is up-to-date by the term of its last entry, then by its length", () => {
    fc.assert(
      fc.property(histories, histories, (left, right) => {
        const [mine, theirs] = [build(left).log, build(right).log];
        const upToDate = logIsUpToDate(mine, lastIndex(theirs), lastTerm(theirs));
        const compared = lastTerm(theirs) - lastTerm(mine) || lastIndex(theirs) - lastIndex(mine);
        expect(upToDate).toBe(compared >= 0);
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});
