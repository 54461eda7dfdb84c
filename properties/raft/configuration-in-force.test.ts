import { expect, test } from "vitest";
import { configurationInForce } from "./configuration-in-force.ts";
import { compacted, configurationEntry, configurationOf, Drill, logOf, received, snapshotOf } from "./testing.ts";

const ids = ["m1", "m2", "m3"];
const old = configurationOf(ids);
const joint = configurationOf(["m1", "m2"], ids);
const first = { index: 0, configuration: old };
const second = { index: 2, configuration: joint };
const log = logOf(1, configurationEntry(1, joint), 1);
const drill = () => new Drill(configurationInForce, ids);
const changed = () => drill().step("m1", { log, configurations: [first, second] });

test("holds when a configuration comes into force with its entry, and goes with it", () => {
  expect(changed().step("m1", { log: logOf(1, 2), configurations: [first] }).violated).toBeNull();
});

test("violated when it comes into force later", () => {
  expect(drill().step("m1", { log }).violated).toBe(
    "m1 goes by configuration (m1 m2 m3), but the latest in its log, at index 2, is (m1 m2)&&(m1 m2 m3)",
  );
});

test("violated when it stays in force though its entry is gone", () => {
  expect(changed().step("m1", { log: logOf(1, 2) }).violated).toBe(
    "m1 goes by a configuration of index 2, which its log does not hold",
  );
});

test("violated when it is forgotten though its entry is there", () => {
  expect(changed().step("m1", { configurations: [first] }).violated).toMatch(
    /^m1 goes by configuration \(m1 m2 m3\), but/,
  );
});

test("violated by a snapshot that drops the outgoing half", () => {
  const taken = { index: 3, configuration: configurationOf(["m1", "m2"]) };
  const snapshot = { ...snapshotOf(3, 1, ["m1", "m2"]) };
  const run = changed().step("m1", { log: compacted(log, 3), snapshot, configurations: [taken] });
  expect(run.violated).toBe(
    "m1 goes by configuration (m1 m2), but the latest up to its snapshot at index 3 is (m1 m2)&&(m1 m2 m3)",
  );
});

test("violated by an installed or restored snapshot whose outgoing half is dropped", () => {
  const snapshot = { ...snapshotOf(3, 1, ids), configuration: joint };
  const restored = {
    log: compacted(log, 3),
    snapshot,
    configurations: [{ index: 3, configuration: configurationOf(["m1", "m2"]) }],
  };
  const message = { kind: "installSnapshot", term: 1, snapshot, round: 0 } as const;
  expect(drill().step("m2", restored, received("m1", message)).violated).toMatch(
    /but that of the snapshot at index 3 is/,
  );
  const run = drill();
  run.member("m2").durable = { ...run.member("m2").durable, log: restored.log, snapshot };
  expect(run.boot("m2", { configurations: restored.configurations }).violated).toMatch(
    /but that of the snapshot at index 3 is/,
  );
});
