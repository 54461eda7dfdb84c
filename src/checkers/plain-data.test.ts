import { expect, test } from "vitest";
import { samePlainData } from "./plain-data.ts";

test("plain data is compared by content", () => {
  const values = [null, 0, 1, "1", true, [], {}, [1], [1, 2], { a: 1 }, { a: 2 }, { b: 1 }, { a: 1, b: [{ c: null }] }];
  for (const [i, left] of values.entries())
    for (const [j, right] of values.entries()) expect(samePlainData(left, structuredClone(right))).toBe(i === j);
});
