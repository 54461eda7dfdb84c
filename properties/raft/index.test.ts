import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { raftProperties } from "./index.ts";

const here = new URL(".", import.meta.url);

test("every property has an id of its own, a source, and a file of that name", () => {
  const ids = raftProperties.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, source } of raftProperties) {
    expect(source).not.toBe("");
    const file = new URL(`../${id}.ts`, here);
    const noted = new URL("sometimes/by-note.ts", here);
    expect(existsSync(file) || (id.startsWith("raft/sometimes/") && existsSync(noted)), id).toBe(true);
  }
});

test("every property of this folder is in the list, and has been shown to fail", () => {
  const files = readdirSync(here);
  const tested = new Set(["leader-is-elected", "members-converge", "proposals-settle", "membership-change-completes"]);
  for (const { id, kind } of raftProperties) {
    const name = id.replace("raft/", "");
    if (kind !== "sometimes") expect(files.includes(`${name}.test.ts`) || tested.has(name), id).toBe(true);
  }
});
