import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { hashText, hashTexts, RollingHash } from "./hash.ts";

function digestOf(numbers: readonly number[]): string {
  const hash = new RollingHash();
  for (const number of numbers) hash.add(number);
  return hash.digest();
}

describe("RollingHash", () => {
  test("is the same on every machine and in every version", () => {
    expect([digestOf([]), digestOf([1, 2, 3]), hashTexts(["a", "b"]), hashText("seatrial")]).toMatchInlineSnapshot(`
      [
        "1388a0fb4574e76c",
        "454b0bb5d63d1a48",
        "9c30afe0d3aab641",
        1576496471,
      ]
    `);
  });

  test("tells sequences of small numbers apart, all 20,440 of up to four of 11", () => {
    const digests = new Set<string>();
    let sequences = 0;
    const extend = (prefix: readonly number[]): void => {
      for (let n = 0; n < 11; n++) {
        const sequence = [...prefix, n];
        sequences++;
        digests.add(digestOf(sequence));
        if (sequence.length < 4) extend(sequence);
      }
    };
    extend([]);
    expect(sequences).toBe(11 + 11 ** 2 + 11 ** 3 + 11 ** 4);
    expect(digests.size).toBe(sequences);
  });

  test.prop([fc.array(fc.integer(), { minLength: 1 }), fc.nat(), fc.integer({ min: 0, max: 31 })], {
    seed: 1,
    numRuns: 300,
  })("changes with a single bit of a single number", (numbers, at, bit) => {
    const changed = [...numbers];
    changed[at % numbers.length]! ^= 1 << bit;
    expect(digestOf(changed)).not.toBe(digestOf(numbers));
  });

  test("takes in the whole of a time, beyond 32 bits too", () => {
    const timeHashed = (time: number) => {
      const hash = new RollingHash();
      hash.addTime(time);
      return hash.digest();
    };
    expect(timeHashed(2 ** 40)).not.toBe(timeHashed(2 ** 41));
    expect(timeHashed(2 ** 40 + 1)).not.toBe(timeHashed(2 ** 40));
    expect(timeHashed(17)).not.toBe(timeHashed(18));
  });

  test("shows 32 bits after each number", () => {
    const hash = new RollingHash();
    const before = hash.low;
    hash.add(1);
    expect(hash.low).not.toBe(before);
    expect(hash.low).toBe(hash.low >>> 0);
  });
});

describe("hashTexts", () => {
  test("depends on the texts, their order and where they end", () => {
    const all = [["a", "b"], ["b", "a"], ["ab"], ["a", "b", ""], ["a"]].map((texts) => hashTexts(texts));
    expect(new Set(all).size).toBe(all.length);
    for (const digest of all) expect(digest).toMatch(/^[0-9a-f]{16}$/);
  });
});
