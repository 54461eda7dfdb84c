import { fc, test } from "@fast-check/vitest";
import * as Schema from "effect/Schema";
import { describe, expect } from "vitest";
import { check, defaulting, Milliseconds, Rate, renderPath, whole, within } from "./schema.ts";

const Shape = Schema.Struct({
  name: Schema.String,
  count: defaulting(whole(1, 10), 3),
  inner: defaulting(Schema.Struct({ rate: defaulting(Rate, 0.5) }), {}),
  list: defaulting(Schema.Array(Schema.Struct({ atMs: Milliseconds })), []),
});

/** What is wrong, as lines of `path: message`. */
function flaws(value: unknown): string[] {
  const checked = check(Shape, value);
  return checked.kind === "fits" ? [] : checked.flaws.map(({ path, message }) => `${renderPath(path)}: ${message}`);
}

describe("check", () => {
  test("gives what fits, with defaults at every depth", () => {
    expect(check(Shape, { name: "a" })).toEqual({
      kind: "fits",
      value: { name: "a", count: 3, inner: { rate: 0.5 }, list: [] },
    });
  });

  test("is of what was given, and leaves it as it was", () => {
    const given = Object.freeze({ name: "a", count: 4, list: Object.freeze([{ atMs: 1.5 }]) });
    expect(check(Shape, given)).toMatchObject({ value: { count: 4, list: [{ atMs: 1.5 }] } });
    expect(Object.keys(given)).toEqual(["name", "count", "list"]);
  });

  test("finds all flaws at once, with their places", () => {
    expect(
      flaws({ count: 0.5, inner: { rate: 2 }, list: [{ atMs: 0 }, { atMs: "soon" }, {}], surname: "b" }),
    ).toMatchInlineSnapshot(`
      [
        "surname: Unknown field",
        "name: Missing key",
        "count: Expected an integer",
        "count: Expected a value between 1 and 10",
        "inner.rate: Expected a value between 0 and 1",
        "list[1].atMs: Expected number",
        "list[2].atMs: Missing key",
      ]
    `);
  });

  test.each([null, 3, "a", [], undefined])("%o is no such thing", (value) => {
    expect(flaws(value).length).toBeGreaterThan(0);
  });

  test("what it gives fits again, and is the same", () => {
    const once = check(Shape, { name: "a", list: [{ atMs: 3 }] });
    expect(once.kind === "fits" && check(Shape, once.value)).toEqual(once);
  });
});

describe("renderPath", () => {
  test.each([
    [[], ""],
    [["faults"], "faults"],
    [["faults", 2, "atMs"], "faults[2].atMs"],
    [["system", "config", "readMode"], "system.config.readMode"],
    [[0, "a"], "[0].a"],
  ])("%j is %s", (path, text) => {
    expect(renderPath(path)).toBe(text);
  });
});

describe("numbers", () => {
  test.prop([fc.double()], { seed: 1, numRuns: 500 })("whole takes whole numbers of its range alone", (value) => {
    expect(check(whole(-3, 3), value).kind).toBe(Number.isInteger(value) && Math.abs(value) <= 3 ? "fits" : "flawed");
  });

  test("both ends of a range belong to it, and nothing that is no number", () => {
    const fits = (schema: Parameters<typeof check>[0], ...values: unknown[]) =>
      values.map((value) => check(schema, value).kind === "fits");
    expect(fits(whole(1, 3), 0, 1, 2.5, 3, 4, "2", Number.NaN)).toEqual([
      false,
      true,
      false,
      true,
      false,
      false,
      false,
    ]);
    expect(fits(within(0.5, 2), 0.49, 0.5, 2, 2.01, Number.POSITIVE_INFINITY)).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(fits(Rate, -0.1, 0, 1, 1.1)).toEqual([false, true, true, false]);
    expect(fits(Milliseconds, -1, 0, 0.001, 3_600_000, 3_600_001)).toEqual([false, true, true, true, false]);
  });
});
