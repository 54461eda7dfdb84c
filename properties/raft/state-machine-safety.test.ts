import { expect, test } from "vitest";
import { stateMachineSafety } from "./state-machine-safety.ts";
import { commandOf, compacted, Drill, logOf, snapshotOf } from "./testing.ts";

const ids = ["m1", "m2", "m3"];
const applied = (index: number, hash: number) => ({
  lastApplied: index,
  commitIndex: index,
  application: { count: index, hash },
});
const drill = () => new Drill(stateMachineSafety, ids).step("m1", { log: logOf(1, 1, 1) }).step("m1", applied(3, 33));

test("holds when all apply the same, in other steps, by snapshot, and after a restart", () => {
  const log = logOf(1, 1, 1);
  const run = drill().step("m2", { log }).step("m2", applied(1, 11)).step("m2", applied(3, 33));
  const snapshot = snapshotOf(3, 1, ids, { count: 3, hash: 33 });
  run.step("m3", { log: compacted(log, 3), snapshot, ...applied(3, 33) });
  expect(run.crash("m3").boot("m3").crash("m1").boot("m1").step("m1", applied(2, 22)).violated).toBeNull();
});

test("violated by another entry at an index", () => {
  const log = logOf(1, commandOf(1, "other"), 1);
  expect(drill().step("m2", { log }).step("m2", applied(2, 22)).violated).toBe(
    'at index 2, m2 applies command "other" of term 1, but m1 applied command "c2.1" of term 1',
  );
});

test("violated by another state after the same entries", () => {
  expect(
    drill()
      .step("m2", { log: logOf(1, 1, 1) })
      .step("m2", applied(3, 34)).violated,
  ).toBe("after index 3, the state machine of m2 is not in the state that it had at m1");
});

test("violated by a snapshot that holds another state, installed or found at a restart", () => {
  const snapshot = snapshotOf(3, 1, ids, { count: 3, hash: 34 });
  const log = compacted(logOf(1, 1, 1), 3);
  expect(drill().step("m2", { log, snapshot, ...applied(3, 34) }).violated).toMatch(/^after index 3/);
  const run = drill().crash("m1");
  run.member("m1").durable = { ...run.member("m1").durable, log, snapshot };
  expect(run.boot("m1").violated).toMatch(/^after index 3/);
});

test("violated when a leader's own application diverges", () => {
  const run = drill()
    .step("m2", { log: logOf(1, 1) })
    .lead("m2", 2, { log: logOf(1, 1, 1), ...applied(3, 99) });
  expect(run.violated).toMatch(/^after index 3/);
});
