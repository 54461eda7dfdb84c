import { expect, test } from "vitest";
import { leaderCompleteness } from "./leader-completeness.ts";
import { compacted, Drill, logOf, snapshotOf } from "./testing.ts";

const ids = ["m1", "m2", "m3"];
const committed = () =>
  new Drill(leaderCompleteness, ids)
    .step("m1", { log: logOf(1, 1) })
    .lead("m1", 1)
    .step("m1", { commitIndex: 2 });

test("holds when the next leader has all that is committed, in its log or its snapshot", () => {
  const log = logOf(1, 1, 1);
  const run = committed().step("m2", { log }).lead("m2", 2);
  run.step("m3", { log: compacted(log, 3), snapshot: snapshotOf(3, 1, ids) });
  expect(run.lead("m3", 3).violated).toBeNull();
});

test("violated by a later leader without a committed entry", () => {
  expect(
    committed()
      .step("m2", { log: logOf(1) })
      .lead("m2", 3).violated,
  ).toBe("m2 leads term 3 without index 2 of term 1, which m1 committed in term 1");
});

test("violated by a later leader with another entry at that index", () => {
  expect(
    committed()
      .step("m2", { log: logOf(1, 2, 2) })
      .lead("m2", 3).violated,
  ).toMatch(/without index 2 of term 1/);
});

test("holds for a leader of an earlier term that delayed votes elect late", () => {
  const run = new Drill(leaderCompleteness, ids).step("m1", { log: logOf(1, 5) }).lead("m1", 5);
  expect(
    run
      .step("m1", { commitIndex: 2 })
      .step("m2", { log: logOf(1) })
      .lead("m2", 4).violated,
  ).toBeNull();
});

test("violated when a deposed leader commits what its successor has not", () => {
  const run = new Drill(leaderCompleteness, ids).step("m1", { log: logOf(1, 1) }).lead("m1", 1);
  expect(run.lead("m2", 2).violated).toBeNull();
  expect(run.step("m1", { commitIndex: 2 }).violated).toBe(
    "m2 leads term 2 without index 2 of term 1, which m1 committed in term 1",
  );
});

test("violated when the only voter commits before that is written, and loses it in a crash", () => {
  const run = new Drill(leaderCompleteness, ["m1"]).lead("m1", 1);
  run
    .stepUnwritten("m1", { log: logOf(1), commitIndex: 1 })
    .crash("m1")
    .boot("m1");
  expect(run.lead("m1", 2, { log: logOf(2) }).violated).toMatch(/^m1 leads term 2 without index 1 of term 1/);
});
