import { expect, test } from "vitest";
import { leaderAppendOnly } from "./leader-append-only.ts";
import { commandOf, compacted, Drill, logOf } from "./testing.ts";

const ids = ["m1", "m2", "m3"];
const log = logOf(1, 1, 2);
const leader = () => new Drill(leaderAppendOnly, ids).step("m1", { log }).lead("m1", 2);

test("holds when a leader appends and compacts", () => {
  const longer = { ...log, entries: logOf(1, 1, 2, 2).entries };
  const drill = new Drill(leaderAppendOnly, ids).step("m1", { log: longer }).lead("m1", 2);
  expect(drill.step("m1", { log: compacted(longer, 3) }).violated).toBeNull();
});

test("holds when a follower's log is overwritten, or the leader steps down", () => {
  const drill = leader()
    .step("m2", { log })
    .step("m2", { log: logOf(1, 3) });
  expect(drill.follow("m1", "m2", 3, { log: logOf(1, 3) }).violated).toBeNull();
});

test("violated when a leader deletes", () => {
  expect(leader().step("m1", { log: logOf(1, 1) }).violated).toBe(
    "m1, leader of term 2, deletes index 3 of its own log",
  );
});

test("violated when a leader overwrites, also in the middle", () => {
  expect(leader().step("m1", { log: logOf(1, commandOf(1, "other"), 2) }).violated).toBe(
    "m1, leader of term 2, overwrites index 2 of its own log",
  );
});

test("violated when a leader takes the log of another term", () => {
  expect(leader().step("m1", { log: logOf(1, 1, 1, 1) }).violated).toMatch(/overwrites index 3/);
});
