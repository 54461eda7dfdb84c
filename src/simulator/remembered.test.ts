import fc from "fast-check";
import { expect, test } from "vitest";
import { Remembered } from "./remembered.ts";

/** Asks for a text; a new value is made where none is remembered. */
function ask(values: Remembered<object>, text: string): object {
  const known = values.get(text);
  if (known !== undefined) return known;
  const value = { text };
  values.set(text, value);
  return value;
}

test("a text has the very same value as long as no more others were asked for than are kept", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (asked, keep) => {
      const values = new Remembered<object>(keep);
      const given = asked.map((text) => ask(values, String(text)));
      expect(given).toEqual(asked.map((text) => ({ text: String(text) })));
      for (const [i, text] of asked.entries()) {
        const last = i === 0 ? -1 : asked.lastIndexOf(text, i - 1);
        if (last >= 0 && new Set(asked.slice(last, i)).size <= keep) expect(given[i]).toBe(given[last]);
      }
    }),
  );
});

test("what was not asked for is forgotten", () => {
  const values = new Remembered<object>(2);
  const first = ask(values, "a");
  for (const text of ["b", "c", "d", "e"]) ask(values, text);
  expect(values.get("a")).toBeUndefined();
  expect(ask(values, "a")).not.toBe(first);
});
