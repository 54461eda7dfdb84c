import { expect, test } from "vitest";
import { IndexWindow } from "./index-window.ts";
import type { Member } from "./raft-property.ts";

/** Members with logs that begin behind these indexes and hold one entry. */
function windowOver(prevIndexes: readonly number[], status = "up") {
  const processes = prevIndexes.map((prevIndex) => {
    const log = { prevIndex, prevTerm: 0, entries: { length: 1 } };
    return { status, state: { log }, durable: { log } };
  });
  const window = new IndexWindow<number>({
    processes: processes as unknown as Member[],
    now: () => 0,
    violate() {},
    reach() {},
    undecided() {},
  });
  return { window, processes };
}

test("what was set is there, what was not is not", () => {
  const { window } = windowOver([0]);
  window.set(3, 33);
  window.set(5, 55);
  expect([0, 3, 4, 5, 6].map((index) => window.get(index))).toEqual([undefined, 33, undefined, 55, undefined]);
});

test("it follows the logs, and forgets what none of them holds", () => {
  const { window, processes } = windowOver([0, 0]);
  for (let index = 0; index < 100_000; index++) {
    for (const { durable, state } of processes) durable.log.prevIndex = state.log.prevIndex = Math.max(0, index - 100);
    window.set(index, index);
    expect(window.length).toBeLessThan(5_000);
  }
  expect(window.get(99_950)).toBe(99_950);
  expect(window.get(10)).toBeUndefined();
});

test("it stays bounded when a member stays behind for ever", () => {
  const { window } = windowOver([0]);
  for (let index = 0; index < 500_000; index++) window.set(index, index);
  expect(window.length).toBeLessThan(150_000);
  expect(window.get(499_999)).toBe(499_999);
  window.set(1, 1);
  expect(window.get(1)).toBeUndefined();
});
