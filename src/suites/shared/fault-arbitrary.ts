import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import type { Fault, FaultPointSpec } from "../../simulator/faults.ts";
import { weighted } from "./arbitrary.ts";

/** A point in a process's work. */
export type Point = Pick<FaultPointSpec, "effect"> & { readonly detail: string };

/** Points in a Raft member's work at which a crash or a partition finds something in flight. */
export const RAFT_POINTS: readonly Point[] = [
  { effect: "send", detail: "requestVote" },
  { effect: "send", detail: "requestVoteReply" },
  { effect: "send", detail: "appendEntries" },
  { effect: "send", detail: "appendEntriesReply" },
  { effect: "send", detail: "installSnapshot" },
  { effect: "send", detail: "timeoutNow" },
  { effect: "persist", detail: "hardState" },
  { effect: "persist", detail: "entries" },
  { effect: "persist", detail: "snapshot" },
];

/** What faults are made of. */
export interface FaultSetting {
  readonly chaosMs: number;
  readonly electionTimeoutMs: number;
  /** All processes. */
  readonly processes: readonly string[];
  /** Who is struck, where it is not who comes by a point. */
  readonly target: Arbitrary<string>;
  /** Who is struck where it is the disk that fails. */
  readonly diskTarget: Arbitrary<string>;
  readonly points: readonly Point[];
  /** At which rates a clock may run. */
  readonly clockRates: readonly number[];
}

/** A fault of one kind. */
export function faultOf(kind: Fault["kind"], setting: FaultSetting): Arbitrary<Fault> {
  const { electionTimeoutMs, processes, target } = setting;
  const atMs = fc.integer({ min: 0, max: setting.chaosMs });
  const process = fc.constantFrom(...processes);
  // Some shorter than an election, some longer, some long enough for several.
  const duration = fc.oneof(
    fc.integer({ min: 1, max: electionTimeoutMs }),
    fc.integer({ min: electionTimeoutMs, max: electionTimeoutMs * 6 }),
  );
  const durationMs = duration;
  const struck = struckAt(atMs, target, setting.points);
  const with_ = <R>(rest: Arbitrary<R>) => fc.tuple(struck, rest).map(([a, b]) => ({ ...a, ...b }));
  const diskStruck = struckAt(atMs, setting.diskTarget, setting.points);
  const onDisk = <R>(rest: Arbitrary<R>) => fc.tuple(diskStruck, rest).map(([a, b]) => ({ ...a, ...b }));
  const rate = fc.constantFrom(0.01, 0.1, 0.3);
  const link = { atMs, durationMs, from: target, to: process };
  switch (kind) {
    case "crash":
      return with_(fc.record({ kind: fc.constant(kind), downMs: duration, torn: fc.boolean() }));
    case "kill":
      return with_(fc.record({ kind: fc.constant(kind), downMs: duration }));
    case "pause":
      return with_(fc.record({ kind: fc.constant(kind), durationMs }));
    case "slow":
      return with_(fc.record({ kind: fc.constant(kind), durationMs, stepUs: fc.constantFrom(500, 5000) }));
    case "partition":
      return fc.oneof(
        with_(fc.record({ kind: fc.constant(kind), durationMs, direction: directions })).map(({ target, ...rest }) => ({
          ...rest,
          side: [target],
        })),
        fc.record({
          kind: fc.constant(kind),
          atMs,
          durationMs,
          direction: directions,
          side: fc.subarray([...processes], { minLength: 1, maxLength: Math.max(1, processes.length - 1) }),
        }),
      );
    case "link":
      return fc.record({ kind: fc.constant(kind), ...link, loss: rate, delayMs: fc.constantFrom(0, 10, 100) });
    case "clog":
      return fc.record({ kind: fc.constant(kind), ...link });
    case "storm":
      return fc.record({ kind: fc.constant(kind), atMs, durationMs, loss: rate, duplicate: rate, reorder: rate });
    case "slowDisk":
      return onDisk(fc.record({ kind: fc.constant(kind), durationMs, syncMs: fc.constantFrom(5, 50) }));
    case "fullDisk":
      return onDisk(fc.record({ kind: fc.constant(kind), durationMs }));
    case "corrupt":
      return onDisk(fc.record({ kind: fc.constant(kind) }));
    case "clockRate":
      return with_(fc.record({ kind: fc.constant(kind), durationMs, rate: fc.constantFrom(...setting.clockRates) }));
    case "clockJump":
      return with_(fc.record({ kind: fc.constant(kind), byMs: fc.constantFrom(-3_600_000, -1000, 1000, 3_600_000) }));
  }
}

/** At a time, or when a process comes by a point. */
function struckAt(atMs: Arbitrary<number>, target: Arbitrary<string>, points: readonly Point[]) {
  return fc.oneof(
    { weight: 2, arbitrary: fc.record({ atMs, target }) },
    {
      weight: 1,
      arbitrary: fc.record({
        atMs,
        target: fc.constant("self"),
        on: fc
          .record({
            point: fc.constantFrom(...points),
            nth: fc.integer({ min: 1, max: 5 }),
            edge: fc.constantFrom("before" as const, "after" as const),
          })
          .map(({ point, nth, edge }) => ({ ...point, nth, edge })),
      }),
    },
  );
}

const directions = weighted<"both" | "in" | "out">([2, "both"], [1, "in"], [1, "out"]);

/** Clock rates that leases bear: none is faster than another by more than 8.4 %, and 10 % are allowed for. */
export const CLOCK_RATES_OF_LEASES = [0.96, 1.04] as const;
/** Clock rates that are far off, where nothing rests on them. */
export const CLOCK_RATES = [0.5, 0.9, 1.1, 2] as const;
