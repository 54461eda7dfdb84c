import { expect, test } from "vitest";
import { readsAreConfirmed } from "./reads-are-confirmed.ts";
import { Drill, received } from "./testing.ts";

const append = (round: number) =>
  ({ kind: "appendEntries", term: 4, prevLogIndex: 0, prevLogTerm: 0, entries: [], leaderCommit: 0, round }) as const;
const answer = (round: number) =>
  received("m2", {
    kind: "appendEntriesReply",
    term: 4,
    success: true,
    matchIndex: 0,
    hintIndex: 0,
    hintTerm: 0,
    round,
  });
const read = { kind: "read", readIndex: 1, appliedIndex: 1, result: "" } as const;

/** A leader that has sent round 7 before a read `r2` is asked, and round 8 after it; `r1` was asked first of all. */
function asked(): Drill {
  const drill = new Drill(readsAreConfirmed, ["m1", "m2", "m3"]).lead("m1", 4).request("m1", "r1", { kind: "read" });
  drill.now = 10;
  drill.send("m1", "m2", append(7));
  drill.now = 20;
  drill.request("m1", "r2", { kind: "read" }).send("m1", "m2", append(7)).send("m1", "m2", append(8));
  drill.now = 30;
  return drill;
}

test("holds when a quorum answers what was sent after the read", () => {
  expect(asked().step("m1", {}, answer(8)).reply("m1", "r2", read).violated).toBeNull();
  expect(asked().step("m1", {}, answer(7)).reply("m1", "r1", read).violated).toBeNull();
});

test("holds for a read that a follower hands to the leader", () => {
  const run = asked().request("m3", "r3", { kind: "read" }).send("m1", "m2", append(9)).step("m1", {}, answer(9));
  expect(run.reply("m3", "r3", read).violated).toBeNull();
});

test("violated without any answer", () => {
  expect(asked().reply("m1", "r2", read).violated).toBe(
    "read r2 at m1 is answered, though no quorum has answered a leader since it was asked",
  );
});

test("violated by a late answer to what was sent before the read", () => {
  expect(asked().step("m1", {}, answer(7)).reply("m1", "r2", read).violated).toMatch(
    /^read r2 at m1 is answered, though/,
  );
});

test("says nothing of refusals, of crashed members, and of the only voter", () => {
  expect(asked().reply("m1", "r2", { kind: "refused", reason: "" }).crash("m1").violated).toBeNull();
  const alone = new Drill(readsAreConfirmed, ["m1"]).lead("m1", 1).request("m1", "r1", { kind: "read" });
  expect(alone.reply("m1", "r1", read).violated).toBeNull();
});
