import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contractBreach } from "../kernel/index.ts";
import type { Life } from "../kernel/testing/test-world.ts";
import { chain, raft } from "./index.ts";
import { TestCluster, type Types } from "./testing/cluster.ts";
import { type WalkSetup, walk } from "./testing/walk.ts";

const walks: fc.Arbitrary<WalkSetup> = fc.record({
  members: fc.integer({ min: 3, max: 5 }),
  features: fc.nat({ max: 0xfff }),
  choices: fc.array(fc.nat(), { minLength: 150, maxLength: 150, size: "max" }),
});

describe("the contract of a machine", () => {
  it("is kept on what members of random clusters are given", () => {
    fc.assert(
      fc.property(walks, (setup) => {
        let lives: readonly Life<Types>[] | null = null;
        walk(setup, (observe) => {
          const cluster = new TestCluster(observe);
          lives = cluster.lives = [];
          return cluster;
        });
        expect(lives).not.toEqual([]);
        for (const life of lives!) expect(contractBreach(raft(chain), life)).toBe(null);
      }),
      { seed: 5, numRuns: 40 },
    );
  });
});
