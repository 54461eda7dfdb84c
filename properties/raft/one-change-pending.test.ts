import { expect, test } from "vitest";
import { oneChangePending } from "./one-change-pending.ts";
import { configurationEntry, configurationOf, Drill, logOf } from "./testing.ts";

const ids = ["m1", "m2", "m3"];
const four = configurationOf([...ids, "m4"]);
const five = configurationOf([...ids, "m4", "m5"]);
const first = { index: 0, configuration: configurationOf(ids) };
const leader = () => new Drill(oneChangePending, ids).step("m1", { log: logOf(1, 2) }).lead("m1", 2);
const one = {
  log: logOf(1, 2, configurationEntry(2, four)),
  configurations: [first, { index: 3, configuration: four }],
};
const two = {
  log: logOf(1, 2, configurationEntry(2, four), configurationEntry(2, five)),
  configurations: [...one.configurations, { index: 4, configuration: five }],
};

test("holds when the change before is committed", () => {
  expect(
    leader()
      .step("m1", { commitIndex: 2 })
      .step("m1", one)
      .step("m1", { ...two, commitIndex: 3 }).violated,
  ).toBeNull();
});

test("violated by a second change while the first is not committed", () => {
  expect(leader().step("m1", { commitIndex: 2 }).step("m1", one).step("m1", two).violated).toBe(
    "m1, leader of term 2, has 2 changes of the membership pending, at indexes 3, 4",
  );
});

test("violated by a change before an entry of the own term is committed", () => {
  expect(leader().step("m1", { commitIndex: 1 }).step("m1", one).violated).toBe(
    "m1 changes the membership at index 3, before it has committed an entry of its term 2",
  );
});

test("holds when a new leader finds several in its log, of which it does not know whether they are committed", () => {
  const run = new Drill(oneChangePending, ids).step("m1", two);
  expect(run.lead("m1", 3).violated).toBeNull();
});
