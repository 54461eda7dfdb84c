import { expect, test } from "vitest";
import { commitOnlyCurrentTerm } from "./commit-only-current-term.ts";
import { Drill, logOf } from "./testing.ts";

const leader = () =>
  new Drill(commitOnlyCurrentTerm, ["m1", "m2", "m3"]).step("m1", { log: logOf(1, 2, 4) }).lead("m1", 4);

test("holds when a leader commits an entry of its term, and all before it", () => {
  expect(leader().step("m1", { commitIndex: 3 }).violated).toBeNull();
});

test("holds when a follower learns of any commit", () => {
  expect(
    leader()
      .step("m2", { log: logOf(1, 2) })
      .step("m2", { commitIndex: 1 }).violated,
  ).toBeNull();
});

test("violated by figure 8: an entry of term 2 is committed in term 4", () => {
  expect(leader().step("m1", { commitIndex: 2 }).violated).toBe(
    "m1, leader of term 4, commits index 2 of term 2 by counting replicas",
  );
});

test("violated also when the leader steps down in that step", () => {
  expect(leader().step("m1", { commitIndex: 2, role: "follower", leader: null }).violated).not.toBeNull();
});
