import { expect, test } from "vitest";
import { append, at, drop, take, vectorFrom } from "../../models/kernel/index.ts";
import type { Entry, Log } from "../../models/raft/types.ts";
import { firstChange, holds, lastIndex, lastTerm, sameEntry, termAt } from "./log.ts";
import { commandOf, compacted, configurationEntry, configurationOf, logOf, snapshotOf } from "./testing.ts";

/** The same, entry by entry. */
function firstChangeNaive(before: Log, after: Log): number {
  let index = after.prevIndex + 1;
  while (index <= lastIndex(after)) {
    const position = index - before.prevIndex - 1;
    const known = at(before.entries, position);
    const inside = position >= 0 && position < before.entries.length;
    if (!inside || known !== at(after.entries, index - after.prevIndex - 1)) return index;
    index++;
  }
  return index;
}

const entries = Array.from({ length: 1200 }, (_, i): Entry => commandOf(1, `${i}`));
const logFrom = (prevIndex: number, kept: Log["entries"]): Log => ({ prevIndex, prevTerm: 1, entries: kept });

test("the first change is found as by comparing entry by entry", () => {
  for (const length of [1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 271, 272, 273, 1056, 1057, 1200]) {
    const whole = vectorFrom(entries.slice(0, length));
    const before = logFrom(0, whole);
    const after = [
      before,
      logFrom(0, append(whole, commandOf(2, "new"))),
      logFrom(0, take(whole, length >> 1)),
      logFrom(0, append(take(whole, length >> 1), commandOf(2, "new"))),
      logFrom(0, vectorFrom(entries.slice(0, length))),
      logFrom(length >> 1, drop(whole, length >> 1)),
      logFrom(length + 5, vectorFrom([commandOf(2, "new")])),
    ];
    for (const log of after) expect(firstChange(before, log)).toBe(firstChangeNaive(before, log));
  }
});

test("terms are known from the last compacted entry on", () => {
  const log = compacted(logOf(1, 2, 2, 3), 2);
  expect([1, 2, 3, 4, 5].map((index) => termAt(log, index))).toEqual([-1, 2, 2, 3, -1]);
  expect([lastIndex(log), lastTerm(log), lastTerm(compacted(log, 4))]).toEqual([4, 3, 3]);
});

test("an entry is held in the log or behind the snapshot", () => {
  const log = compacted(logOf(1, 2, 2, 3), 2);
  expect([holds(log, null, 1, 1), holds(log, null, 3, 2), holds(log, null, 3, 1), holds(log, null, 5, 3)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(holds(log, snapshotOf(3, 2, []), 3, 2)).toBe(true);
});

test("entries are the same by content", () => {
  const all: Entry[] = [
    commandOf(1, "a"),
    commandOf(1, "b"),
    commandOf(2, "a"),
    { kind: "noop", term: 1 },
    configurationEntry(1, configurationOf(["m1"])),
    configurationEntry(1, configurationOf(["m1"], ["m2"])),
  ];
  for (const [i, left] of all.entries())
    for (const [j, right] of all.entries()) expect(sameEntry(left, structuredClone(right))).toBe(i === j);
});
