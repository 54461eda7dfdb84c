import { expect, test } from "vitest";
import { configurationOf, Drill } from "./testing.ts";
import { transferToVoter } from "./transfer-to-voter.ts";

const drill = () =>
  new Drill(transferToVoter, ["m1", "m2", "m3"], configurationOf(["m1", "m2"], [], ["m3"])).lead("m1", 4);

test("holds for a voter", () => {
  expect(drill().send("m1", "m2", { kind: "timeoutNow", term: 4 }).violated).toBeNull();
});

test("violated for a learner", () => {
  expect(drill().send("m1", "m3", { kind: "timeoutNow", term: 4 }).violated).toBe(
    "m1 hands leadership of term 4 to m3, which is no voter",
  );
});
