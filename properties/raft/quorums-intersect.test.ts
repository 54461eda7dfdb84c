import { expect, test } from "vitest";
import { disjointQuorum } from "./quorum.ts";
import { quorumsIntersect } from "./quorums-intersect.ts";
import { configurationOf, Drill } from "./testing.ts";

const ids = ["m1", "m2", "m3"];
const old = configurationOf(ids);
const after = (...configurations: ReturnType<typeof configurationOf>[]) =>
  new Drill(quorumsIntersect, ids).step("m1", {
    configurations: [old, ...configurations].map((configuration, index) => ({ index, configuration })),
  });

test("holds for one voter more or less, and for any change through a joint configuration", () => {
  expect(after(configurationOf(["m1", "m2", "m3", "m4"])).violated).toBeNull();
  expect(after(configurationOf(["m1", "m2"])).violated).toBeNull();
  const next = configurationOf(["m4", "m5", "m6"]);
  expect(after({ ...next, votersOutgoing: ids }, next).violated).toBeNull();
});

test("violated by two voters more in one step", () => {
  expect(after(configurationOf(["m1", "m2", "m3", "m4", "m5"])).violated).toBe(
    "at m1, configuration (m1 m2 m3 m4 m5) of index 1 follows (m1 m2 m3), of which m1, m2 can decide without it",
  );
});

test("holds for a member that joins and does not know what was before", () => {
  const run = new Drill(quorumsIntersect, ["m4"], configurationOf([]));
  const configurations = [configurationOf([]), old].map((configuration, index) => ({ index, configuration }));
  expect(run.step("m4", { configurations }).violated).toBeNull();
});

test("two majorities of one configuration are never disjoint", () => {
  for (let size = 1; size <= 7; size++) {
    const configuration = configurationOf(Array.from({ length: size }, (_, i) => `m${i}`));
    expect(disjointQuorum(configuration, configuration)).toBeNull();
  }
});
