import { type Arbitrary, fc } from "../../../harness/fast-check.ts";
import type { Fault, FaultPointSpec } from "../../../simulator/faults.ts";
import type { StoreOperation } from "../scenario.ts";
import { beginning, few, type StoreEpisode, type StoreSetting } from "./setting.ts";

/** Members crash around the commits of their backends, while clients write and read (etcd#13766, #14370). */
export function crashAtCommit(setting: StoreSetting): Arbitrary<StoreEpisode> {
  const { doing, members, electionTimeoutMs: timeout } = setting;
  const crash = fc.record({
    afterMs: fc.integer({ min: 0, max: timeout * 3 }),
    what: fc.constantFrom("backend", "backend", "entries"),
    whose: fc.constantFrom("leader", undefined, ...members),
    nth: fc.integer({ min: 1, max: 4 }),
    edge: fc.constantFrom("before" as const, "after" as const),
    downMs: fc.integer({ min: 1, max: timeout * 2 }),
    torn: fc.boolean(),
  });
  return fc
    .record({
      atMs: beginning(setting),
      bursts: fc.array(few, { minLength: 1, maxLength: 4 }),
      everyMs: fc.integer({ min: 10, max: timeout * 2 }),
      crashes: fc.array(crash, { minLength: 1, maxLength: 3 }),
    })
    .map(({ atMs, bursts, everyMs, crashes }) => {
      const faults = crashes.map(({ afterMs, what, whose, nth, edge, downMs, torn }): Fault => {
        const on: FaultPointSpec = {
          ...(whose === undefined ? {} : { process: whose }),
          effect: "persist",
          detail: what,
          nth,
          edge,
        };
        return { kind: "crash", atMs: atMs + afterMs, on, target: "self", downMs, torn };
      });
      const workload: StoreOperation[] = bursts.flatMap((count, i) => doing.burst(atMs + i * everyMs, count));
      for (const { afterMs, downMs } of crashes) {
        const backMs = atMs + afterMs + downMs;
        workload.push(
          doing.get(backMs + 50, { serializable: true, all: true }),
          doing.get(backMs + 100, { all: true }),
        );
      }
      return { faults, workload };
    });
}

/** A member rewrites its backend, and crashes before it commits the next time (etcd PR 14685). */
export function defragmentedAndCrashed(setting: StoreSetting): Arbitrary<StoreEpisode> {
  const { doing, members, electionTimeoutMs: timeout } = setting;
  return fc
    .record({
      atMs: beginning(setting),
      whose: fc.constantFrom("leader", ...members),
      before: few,
      afterMs: fc.integer({ min: 0, max: 200 }),
      crashMs: fc.integer({ min: 0, max: 60 }),
      atCommit: fc.option(fc.constantFrom("before" as const, "after" as const)),
      downMs: fc.integer({ min: 1, max: timeout * 2 }),
      later: few,
    })
    .map(({ atMs, whose, before, afterMs, crashMs, atCommit, downMs, later }) => {
      const defragmentMs = atMs + afterMs;
      const power = { kind: "crash", downMs, torn: false } as const;
      const fault: Fault =
        atCommit === null
          ? { ...power, atMs: defragmentMs + crashMs, target: whose }
          : {
              ...power,
              atMs: defragmentMs,
              on: { process: whose, effect: "persist", detail: "backend", nth: 1, edge: atCommit },
              target: "self",
            };
      return {
        faults: [fault],
        workload: [
          ...doing.burst(atMs, before),
          { kind: "defragment", atMs: defragmentMs, to: whose },
          ...doing.burst(defragmentMs + crashMs + downMs, later),
          doing.get(defragmentMs + crashMs + downMs + 100, { all: true }),
        ],
      };
    });
}
