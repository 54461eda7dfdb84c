import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RAFT_NOTES } from "./index.ts";
import { type WalkSetup, walk } from "./testing/walk.ts";

/** The first is for broken models only; the others are in the transcripts and in raft-paper.test.ts. */
const RARE = ["append/from-second-leader", "proposal/unknown", "transfer/timeout-now-ignored"];

const walks: fc.Arbitrary<WalkSetup> = fc.record({
  members: fc.integer({ min: 1, max: 5 }),
  features: fc.nat({ max: 0xfff }),
  choices: fc.array(fc.nat(), { minLength: 600, maxLength: 600, size: "max" }),
});

describe("safety on random walks", () => {
  const reached = new Set<string>();

  it("elects one leader a term, which has all that is committed; members apply the same; reads are not stale", () => {
    let committed = 0;
    let reads = 0;
    fc.assert(
      fc.property(walks, (setup) => {
        const result = walk(setup);
        committed += result.committed;
        reads += result.reads;
        for (const name of result.notes) reached.add(name);
      }),
      { seed: 20_261_122, numRuns: 600 },
    );
    expect(committed).toBeGreaterThan(1_000);
    expect(reads).toBeGreaterThan(100);
  });

  it("reaches nearly all rules", () => {
    const missed = RAFT_NOTES.filter((name) => !reached.has(name));
    expect(missed.filter((name) => !RARE.includes(name))).toEqual([]);
  });
});
