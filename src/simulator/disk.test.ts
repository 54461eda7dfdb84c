import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { Disk } from "./disk.ts";
import { streamKey } from "./random.ts";
import { type ToyTypes, toyMachine } from "./testing.ts";

const INSTANT = { syncMinUs: 0, syncJitterUs: 0, tailDoublingsMax: 0 };

function disk(seed: number, profile = INSTANT): Disk<ToyTypes> {
  return new Disk(toyMachine.disk, profile, streamKey(seed, "disk/a"));
}

function write(to: Disk<ToyTypes>, ...records: readonly (readonly number[])[]): void {
  for (const values of records) to.write({ kind: "put", values });
}

/** All that a crash may leave of some records, each value a digit, over many seeds. */
function outcomes(torn: boolean, ...records: readonly (readonly number[])[]): string[] {
  const seen = new Set<string>();
  for (let seed = 0; seed < 300; seed++) {
    const each = disk(seed);
    write(each, ...records);
    each.losePower(torn);
    seen.add(each.durable.join(""));
  }
  return [...seen].sort();
}

describe("Disk", () => {
  test("has nothing durable before the fsync, and all of it after", () => {
    const one = disk(1);
    write(one, [1], [2, 3]);
    expect(one.durable).toEqual([]);
    one.sync();
    expect(one.durable).toEqual([1, 2, 3]);
  });

  test("a power failure leaves a prefix of what was not synced: any, and of whole records", () => {
    expect(outcomes(false, [1], [2, 3], [4])).toEqual(["", "1", "123", "1234"]);
  });

  test("a torn write leaves some first pieces of one record, and never all that was written", () => {
    expect(outcomes(true, [1], [2, 3, 4])).toEqual(["", "1", "12", "123"]);
    expect(outcomes(true, [5])).toEqual([""]);
  });

  test("a power failure takes nothing that was synced, and leaves nothing unsynced behind", () => {
    for (let seed = 0; seed < 50; seed++) {
      const one = disk(seed);
      write(one, [1], [2]);
      one.sync();
      write(one, [3]);
      one.losePower(seed % 2 === 0);
      expect(one.durable.slice(0, 2)).toEqual([1, 2]);
      const left = one.durable;
      one.sync();
      one.losePower(true);
      expect(one.durable).toEqual(left);
    }
  });

  test("draws anew at each crash", () => {
    const one = disk(1);
    const kept = Array.from({ length: 20 }, () => {
      const before = one.durable.length;
      write(one, [1], [2], [3], [4]);
      one.losePower(false);
      return one.durable.length - before;
    });
    expect(new Set(kept).size).toBeGreaterThan(2);
  });

  test.prop([fc.nat({ max: 1000 }), fc.nat({ max: 1000 }), fc.nat({ max: 6 })], { seed: 1, numRuns: 100 })(
    "an fsync takes as long as the profile says, and a fault adds to that",
    (syncMinUs, syncJitterUs, tailDoublingsMax) => {
      const profile = { syncMinUs, syncJitterUs, tailDoublingsMax };
      const [one, slow] = [disk(7, profile), disk(7, profile)];
      slow.slowUs = 5000;
      for (let i = 0; i < 10; i++) {
        const latency = one.syncLatencyUs();
        expect(latency).toBeGreaterThanOrEqual(syncMinUs);
        expect(latency).toBeLessThanOrEqual(syncMinUs + syncJitterUs * 2 ** tailDoublingsMax);
        expect(slow.syncLatencyUs()).toBe(latency + 5000);
      }
    },
  );
});
