import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Configuration, majority, quorumActive, quorumReached, voteResult } from "./index.ts";
import { newProgress } from "./progress.ts";

const IDS = ["a", "b", "c", "d", "e", "f", "g"];
const voters = fc.subarray(IDS, { minLength: 1 });
const outgoing = fc.oneof(fc.constant([]), fc.subarray(IDS));

const configurations: fc.Arbitrary<Configuration> = fc.record({
  voters,
  votersOutgoing: outgoing,
  learners: fc.constant([]),
  learnersNext: fc.constant([]),
});

const values = fc.record({
  matchIndex: fc.array(fc.nat({ max: 6 }), { minLength: IDS.length, maxLength: IDS.length }),
  active: fc.array(fc.boolean(), { minLength: IDS.length, maxLength: IDS.length }),
});

function halves({ voters, votersOutgoing }: Configuration): readonly (readonly string[])[] {
  return votersOutgoing.length === 0 ? [voters] : [voters, votersOutgoing];
}

describe("quorums against naive versions", () => {
  it("majority is the smallest of which any two meet", () => {
    for (let count = 1; count < 20; count++) {
      expect(2 * majority(count)).toBeGreaterThan(count);
      expect(2 * (majority(count) - 1)).toBeLessThanOrEqual(count);
    }
  });

  it("quorumReached is the largest value that a majority of each half has", () => {
    fc.assert(
      fc.property(configurations, values, fc.constantFrom(...IDS), (configuration, { matchIndex }, self) => {
        const own = matchIndex[IDS.indexOf(self)]!;
        const progress = IDS.filter((id) => id !== self).map((id) => {
          const value = matchIndex[IDS.indexOf(id)]!;
          return { ...newProgress(id, 1, false), matchIndex: value, ackedRound: value };
        });
        let expected = 0;
        for (let value = 0; value <= 6; value++) {
          const reached = halves(configuration).every(
            (half) => half.filter((id) => matchIndex[IDS.indexOf(id)]! >= value).length >= majority(half.length),
          );
          if (reached) expected = value;
        }
        expect(quorumReached(configuration, progress, "matchIndex", self, own)).toBe(expected);
        expect(quorumReached(configuration, progress, "ackedRound", self, own)).toBe(expected);
      }),
      { seed: 11, numRuns: 500 },
    );
  });

  it("voteResult is won by a majority of each half, lost when that is out of reach", () => {
    const answer = fc.constantFrom(true, false, null);
    const answers = fc.array(answer, { minLength: IDS.length, maxLength: IDS.length });
    fc.assert(
      fc.property(configurations, answers, (configuration, given) => {
        const votes = IDS.flatMap((from, i) => (given[i] === null ? [] : [{ from, granted: given[i]! }]));
        const won = (grants: (id: string) => boolean) =>
          halves(configuration).every((half) => half.filter(grants).length >= majority(half.length));
        const isWon = won((id) => given[IDS.indexOf(id)] === true);
        const canBeWon = won((id) => given[IDS.indexOf(id)] !== false);
        expect(voteResult(configuration, votes)).toBe(isWon ? "won" : canBeWon ? "pending" : "lost");
      }),
      { seed: 11, numRuns: 500 },
    );
  });

  it("quorumActive counts the leader where it is a voter", () => {
    fc.assert(
      fc.property(configurations, values, fc.constantFrom(...IDS), (configuration, { active }, self) => {
        const progress = IDS.filter((id) => id !== self).map((id) => newProgress(id, 1, active[IDS.indexOf(id)]!));
        const expected = halves(configuration).every(
          (half) => half.filter((id) => id === self || active[IDS.indexOf(id)]).length >= majority(half.length),
        );
        expect(quorumActive(configuration, progress, self)).toBe(expected);
      }),
      { seed: 11, numRuns: 500 },
    );
  });

  it("has no quorum of votes among no voters, and is no obstacle to a joint one", () => {
    const empty = { voters: [], votersOutgoing: [], learners: [], learnersNext: [] };
    expect(quorumReached(empty, [], "matchIndex", "a", 3)).toBe(Number.POSITIVE_INFINITY);
  });
});
