import fc from "fast-check";
import { expect, test } from "vitest";
import { remembering } from "./remembering.ts";

test("it gives what the function gives, and the very same value for a text it had lately", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (asked, keep) => {
      const read = remembering((text) => ({ text }), keep);
      const given = asked.map((text) => read(String(text)));
      expect(given.map(({ text }) => text)).toEqual(asked.map(String));
      for (const [i, text] of asked.entries()) {
        const last = asked.lastIndexOf(text, i - 1);
        if (i > 0 && last >= 0 && new Set(asked.slice(last, i)).size <= keep) expect(given[i]).toBe(given[last]);
      }
    }),
  );
});

test("it forgets what was not asked for", () => {
  let reads = 0;
  const read = remembering((text) => {
    reads++;
    return { text };
  }, 2);
  for (const text of ["a", "b", "c", "d", "e", "a"]) read(text);
  expect(reads).toBe(6);
});
