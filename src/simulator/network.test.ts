import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { arrival, copyArrival, Link } from "./network.ts";
import type { NetworkProfile } from "./system.ts";
import { EVEN_NETWORK } from "./testing.ts";

const JITTERY: NetworkProfile = { ...EVEN_NETWORK, latencyMinUs: 200, latencyJitterUs: 300, tailDoublingsMax: 6 };

function share(of: readonly boolean[]): number {
  return of.filter(Boolean).length / of.length;
}

/** Arrivals of messages sent one every `gapUs`. */
function arrivals(link: Link, profile: NetworkProfile, count: number, gapUs = 0): number[] {
  return Array.from({ length: count }, (_, i) => arrival(link, profile, i * gapUs));
}

describe("a link", () => {
  test.prop([fc.nat({ max: 1000 }), fc.nat({ max: 1000 }), fc.nat({ max: 6 }), fc.nat({ max: 500 })], { seed: 1 })(
    "without reordering delivers in order, no sooner than its latency",
    (latencyMinUs, latencyJitterUs, tailDoublingsMax, gapUs) => {
      const profile = { ...EVEN_NETWORK, latencyMinUs, latencyJitterUs, tailDoublingsMax };
      const dues = arrivals(new Link(1, "a", "b"), profile, 100, gapUs);
      dues.forEach((due, i) => {
        expect(due).toBeGreaterThanOrEqual(i * gapUs + latencyMinUs);
        expect(due).toBeGreaterThanOrEqual(dues[i - 1] ?? 0);
      });
    },
  );

  test("with reordering lets some messages overtake, and the others keep their order", () => {
    const dues = arrivals(new Link(1, "a", "b"), { ...JITTERY, reorder: 0.3 }, 2000, 50);
    const overtaking = dues.filter((due, i) => i > 0 && due < dues[i - 1]!);
    expect(overtaking.length).toBeGreaterThan(100);
    expect(arrivals(new Link(1, "a", "b"), JITTERY, 2000, 50).filter((due, i, all) => due < (all[i - 1] ?? 0))).toEqual(
      [],
    );
  });

  test("loses and duplicates as often as the profile says", () => {
    const link = new Link(1, "a", "b");
    const dues = arrivals(link, { ...EVEN_NETWORK, loss: 0.2 }, 10_000);
    expect(share(dues.map((due) => due < 0))).toBeCloseTo(0.2, 1);
    const copied = dues.map(() => {
      arrival(link, EVEN_NETWORK, 0);
      return copyArrival(link, { ...EVEN_NETWORK, duplicate: 0.1 }, 0) >= 0;
    });
    expect(share(copied)).toBeGreaterThan(0.08);
    expect(share(copied)).toBeLessThan(0.12);
  });

  test("that is a connection neither reorders nor duplicates, whatever the rates, and may lose", () => {
    const link = new Link(1, "a", "b", true);
    const profile = { ...JITTERY, reorder: 1, duplicate: 1, loss: 0.2 };
    link.troubles.push({ loss: 0, duplicate: 1, reorder: 1, delayUs: 100 });
    const dues = Array.from({ length: 1000 }, (_, i) => {
      const due = arrival(link, profile, i * 50);
      expect(copyArrival(link, profile, i * 50)).toBe(-1);
      return due;
    });
    const arrived = dues.filter((due) => due >= 0);
    expect(arrived).toEqual(arrived.toSorted((a, b) => a - b));
    expect(share(dues.map((due) => due < 0))).toBeCloseTo(0.2, 1);
  });

  test("never does either at rate 0, and always at rate 1", () => {
    const link = new Link(1, "a", "b");
    for (let i = 0; i < 500; i++) {
      expect(arrival(link, { ...JITTERY, loss: 1 }, 0)).toBe(-1);
      expect(arrival(link, JITTERY, 0)).toBeGreaterThanOrEqual(200);
      expect(copyArrival(link, JITTERY, 0)).toBe(-1);
      expect(copyArrival(link, { ...JITTERY, duplicate: 1 }, 0)).toBeGreaterThanOrEqual(200);
    }
  });

  test("delays of several troubles add up, and of their rates the highest counts", () => {
    const link = new Link(1, "a", "b");
    link.troubles.push({ loss: 0, duplicate: 0, reorder: 1, delayUs: 5000 });
    link.troubles.push({ loss: 0, duplicate: 1, reorder: 0, delayUs: 300 });
    expect(arrival(link, EVEN_NETWORK, 0)).toBe(1000 + 5300);
    expect(copyArrival(link, EVEN_NETWORK, 0)).toBe(1000);
    link.troubles.length = 0;
    expect(arrival(link, EVEN_NETWORK, 0)).toBe(1000);
    link.troubles.push(
      { loss: 1, duplicate: 0, reorder: 0, delayUs: 0 },
      { loss: 0, duplicate: 0, reorder: 0, delayUs: 0 },
    );
    expect(arrival(link, EVEN_NETWORK, 0)).toBe(-1);
  });

  test("draws by the number of the message: what is lost or cut leaves the others as they were", () => {
    const profile = { ...JITTERY, reorder: 1 };
    const plain = arrivals(new Link(1, "a", "b"), profile, 100);
    const troubled = new Link(1, "a", "b");
    const seen = Array.from({ length: 100 }, (_, i) => {
      troubled.cuts = i % 3 === 0 ? 1 : 0;
      return arrival(troubled, { ...profile, loss: i % 5 === 0 ? 1 : 0 }, 0);
    });
    expect(seen).toEqual(plain.map((due, i) => (i % 3 === 0 || i % 5 === 0 ? -1 : due)));
  });

  test("draws differ by link, direction and seed", () => {
    const links = [new Link(1, "a", "b"), new Link(1, "b", "a"), new Link(1, "a", "c"), new Link(2, "a", "b")];
    expect(new Set(links.map((link) => arrivals(link, JITTERY, 5, 10_000).join())).size).toBe(4);
  });
});
