import { expect, test } from "vitest";
import { logMatching } from "./log-matching.ts";
import { commandOf, compacted, Drill, logOf } from "./testing.ts";

const ids = ["m1", "m2", "m3"];
const drill = () => new Drill(logMatching, ids);

test("holds when logs differ by term, and after a conflict is resolved", () => {
  const run = drill()
    .step("m1", { log: logOf(1, 1, 1) })
    .step("m2", { log: logOf(1, 2) });
  expect(run.step("m1", { log: logOf(1, 2) }).step("m3", { log: logOf(1, 2) }).violated).toBeNull();
});

test("holds over compaction and restart", () => {
  const log = logOf(1, 1, 2, 2);
  const run = drill()
    .step("m1", { log })
    .step("m2", { log })
    .step("m2", { log: compacted(log, 3) });
  expect(run.crash("m2").boot("m2").violated).toBeNull();
});

test("violated by two commands of one index and term", () => {
  const run = drill()
    .step("m1", { log: logOf(commandOf(1, "x")) })
    .step("m2", { log: logOf(commandOf(1, "y")) });
  expect(run.violated).toBe('index 1 of term 1 is command "y" of term 1 at m2, but command "x" of term 1 at m1');
});

test("violated by one entry behind different ones", () => {
  const run = drill()
    .step("m1", { log: logOf(1, 1, 3) })
    .step("m2", { log: logOf(1, 2, 3) });
  expect(run.violated).toBe("m1 and m2 both have index 3 of term 3, but after an entry of term 1 and of term 2");
});

test("violated by a compaction that misstates the term before the log", () => {
  const log = logOf(1, 1, 2);
  const run = drill()
    .step("m1", { log })
    .step("m1", { log: { ...compacted(log, 2), prevTerm: 2 } });
  expect(run.violated).toMatch(/^m1 and m1 both have index 3/);
});

test("violated by a disk that gives back another entry", () => {
  const run = drill()
    .step("m1", { log: logOf(commandOf(1, "x")) })
    .crash("m1");
  run.member("m1").durable = { ...run.member("m1").durable, log: logOf(commandOf(1, "y")) };
  expect(run.boot("m1").violated).toMatch(/^index 1 of term 1 is command "y"/);
});

test("is found in the middle of a long log, where a leaf was replaced", () => {
  const terms = Array.from({ length: 200 }, () => 1);
  const other = terms.map((term, i) => (i === 70 ? commandOf(1, "other") : term));
  expect(
    drill()
      .step("m1", { log: logOf(...terms) })
      .step("m2", { log: logOf(...other) }).violated,
  ).toMatch(/^index 71 /);
});
