import { expect, test } from "vitest";
import { monotonicTerms } from "./monotonic-terms.ts";
import { Drill } from "./testing.ts";

const drill = () => new Drill(monotonicTerms, ["m1", "m2"]);

test("holds when terms grow, and over a restart", () => {
  const run = drill().follow("m1", null, 3).grant("m1", "m2", 3).follow("m1", null, 4);
  expect(run.crash("m1").boot("m1").violated).toBeNull();
});

test("holds when a term is forgotten in which nothing was said", () => {
  const run = drill().stepUnwritten("m1", { currentTerm: 3 }).crash("m1").boot("m1");
  expect(run.violated).toBeNull();
});

test("violated by a step back", () => {
  expect(drill().follow("m1", null, 3).follow("m1", null, 2).violated).toBe("m1 goes back from term 3 to term 2");
});

test("violated by a restart behind a term in which a vote was sent", () => {
  const run = drill().stepUnwritten("m1", { currentTerm: 3 }).grant("m1", "m2", 3).crash("m1").boot("m1");
  expect(run.violated).toBe("m1 restarts in term 0, after it has spoken in term 3");
});
