import { expect, test } from "vitest";
import { promotionCaughtUp } from "./promotion-caught-up.ts";
import { configurationOf, Drill, logOf } from "./testing.ts";

const learning = configurationOf(["m1", "m2"], [], ["m3"]);
const promoted = [
  { index: 0, configuration: learning },
  { index: 21, configuration: configurationOf(["m1", "m2", "m3"]) },
];
const log = logOf(...Array.from({ length: 20 }, () => 1));
const leader = () => new Drill(promotionCaughtUp, ["m1", "m2", "m3"], learning).lead("m1", 1, { log });

test("holds when the learner lacks a few entries", () => {
  const run = leader().step("m3", { log: logOf(...Array.from({ length: 12 }, () => 1)) });
  expect(run.step("m1", { configurations: promoted }).violated).toBeNull();
});

test("violated when it lacks more, whatever it has in memory", () => {
  const run = leader().stepUnwritten("m3", { log });
  expect(run.step("m1", { configurations: promoted }).violated).toBe("m1 promotes m3, which has the log up to 0 of 20");
});
