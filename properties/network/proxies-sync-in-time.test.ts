import { describe, expect, test } from "vitest";
import { emptyOrderedMap, orderedMapFrom } from "../../models/kernel/index.ts";
import { ClusterDrill, type Loose } from "../cluster/testing.ts";
import { proxiesSyncInTime } from "./proxies-sync-in-time.ts";
import { PROCESSES } from "./testing.ts";

const SECOND = 1_000_000;

describe("a proxy writes what it knows (L10)", () => {
  /** At these times, by its clock, it has something to write, or nothing. */
  const seen = (syncs: number, isPending: boolean, ...times: readonly number[]) => {
    const drill = new ClusterDrill(proxiesSyncInTime, PROCESSES);
    const pending = isPending ? orderedMapFrom([["default/web", true]]) : emptyOrderedMap();
    const config = { minSyncUs: SECOND, maxSyncUs: 30 * SECOND };
    for (const time of times) {
      const input: Loose = { kind: "timer", name: "api", now: time * SECOND, wall: 0 };
      drill.step("proxy-1", { syncs, syncedAt: 0, pending, isFullDue: false, config }, input);
    }
    return drill;
  };

  test("after the least interval, or before it", () => {
    expect(seen(1, true, 0.2, 0.9, 1).violated).toBeNull();
    expect(seen(1, false, 5, 20, 30).violated).toBeNull();
    expect(seen(0, true, 5, 20).violated, "it does not know all yet").toBeNull();
  });

  test("its timer was set while its clock ran slower", () => {
    expect(seen(1, true, 1.05, 1.06, 1.09).violated).toBeNull();
    expect(seen(1, false, 31, 32, 32.9).violated).toBeNull();
  });

  test("it was held up, and does it now", () => {
    expect(seen(1, true, 3, 3.2).violated).toBeNull();
    expect(seen(1, true, 3).restart("proxy-1").violated).toBeNull();
  });

  test("it does not", () => {
    expect(seen(1, true, 3, 3.6).violated).toBe("proxy-1 knows of changes, and has not written its rules for 3600 ms");
    expect(seen(1, false, 34, 35).violated).toMatch(/has not written its rules for 35000 ms/);
  });
});
