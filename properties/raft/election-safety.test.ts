import { expect, test } from "vitest";
import { electionSafety } from "./election-safety.ts";
import { Drill } from "./testing.ts";

const ids = ["m1", "m2", "m3"];

test("holds when each term has one leader, and when it stays leader", () => {
  const drill = new Drill(electionSafety, ids).lead("m1", 1).step("m1", { commitIndex: 1 }).follow("m1", null, 2);
  expect(drill.lead("m2", 2).violated).toBeNull();
});

test("violated by two leaders in a term, however long ago the first was deposed", () => {
  const drill = new Drill(electionSafety, ids).lead("m2", 7).follow("m2", null, 8).lead("m1", 7);
  expect(drill.violated).toBe("m2 and m1 both lead term 7");
});

test("violated by a member that leads the same term again after a restart", () => {
  const drill = new Drill(electionSafety, ids).step("m1", { role: "candidate", currentTerm: 3, votedFor: "m1" });
  expect(drill.lead("m1", 3).crash("m1").boot("m1").lead("m1", 3).violated).toBe(
    "m1 leads term 3 again after a restart",
  );
});

test("violated when the only voter elects itself before that is written, and crashes", () => {
  const drill = new Drill(electionSafety, ["m1"]);
  drill.stepUnwritten("m1", { role: "leader", currentTerm: 1 }).crash("m1").boot("m1");
  expect(drill.lead("m1", 1).violated).toBe("m1 leads term 1 again after a restart");
});
