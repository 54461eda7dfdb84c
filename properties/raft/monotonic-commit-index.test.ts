import { expect, test } from "vitest";
import { monotonicCommitIndex } from "./monotonic-commit-index.ts";
import { Drill, logOf } from "./testing.ts";

const log = logOf(1, 1, 1);
const drill = () => new Drill(monotonicCommitIndex, ["m1", "m2"]).step("m1", { log });

test("holds when both grow, and when a restart learns them anew", () => {
  const run = drill().step("m1", { commitIndex: 3, lastApplied: 2 }).step("m1", { lastApplied: 3 });
  expect(run.crash("m1").boot("m1").step("m1", { commitIndex: 2, lastApplied: 2 }).violated).toBeNull();
});

test("violated by a step back of either", () => {
  const run = drill().step("m1", { commitIndex: 3, lastApplied: 3 });
  expect(run.step("m1", { commitIndex: 2, lastApplied: 2 }).violations).toEqual([
    "m1 goes back in commitIndex from 3 to 2",
    "m1 goes back in lastApplied from 3 to 2",
  ]);
});

test("violated by applying what is not committed", () => {
  expect(drill().step("m1", { commitIndex: 1, lastApplied: 2 }).violated).toBe(
    "m1 has applied index 2, but knows only index 1 to be committed",
  );
});

test("violated by a commit behind the end of the log, also when the log is cut", () => {
  expect(drill().step("m1", { commitIndex: 4 }).violated).toBe(
    "m1 holds index 4 to be committed, but its log ends at index 3",
  );
  expect(
    drill()
      .step("m1", { commitIndex: 3 })
      .step("m1", { log: logOf(1) }).violated,
  ).toMatch(/its log ends at index 1$/);
});

test("violated by another entry where one was committed", () => {
  const run = drill()
    .step("m1", { commitIndex: 3 })
    .step("m2", { log: logOf(1, 2) })
    .step("m2", { commitIndex: 2 });
  expect(run.violated).toBe("m2 commits index 2 of term 2, but index 2 was committed with term 1");
});
