import { expect, test } from "vitest";
import { committedEntriesStay } from "./committed-entries-stay.ts";
import { Drill, logOf } from "./testing.ts";

const log = logOf(1, 1, 2);
const drill = () =>
  new Drill(committedEntriesStay, ["m1", "m2"]).step("m1", { log }).step("m2", { log }).step("m1", { commitIndex: 2 });

test("holds when what is cut off is not committed", () => {
  expect(drill().step("m2", { log: logOf(1, 1) }).violated).toBeNull();
});

test("holds when it is another entry than the committed one", () => {
  const run = new Drill(committedEntriesStay, ["m1", "m2"]).step("m2", { log: logOf(1, 3, 3) });
  expect(run.step("m1", { log, commitIndex: 2 }).step("m2", { log: logOf(1) }).violated).toBeNull();
});

test("violated when a committed entry is cut off", () => {
  expect(drill().step("m2", { log: logOf(1) }).violated).toBe(
    "m2 loses index 2 of term 1, which m1 knows to be committed",
  );
});
