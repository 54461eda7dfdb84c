import { expect, test } from "vitest";
import { Memo, parsedOnce } from "./memo.ts";

test("what was made of the last texts is remembered, and no more than twice as many", () => {
  const asked: string[] = [];
  const memo = new Memo((text) => asked.push(text), 2);
  expect([memo.get("a"), memo.get("a"), memo.get("b"), memo.get("a")]).toEqual([1, 1, 2, 1]);
  memo.get("c");
  memo.get("a");
  expect(asked).toEqual(["a", "b", "c"]);
  for (const text of "defgh") memo.get(text);
  memo.get("a");
  expect(asked.join("")).toBe("abcdefgha");
});

test("a text is parsed as JSON.parse does, and the same value is given again", () => {
  const text = '{"a":[1,null,"x"]}';
  expect(parsedOnce(text)).toEqual({ a: [1, null, "x"] });
  expect(parsedOnce(text)).toBe(parsedOnce(text));
  expect(() => parsedOnce("{")).toThrow(SyntaxError);
});
