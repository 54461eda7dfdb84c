import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { between, bits, heavyTail, streamKey, uniform } from "./random.ts";

describe("draws", () => {
  const key = streamKey(1, "test");

  test("are a function of seed, stream, address and salt alone", () => {
    expect(streamKey(1, "link/m1/m2")).toBe(streamKey(1, "link/m1/m2"));
    const all = [
      bits(key, 17, 0),
      bits(key, 17, 1),
      bits(key, 18, 0),
      bits(streamKey(2, "test"), 17, 0),
      bits(streamKey(1, "other"), 17, 0),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test("are the same on every machine and in every version", () => {
    expect(Array.from({ length: 4 }, (_, i) => bits(key, i, 0) >>> 0)).toMatchInlineSnapshot(`
      [
        1802790397,
        2016303745,
        1500947972,
        377906575,
      ]
    `);
  });

  test("are uniform: chi-squared over 64 buckets of neighbouring addresses, in each salt", () => {
    for (const salt of [0, 1, 2, 3, 4]) {
      const counts = new Array<number>(64).fill(0);
      for (let address = 0; address < 64_000; address++) counts[Math.floor(uniform(key, address, salt) * 64)]!++;
      const chiSquared = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
      expect(chiSquared).toBeLessThan(120); // 63 degrees of freedom: 103 at 0.1 %
    }
  });

  test("of two links are not related", () => {
    const [one, two] = [streamKey(1, "link/m1/m2"), streamKey(1, "link/m2/m1")];
    let both = 0;
    for (let address = 0; address < 10_000; address++)
      if (uniform(one, address, 0) < 0.5 && uniform(two, address, 0) < 0.5) both++;
    expect(Math.abs(both - 2500)).toBeLessThan(200);
  });

  test.prop([fc.integer(), fc.nat(), fc.nat({ max: 1000 }), fc.nat({ max: 1000 })], { seed: 1 })(
    "between is within its bounds",
    (stream, address, min, span) => {
      const drawn = between(stream, address, 0, min, min + span);
      expect(drawn).toBeGreaterThanOrEqual(min);
      expect(drawn).toBeLessThanOrEqual(min + span);
      expect(Number.isInteger(drawn)).toBe(true);
    },
  );

  test("with a heavy tail: half below the scale, an eighth above four times it, none beyond the last doubling", () => {
    const draws = Array.from({ length: 20_000 }, (_, i) => heavyTail(key, i, 2, 100, 6));
    const share = (predicate: (draw: number) => boolean) => draws.filter(predicate).length / draws.length;
    expect(share((draw) => draw < 100)).toBeCloseTo(0.5, 1);
    expect(share((draw) => draw >= 400)).toBeCloseTo(0.125, 1);
    expect(Math.max(...draws)).toBeLessThan(6400);
    expect(Math.max(...draws)).toBeGreaterThan(3200);
  });
});
