import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { controlPlaneProperties } from "./index.ts";

const here = new URL("../", import.meta.url);

test("every property has an id of its own, a source, and a file of that name with a test beside it", () => {
  const ids = controlPlaneProperties.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, kind, source } of controlPlaneProperties) {
    expect(source).not.toBe("");
    if (kind === "sometimes") expect(id).toMatch(/^\w+\/sometimes\/[a-z0-9-]+$/);
    else for (const end of [".ts", ".test.ts"]) expect(existsSync(new URL(id + end, here)), id + end).toBe(true);
  }
});
