import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import type { Scenario } from "../../harness/scenario.ts";

/** One of some values, by weight. */
export function weighted<T>(...choices: readonly (readonly [weight: number, value: T])[]): Arbitrary<T> {
  return fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));
}

/** This in three of four. */
export function mostly(value: boolean): Arbitrary<boolean> {
  return weighted([3, value], [1, !value]);
}

/** In the order of their times; what an episode would do after the chaos is left out. */
export function inOrder<T extends { readonly atMs: number }>(actions: readonly T[], chaosMs: number): T[] {
  return actions.filter(({ atMs }) => atMs <= chaosMs).sort((a, b) => a.atMs - b.atMs);
}

/** How members that stand on Raft are configured, with clocks in the bound that leases rest on. */
export const raftConfig = fc
  .record({
    heartbeatIntervalMs: fc.constantFrom(20, 50, 100),
    electionFactor: fc.constantFrom(5, 10),
    electionSpread: fc.constantFrom(2, 2, 2, 1.5),
    preVote: mostly(true),
    checkQuorum: mostly(true),
    readMode: fc.constantFrom("readIndex" as const, "lease" as const),
    pipelining: mostly(true),
    inflightAppendsMax: fc.constantFrom(2, 8, 64),
    entriesPerAppendMax: fc.constantFrom(1, 4, 16, 64),
    fastBackup: mostly(true),
    snapshotEntries: fc.constantFrom(0, 5, 10, 50),
    snapshotCatchUpEntries: fc.constantFrom(0, 0, 3, 10),
    pendingProposalsMax: fc.constantFrom(4, 256, 256),
    promotionLagMax: fc.constantFrom(0, 10),
    forwardReads: mostly(true),
    autoLeave: mostly(true),
  })
  .map(({ electionFactor, electionSpread, readMode, checkQuorum, ...rest }) => {
    const electionTimeoutMs = rest.heartbeatIntervalMs * electionFactor;
    return {
      ...rest,
      checkQuorum,
      readMode: checkQuorum ? readMode : ("readIndex" as const),
      electionTimeoutMs,
      electionTimeoutMaxMs: electionTimeoutMs * electionSpread,
      clockDriftBound: 1.1,
    };
  });

/** How the world is while no fault is on, and who chooses what happens next. */
export const surroundings = {
  network: fc.record({
    latencyMinUs: fc.constantFrom(100, 200, 1000, 3000),
    latencyJitterUs: fc.constantFrom(50, 300, 1000),
    tailDoublingsMax: fc.constantFrom(0, 4, 6),
    loss: fc.constantFrom(0, 0, 0, 0.01, 0.05, 0.2),
    duplicate: fc.constantFrom(0, 0, 0.02, 0.1),
    reorder: fc.constantFrom(0, 0, 0.05, 0.5),
  }),
  disk: fc.record({
    syncMinUs: fc.constantFrom(0, 50, 500, 2000),
    syncJitterUs: fc.constantFrom(0, 100, 1000),
    tailDoublingsMax: fc.constantFrom(0, 6),
  }),
  skewMaxUs: fc.constantFrom(0, 1_000_000),
};

/** How far clocks drift at the most: within what leases allow for. */
export const driftMax = fc.constantFrom(0, 0, 0.01, 0.04);

export const schedule = weighted<Scenario["schedule"]>(
  [14, { kind: "timed" }],
  [1, { kind: "pct", depth: 3, windowMs: 20, steps: 5000 }],
  [1, { kind: "random", windowMs: 20 }],
);
