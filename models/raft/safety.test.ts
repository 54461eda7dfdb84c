import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RAFT_NOTES } from "./index.ts";
import { type WalkSetup, walk } from "./testing/walk.ts";

const setups: fc.Arbitrary<WalkSetup> = fc.record({
  members: fc.integer({ min: 1, max: 5 }),
  options: fc.record({
    preVote: fc.boolean(),
    checkQuorum: fc.boolean(),
    readMode: fc.constantFrom("readIndex" as const, "lease" as const),
    pipelining: fc.boolean(),
    fastBackup: fc.boolean(),
    autoLeave: fc.boolean(),
    forwardReads: fc.boolean(),
    snapshotEntries: fc.constantFrom(0, 4, 12),
    snapshotCatchUpEntries: fc.constantFrom(0, 3),
    promotionLagMax: fc.constantFrom(0, 8),
    pendingProposalsMax: fc.constantFrom(2, 16),
  }),
  choices: fc.array(fc.nat(), { minLength: 600, maxLength: 600, size: "max" }),
});

describe("safety on random walks", () => {
  const reached = new Set<string>();

  it("elects one leader a term, which has all that is committed; members apply the same; reads are not stale", () => {
    let committed = 0;
    let reads = 0;
    fc.assert(
      fc.property(setups, (setup) => {
        const result = walk(setup);
        committed += result.committed;
        reads += result.reads;
        for (const name of result.notes) reached.add(name);
      }),
      { seed: 20_261_122, numRuns: 300, endOnFailure: false },
    );
    expect(committed).toBeGreaterThan(1_000);
    expect(reads).toBeGreaterThan(100);
  });

  it("reaches nearly all rules", () => {
    const missed = RAFT_NOTES.filter((name) => !reached.has(name));
    expect(missed).toEqual([]);
  });
});
