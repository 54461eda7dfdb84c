import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { storeProperties } from "./index.ts";
import { liftedProperties } from "./lifted.ts";
import { notedSituations } from "./sometimes/by-note.ts";

const here = new URL(".", import.meta.url);
const withoutFile = new Set([...liftedProperties, ...notedSituations].map(({ id }) => id));

test("every property has an id of its own, a source, and a file of that name", () => {
  const ids = storeProperties.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, source } of storeProperties) {
    expect(source).not.toBe("");
    if (!withoutFile.has(id)) expect(existsSync(new URL(`../${id}.ts`, here)), id).toBe(true);
  }
});

test("every property of this folder has been shown to fail", () => {
  const files = readdirSync(here);
  for (const { id, kind } of storeProperties)
    if (kind !== "sometimes" && !withoutFile.has(id))
      expect(files.includes(`${id.replace("store/", "")}.test.ts`), id).toBe(true);
});
