import { expect, test } from "vitest";
import { singleVote } from "./single-vote.ts";
import { Drill } from "./testing.ts";

const drill = () => new Drill(singleVote, ["m1", "m2", "m3"]);

test("holds when a vote is repeated, and in the next term", () => {
  const run = drill().grant("m1", "m2", 3).grant("m1", "m2", 3).grant("m1", "m3", 4);
  expect(run.violated).toBeNull();
});

test("violated by votes for two candidates, over a restart too", () => {
  const run = drill().grant("m1", "m2", 3).crash("m1").boot("m1").grant("m1", "m3", 3);
  expect(run.violated).toBe("m1 votes for m2 and for m3 in term 3");
});

test("violated by a candidate that votes for another", () => {
  const request = { kind: "requestVote", term: 3, lastLogIndex: 0, lastLogTerm: 0, transfer: false } as const;
  expect(drill().send("m1", "m2", request).grant("m1", "m2", 3).violated).toBe("m1 votes for m1 and for m2 in term 3");
});

test("violated by a change of mind", () => {
  const run = drill().step("m1", { currentTerm: 3, votedFor: "m2" });
  expect(run.step("m1", { votedFor: "m3" }).violated).toBe("m1 changes its vote in term 3 from m2 to m3");
});
