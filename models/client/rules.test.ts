import { describe, expect, it } from "vitest";
import { isRead } from "./calls.ts";
import { hintedEndpoint, nextEndpoint } from "./endpoints.ts";
import { certainUntil } from "./lease.ts";
import { nextLeaseId } from "./lease-id.ts";
import { numberOf, oldest, put, rangeOf, rangeUnder, reads, writeIf } from "./requests.ts";
import { TestClient, testConfig } from "./testing/harness.ts";
import { backoffOf } from "./timers.ts";

const kv = (key: string, value: string, createRevision: number) => {
  return { key, value, createRevision, modRevision: createRevision, version: 1, lease: 0 };
};

describe("backoff", () => {
  it("doubles up to the most", () => {
    const config = testConfig("c", { backoffUs: 100, backoffMaxUs: 1_000 });
    expect([1, 2, 3, 4, 5, 6, 1_000].map((failures) => backoffOf(config, failures))).toEqual([
      100, 200, 400, 800, 1_000, 1_000, 1_000,
    ]);
  });
});

describe("endpoints", () => {
  const config = testConfig("c", { endpoints: ["a", "b", "c"] });

  it("come one after the other, over and over", () => {
    expect([0, 1, 2].map((at) => nextEndpoint(config, at))).toEqual([1, 2, 0]);
  });

  it("are who leads, where that is known, is another and can be reached", () => {
    expect(hintedEndpoint(config, 0, "c")).toBe(2);
    expect(hintedEndpoint(config, 0, "a")).toBe(1);
    expect(hintedEndpoint(config, 0, "x")).toBe(1);
    expect(hintedEndpoint(config, 2, null)).toBe(0);
  });
});

describe("a lease's name", () => {
  it("is a safe integer, never 0, and differs by client, boot and number", () => {
    const names = new Set<number>();
    for (const id of ["c0", "c1", "c255", "some"])
      for (const bootedAt of [0, 1, 2 ** 33 - 1]) {
        const { state } = new TestClient(testConfig(id), bootedAt, () => {});
        for (const leases of [0, 1, 4_000]) names.add(nextLeaseId({ ...state, leases }));
      }
    expect(names.size).toBe(4 * 3 * 3);
    for (const name of names) expect(Number.isSafeInteger(name) && name > 0).toBe(true);
  });
});

describe("a lease", () => {
  it("is certain for its TTL from when it was asked for, less what the clocks may drift", () => {
    expect(certainUntil(testConfig("c", { clockDriftBound: 1.25 }), 1_000, 5_000)).toBe(5_000);
  });
});

describe("calls", () => {
  it("that change nothing may be made again", () => {
    expect(isRead(rangeOf("k"))).toBe(true);
    expect(isRead({ kind: "leaseTimeToLive", id: 1 })).toBe(true);
    expect(isRead(reads([rangeOf("k")]))).toBe(true);
    expect(isRead(writeIf([], [put("k", "v", 0)]))).toBe(false);
    expect(isRead({ kind: "txn", compare: [], success: [], failure: [put("k", "v", 0)] })).toBe(false);
    expect(isRead({ kind: "leaseKeepAlive", id: 1 })).toBe(false);
    expect(isRead({ kind: "defragment" })).toBe(false);
  });

  it("for what is under a name leave out the name and its neighbours", () => {
    const { key, rangeEnd } = rangeUnder("q");
    const covers = (candidate: string): boolean => candidate >= key && candidate < rangeEnd;
    expect(["q", "q-1", "q/", "q/1", "q/z/z", "q0", "qq"].filter(covers)).toEqual(["q/", "q/1", "q/z/z"]);
  });
});

describe("what is read", () => {
  it("is a number, 0 where it is missing, or no number", () => {
    expect([undefined, kv("k", "41", 1), kv("k", "-3", 1), kv("k", "x", 1), kv("k", "", 1)].map(numberOf)).toEqual([
      0,
      41,
      -3,
      null,
      null,
    ]);
  });

  it("goes by the create revision, not by the key", () => {
    expect(oldest([kv("a", "", 9), kv("b", "", 4), kv("c", "", 7)])?.key).toBe("b");
    expect(oldest([])).toBe(undefined);
  });
});
