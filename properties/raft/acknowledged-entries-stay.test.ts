import { expect, test } from "vitest";
import { acknowledgedEntriesStay } from "./acknowledged-entries-stay.ts";
import { compacted, Drill, logOf } from "./testing.ts";

const ack = {
  kind: "appendEntriesReply",
  term: 2,
  success: true,
  matchIndex: 3,
  hintIndex: 0,
  hintTerm: 0,
  round: 0,
} as const;
const log = logOf(1, 2, 2);
const acknowledged = () =>
  new Drill(acknowledgedEntriesStay, ["m1", "m2"]).step("m2", { currentTerm: 2, log }).send("m2", "m1", ack);

test("holds when the log grows, is compacted, and comes back after a restart", () => {
  const run = acknowledged()
    .step("m2", { log: logOf(1, 2, 2, 2) })
    .step("m2", { log: compacted(log, 2) });
  expect(run.crash("m2").boot("m2").violated).toBeNull();
});

test("holds when a later leader overwrites", () => {
  expect(acknowledged().step("m2", { currentTerm: 3, log: logOf(1, 3) }).violated).toBeNull();
});

test("violated by a truncation in the same term", () => {
  expect(acknowledged().step("m2", { log: logOf(1, 2) }).violated).toBe(
    "m2 truncates, and ends its log at index 2, after it has acknowledged index 3 in the same term 2",
  );
});

test("violated by a restart without what was acknowledged", () => {
  const run = new Drill(acknowledgedEntriesStay, ["m1", "m2"]).step("m2", { currentTerm: 2, log: logOf(1) });
  expect(run.stepUnwritten("m2", { log }).send("m2", "m1", ack).crash("m2").boot("m2").violated).toMatch(
    /^m2 restarts/,
  );
});
