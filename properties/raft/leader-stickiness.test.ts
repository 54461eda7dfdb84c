import { expect, test } from "vitest";
import { leaderStickiness } from "./leader-stickiness.ts";
import { Drill, received } from "./testing.ts";

const ask = (kind: "requestVote" | "requestPreVote", transfer = false) =>
  ({ ...received("m3", { kind, term: 2, lastLogIndex: 0, lastLogTerm: 0, transfer }), now: 150_000 }) as const;
const heardAt = (leaderContactAt: number, kind: "requestVote" | "requestPreVote", transfer = false) =>
  new Drill(leaderStickiness, ["m1", "m2", "m3"]).step("m1", { currentTerm: 1, leaderContactAt }, ask(kind, transfer));

test("holds when the leader has been silent for an election timeout, and for a transfer", () => {
  expect(heardAt(50_000, "requestVote").grant("m1", "m3", 2).violated).toBeNull();
  expect(heardAt(100_000, "requestVote", true).grant("m1", "m3", 2).violated).toBeNull();
});

test("violated by a vote, and by a pre-vote, while the leader is heard", () => {
  expect(heardAt(100_000, "requestVote").grant("m1", "m3", 2).violated).toBe(
    "m1 grants m3 a vote in term 1 50 ms after it heard from a leader",
  );
  const reply = { kind: "requestPreVoteReply", term: 2, voteGranted: true } as const;
  expect(heardAt(100_000, "requestPreVote").send("m1", "m3", reply).violated).toMatch(/^m1 grants m3 a pre-vote/);
});
