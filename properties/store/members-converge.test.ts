import { expect, test } from "vitest";
import { membersConverge } from "./members-converge.ts";
import { putOf, StoreDrill } from "./testing.ts";

test("pending until all members that are up have applied what the leader has", () => {
  const run = new StoreDrill(membersConverge);
  expect(run.pending).toMatch(/^no member leads: m1 follower in term 0/);
  run.lead("m1", 1).commit(putOf("a", "1")).apply("m1").apply("m2");
  expect(run.pending).toBe("m3 has applied index 0 of 1, m1 leads and has committed index 1");
  expect(run.apply("m3").pending).toBeNull();
  expect(run.crash("m3").pending).toBeNull();
});
