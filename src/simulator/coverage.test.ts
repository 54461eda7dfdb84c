import { describe, expect, test } from "vitest";
import { RuleCoverage } from "./coverage.ts";

describe("RuleCoverage", () => {
  test("counts a rule in the columns of the faults that are on, and under `none` when there is none", () => {
    const coverage = new RuleCoverage(["crash", "pause"]);
    coverage.hit("vote");
    coverage.change("crash", 1);
    coverage.hit("vote");
    coverage.change("pause", 1);
    coverage.hit("vote");
    coverage.hit("append");
    coverage.change("crash", -1);
    coverage.hit("append");
    coverage.change("pause", -1);
    coverage.hit("append");
    expect(coverage.columns).toEqual(["none", "crash", "pause"]);
    expect(coverage.table()).toEqual({ vote: [1, 2, 1], append: [1, 1, 2] });
  });

  test("a kind is on until the last fault of the kind ends", () => {
    const coverage = new RuleCoverage(["crash"]);
    coverage.change("crash", 1);
    coverage.change("crash", 1);
    coverage.change("crash", -1);
    coverage.hit("rule");
    expect(coverage.table()).toEqual({ rule: [0, 1] });
  });

  test("has no column for a kind it was not told of", () => {
    const coverage = new RuleCoverage(["crash"]);
    coverage.change("flood", 1);
    coverage.hit("rule");
    expect(coverage.table()).toEqual({ rule: [1, 0] });
  });

  test("lists its rows by name, whatever came first", () => {
    const coverage = new RuleCoverage([]);
    for (const row of ["c", "a", "b"]) coverage.hit(row);
    expect(Object.keys(coverage.table())).toEqual(["a", "b", "c"]);
  });
});
