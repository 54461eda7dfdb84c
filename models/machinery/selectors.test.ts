import { describe, expect, test } from "vitest";
import {
  EVERYTHING,
  formatLabelSelector,
  formatSelector,
  matchesFields,
  matchesLabels,
  NOTHING,
  parseFieldSelector,
  parseLabelSelector,
  selectorOf,
  selectorOfLabels,
} from "./selectors.ts";

describe("label selectors", () => {
  test("none selects nothing, an empty one everything", () => {
    expect(selectorOf(undefined)).toBe(NOTHING);
    expect(matchesLabels(NOTHING, { a: "1" })).toBe(false);
    expect(selectorOf({})).toBe(EVERYTHING);
    expect(matchesLabels(EVERYTHING, undefined)).toBe(true);
  });

  test.each([
    ["app=a", { app: "a" }, true],
    ["app==a", { app: "b" }, false],
    ["app=a", undefined, false],
    ["app!=a", undefined, true],
    ["app notin (a, b)", { app: "c" }, true],
    ["app notin (a, b)", {}, true],
    ["app in (a,b),tier", { app: "b", tier: "" }, true],
    ["app in (a,b),tier", { app: "b" }, false],
    ["!app", { app: "" }, false],
    ["example.com/x", { "example.com/x": "1" }, true],
    ["cores>4", { cores: "5" }, true],
    ["cores>4", { cores: "four" }, false],
    ["cores < 4", { cores: "3" }, true],
    ["toString", {}, false],
  ])("%s of %j: %s", (text, labels, matches) => {
    const selector = parseLabelSelector(text);
    expect(matchesLabels(selector!, labels)).toBe(matches);
    expect(parseLabelSelector(formatSelector(selector!))).toEqual(selector);
  });

  test.each(["app=a=b", "(a)", "app in a", ",", "a,,b", "=a"])("%j is none", (text) => {
    expect(parseLabelSelector(text)).toBeNull();
  });

  test("one of an object is written as in a query", () => {
    const selector = {
      matchLabels: { b: "1", a: "2" },
      matchExpressions: [
        { key: "c", operator: "In" as const, values: ["x", "y"] },
        { key: "d", operator: "DoesNotExist" as const },
      ],
    };
    expect(formatLabelSelector(selector)).toBe("a=2,b=1,c in (x,y),!d");
    expect(parseLabelSelector(formatLabelSelector(selector))).toEqual(selectorOf(selector));
    expect(matchesLabels(selectorOfLabels({ a: "2" }), { a: "2", b: "1" })).toBe(true);
  });
});

describe("field selectors", () => {
  test.each([
    ["spec.nodeName=node-1", true],
    ["spec.nodeName=", false],
    ["spec.nodeName==node-1,status.phase!=Failed", true],
    ["spec.nodeName!=node-1", false],
    ["metadata.none=", true],
    ["", true],
  ])("%j: %s", (text, matches) => {
    expect(matchesFields(parseFieldSelector(text)!, { "spec.nodeName": "node-1", "status.phase": "Running" })).toBe(
      matches,
    );
  });

  test("a text without an operator is none", () => {
    expect(parseFieldSelector("spec.nodeName")).toBeNull();
  });
});
