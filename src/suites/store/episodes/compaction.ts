import { type Arbitrary, fc } from "../../../harness/fast-check.ts";
import type { Fault, FaultPointSpec } from "../../../simulator/faults.ts";
import type { RevisionSpec, StoreOperation } from "../scenario.ts";
import { beginning, few, type StoreEpisode, type StoreSetting, someone } from "./setting.ts";

/** Where a compaction has got to when a member crashes. */
const POINTS: readonly FaultPointSpec[] = [
  { effect: "note", detail: "store/compaction/compacted", nth: 1, edge: "after" },
  { effect: "note", detail: "store/compaction/history-removed", nth: 1, edge: "before" },
  { effect: "note", detail: "store/compaction/history-removed", nth: 1, edge: "after" },
  { effect: "persist", detail: "backend", nth: 1, edge: "before" },
  { effect: "persist", detail: "backend", nth: 1, edge: "after" },
];

const PAST: readonly RevisionSpec[] = ["seen", "seen", "seen-1", "seen-2", "seen-4"];

/**
 * One client writes and deletes, and compacts right up to what it has done; members crash before or after their history
 * is removed; then what is left of it is read and watched (etcd#17780, #18089).
 */
export function compactionAndCrash(setting: StoreSetting): Arbitrary<StoreEpisode> {
  const { electionTimeoutMs: timeout, members } = setting;
  const crash = fc.record({
    nth: fc.integer({ min: 1, max: 3 }),
    whose: fc.constantFrom(undefined, "leader", ...members),
    point: fc.constantFrom(...POINTS),
    afterMs: fc.constantFrom(0, 0, 60, 200, 600),
    downMs: fc.integer({ min: 1, max: timeout * 2 }),
    torn: fc.boolean(),
  });
  return fc
    .record({
      atMs: beginning(setting),
      who: someone(setting),
      writes: few,
      ends: fc.constantFrom("delete", "delete", "put"),
      keep: fc.constantFrom(0, 0, 0, 1, 3),
      again: fc.boolean(),
      crashes: fc.array(crash, { maxLength: 3 }),
      looks: fc.array(
        fc.record({
          afterMs: fc.constantFrom(1, 30, 100, 300, 1000),
          from: fc.constantFrom(...PAST),
          watch: fc.boolean(),
          by: someone(setting),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    })
    .map(({ atMs, who, writes, ends, keep, again, crashes, looks }) => {
      const mine = setting.doing.as(who);
      const workload: StoreOperation[] = Array.from({ length: writes }, (_, i) => mine.put(atMs + i));
      // The deleted key is the one that was put last.
      if (ends === "delete") workload.push(mine.remove(atMs + writes - 1));
      workload.push(mine.compactTo(atMs + writes, keep));
      if (again) workload.push(mine.put(atMs + writes + 80), mine.compactTo(atMs + writes + 81, 0));
      for (const { afterMs, from, watch, by } of looks) {
        // Who has made the changes knows the revision; another may have to see it first.
        const looker = setting.doing.as(by);
        const lookMs = atMs + writes + afterMs;
        if (watch) workload.push(looker.watch(lookMs, from));
        else workload.push(looker.get(lookMs, { revision: from, all: true }));
      }
      const faults = crashes.map(({ nth, whose, point, afterMs, downMs, torn }): Fault => {
        const on = { ...point, nth, ...(whose === undefined ? {} : { process: whose }) };
        return { kind: "crash", atMs: atMs + afterMs, on, target: "self", downMs, torn };
      });
      return { faults, workload };
    });
}

/**
 * Transactions write, and read revisions that are just being compacted, while some members are slower than others and
 * have more of their history left (etcd#18667).
 */
export function compactedTransaction(setting: StoreSetting): Arbitrary<StoreEpisode> {
  const { doing, electionTimeoutMs: timeout, members } = setting;
  const hold = fc.record({
    kind: fc.constantFrom("pause" as const, "partition" as const, "crash" as const),
    target: fc.constantFrom("leader", ...members),
    afterMs: fc.integer({ min: -50, max: 100 }),
    durationMs: fc.integer({ min: 10, max: timeout * 2 }),
  });
  return fc
    .record({
      atMs: beginning(setting),
      who: someone(setting),
      writes: fc.integer({ min: 3, max: 8 }),
      keep: fc.integer({ min: 0, max: 2 }),
      reads: fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 120 }), from: fc.constantFrom(...PAST) }), {
        minLength: 1,
        maxLength: 5,
      }),
      holds: fc.array(hold, { maxLength: 2 }),
    })
    .map(({ atMs, who, writes, keep, reads, holds }) => {
      const mine = doing.as(who);
      const compactMs = atMs + writes;
      const workload = Array.from({ length: writes }, (_, i) => mine.put(atMs + i));
      workload.push(mine.compactTo(compactMs, keep));
      for (const { afterMs, from } of reads) workload.push(mine.writeAndRead(compactMs + afterMs, from));
      const faults = holds.map(({ kind, target, afterMs, durationMs }): Fault => {
        const begins = { atMs: Math.max(0, compactMs + afterMs) };
        if (kind === "partition") return { kind, ...begins, side: [target], direction: "both", durationMs };
        if (kind === "crash") return { kind, ...begins, target, downMs: durationMs, torn: false };
        return { kind, ...begins, target, durationMs };
      });
      return { faults, workload };
    });
}
