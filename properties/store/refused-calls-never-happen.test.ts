import { expect, test } from "vitest";
import { refusedCallsNeverHappen } from "./refused-calls-never-happen.ts";
import { putOf, StoreDrill } from "./testing.ts";

const put = putOf("a", "1");
const called = () => new StoreDrill(refusedCallsNeverHappen).call("c1", "m1", "w1", put);

test("holds when a call of unknown outcome happens, and when a refused one does not", () => {
  expect(called().refuse("m1", "c1", "w1", "timeout").run(put, "w1").violated).toBeNull();
  expect(called().refuse("m1", "c1", "w1", "notLeader").run(put, "w2").violated).toBeNull();
});

test("violated by a refused call that is applied later", () => {
  expect(called().refuse("m1", "c1", "w1", "notLeader").run(put, "w1").violated).toBe(
    `c1's put a="1" (w1) was refused by m1, but m1 applies it at index 1`,
  );
});

test("violated by a refusal of what was applied before", () => {
  expect(called().run(put, "w1").refuse("m1", "c1", "w1", "noLeader").violated).toMatch(/was refused by m1, but/);
});
