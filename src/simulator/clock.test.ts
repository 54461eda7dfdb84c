import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { drawClock, HostClock } from "./clock.ts";
import { streamKey } from "./random.ts";

const rate = fc.double({ min: 0.5, max: 2, noNaN: true });
const us = fc.integer({ min: 0, max: 3_600_000_000 });

describe("HostClock", () => {
  test.prop([rate, fc.array(fc.record({ after: fc.integer({ min: 0, max: 10_000_000 }), rate: fc.option(rate) }))], {
    seed: 1,
    numRuns: 300,
  })("never goes back, whatever happens to its rate, and shows whole microseconds", (first, changes) => {
    const clock = new HostClock(first, 0);
    let [at, shown] = [0, 0];
    for (const change of changes) {
      at += change.after;
      if (change.rate !== null) clock.overrideRate(change.rate, at);
      const now = clock.monotonic(at);
      expect(now).toBeGreaterThanOrEqual(shown);
      expect(Number.isInteger(now)).toBe(true);
      shown = now;
    }
  });

  test.prop([rate, us], { seed: 1, numRuns: 300 })("runs at its rate", (at, duration) => {
    const clock = new HostClock(at, 0);
    expect(Math.abs(clock.monotonic(duration) - duration * at)).toBeLessThanOrEqual(1);
  });

  test.prop([rate, us, fc.integer({ min: 1, max: 60_000_000 })], { seed: 1, numRuns: 1000 })(
    "a duration on it is over when the clock shows so, to the microsecond",
    (at, start, duration) => {
      const clock = new HostClock(at, 0);
      const shown = clock.monotonic(start + clock.toTrue(duration)) - clock.monotonic(start);
      expect(shown).toBeGreaterThanOrEqual(duration);
      expect(shown).toBeLessThanOrEqual(duration + Math.ceil(at) + 1);
    },
  );

  test("a jump moves the calendar clock alone", () => {
    const clock = new HostClock(1, 5);
    clock.offsetUs += 1000;
    expect(clock.read(10)).toEqual({ now: 10, wall: 1015 });
  });
});

describe("drawClock", () => {
  const key = streamKey(1, "clock");

  test("keeps within its profile, and uses all of it", () => {
    const clocks = Array.from({ length: 1000 }, (_, i) => drawClock({ driftMax: 0.1, skewMaxUs: 500 }, key, i));
    const rates = clocks.map((clock) => clock.rate);
    const offsets = clocks.map((clock) => clock.offsetUs);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(0.9);
    expect(Math.min(...rates)).toBeLessThan(0.91);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1.1);
    expect(Math.max(...rates)).toBeGreaterThan(1.09);
    expect([Math.min(...offsets) >= -500, Math.min(...offsets) < -490]).toEqual([true, true]);
    expect([Math.max(...offsets) <= 500, Math.max(...offsets) > 490]).toEqual([true, true]);
    expect(offsets.every(Number.isInteger)).toBe(true);
  });

  test("is exact where the profile says so", () => {
    const clock = drawClock({ driftMax: 0, skewMaxUs: 0 }, key, 3);
    expect([clock.rate, clock.read(123)]).toEqual([1, { now: 123, wall: 123 }]);
  });

  test("draws each host's clock by itself", () => {
    const profile = { driftMax: 0.1, skewMaxUs: 1000 };
    expect(drawClock(profile, key, 1).rate).not.toBe(drawClock(profile, key, 2).rate);
    expect(drawClock(profile, key, 1)).toEqual(drawClock(profile, key, 1));
  });
});
