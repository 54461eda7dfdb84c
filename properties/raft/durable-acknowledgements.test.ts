import { expect, test } from "vitest";
import { durableAcknowledgements } from "./durable-acknowledgements.ts";
import { configurationOf, Drill, logOf } from "./testing.ts";

const ids = ["m1", "m2", "m3"];
const log = logOf(1, 1);
const leader = (configuration = configurationOf(ids)) =>
  new Drill(durableAcknowledgements, ids, configuration).lead("m1", 1).step("m1", { log });

test("holds when a quorum of disks has the entry", () => {
  const run = leader().step("m2", { log }).step("m1", { commitIndex: 2 }).committed("m1", "r1", 2, 1);
  expect(run.atEnd().violated).toBeNull();
});

test("violated when a leader commits what one disk has", () => {
  const run = leader().stepUnwritten("m2", { log });
  expect(run.step("m1", { commitIndex: 2 }).violated).toBe(
    "m1 commits index 2 of term 1, which is on the disks of m1: no quorum of (m1 m2 m3)",
  );
});

test("violated when one half of a joint configuration has no quorum", () => {
  const run = leader(configurationOf(["m1"], ["m2", "m3"])).step("m2", { log });
  expect(run.step("m1", { commitIndex: 2 }).violated).toBe(
    "m1 commits index 2 of term 1, which is on the disks of m1, m2: no quorum of (m1)&&(m2 m3)",
  );
});

test("violated when the only voter answers before it has written", () => {
  const run = new Drill(durableAcknowledgements, ["m1"]).lead("m1", 1);
  run.stepUnwritten("m1", { log, commitIndex: 2 });
  expect(run.violated).toBeNull();
  expect(run.committed("m1", "r1", 2, 1).violated).toBe(
    "m1 acknowledges index 2 of term 1, which is on the disks of nobody: no quorum of (m1)",
  );
});

test("holds when the only voter answers after it has written", () => {
  const run = new Drill(durableAcknowledgements, ["m1"]).lead("m1", 1).step("m1", { log, commitIndex: 2 });
  expect(run.committed("m1", "r1", 2, 1).violated).toBeNull();
});

test("violated by an answer that no leader stands behind", () => {
  expect(new Drill(durableAcknowledgements, ids).committed("m2", "r1", 4, 1).violated).toBe(
    "m2 answers that index 4 is committed, which no leader has committed",
  );
});

test("violated at the end when the last leader has not got what was acknowledged", () => {
  const run = leader().step("m2", { log }).step("m1", { commitIndex: 2 }).committed("m1", "r1", 2, 1);
  run.follow("m1", "m3", 2, { log: logOf(1) }).lead("m3", 2, { log: logOf(1) });
  expect(run.atEnd().violated).toBe(
    "index 2 of term 1, which m1 acknowledged, is lost: m3, the last leader, has not got it",
  );
});
