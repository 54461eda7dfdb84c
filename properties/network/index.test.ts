import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { networkProperties } from "./index.ts";

const here = new URL("../", import.meta.url);

test("every property has an id of its own, a source, and a file of that name with a test beside it", () => {
  const ids = networkProperties.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, kind, source } of networkProperties) {
    expect(source).not.toBe("");
    if (kind === "sometimes") expect(id).toMatch(/^network\/sometimes\/[a-z-]+$/);
    else for (const end of [".ts", ".test.ts"]) expect(existsSync(new URL(id + end, here)), id + end).toBe(true);
  }
});
