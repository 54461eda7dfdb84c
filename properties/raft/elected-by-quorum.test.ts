import { expect, test } from "vitest";
import { electedByQuorum } from "./elected-by-quorum.ts";
import { configurationOf, Drill } from "./testing.ts";

const ids = ["m1", "m2", "m3", "m4"];
const drill = (configuration = configurationOf(["m1", "m2", "m3"])) => new Drill(electedByQuorum, ids, configuration);

test("holds with a majority of this term's votes, and for the only voter", () => {
  expect(drill().grant("m2", "m1", 5).lead("m1", 5).violated).toBeNull();
  expect(drill(configurationOf(["m1"])).lead("m1", 1).violated).toBeNull();
});

test("violated with votes of an earlier term", () => {
  expect(drill().grant("m2", "m1", 4).lead("m1", 5).violated).toBe(
    "m1 becomes leader of term 5 with votes of m1: no quorum of (m1 m2 m3)",
  );
});

test("violated with votes for another, or of who has none", () => {
  expect(drill().grant("m2", "m3", 5).grant("m4", "m1", 5).lead("m1", 5).violated).toMatch(
    /with votes of m1, m4: no quorum/,
  );
});

test("violated with a majority of one half alone", () => {
  const run = drill(configurationOf(["m1", "m2"], ["m2", "m3", "m4"]))
    .grant("m2", "m1", 5)
    .lead("m1", 5);
  expect(run.violated).toMatch(/no quorum of \(m1 m2\)&&\(m2 m3 m4\)$/);
});

test("violated by a learner, unless its demotion is not committed yet", () => {
  const demoted = configurationOf(["m2", "m3"], [], ["m1"]);
  const run = drill(demoted).grant("m2", "m1", 5).grant("m3", "m1", 5);
  expect(run.lead("m1", 5).violated).toBe("m1 becomes leader of term 5, but is a learner in (m2 m3) learners=(m1)");
  const pending = drill().step("m1", {
    configurations: [
      { index: 0, configuration: configurationOf(["m1", "m2", "m3"]) },
      { index: 4, configuration: demoted },
    ],
  });
  expect(pending.grant("m2", "m1", 5).grant("m3", "m1", 5).lead("m1", 5).violated).toBeNull();
});
