import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { raftRules } from "../raft/index.ts";
import { STORE_NOTES } from "./index.ts";
import { runTranscript } from "./testing/transcript.ts";

const DIRECTORY = join(import.meta.dirname, "testdata");

const NAMES = readdirSync(DIRECTORY)
  .filter((file) => file.endsWith(".txt"))
  .sort();

describe("transcripts (UPDATE=1 rewrites them)", () => {
  for (const name of NAMES)
    it(name, () => {
      const path = join(DIRECTORY, name);
      const given = readFileSync(path, "utf8");
      const written = runTranscript(given, raftRules);
      if (process.env.UPDATE === "1") writeFileSync(path, written);
      else expect(written).toBe(given);
    });

  it("tell of every rule", () => {
    const told = NAMES.map((name) => readFileSync(join(DIRECTORY, name), "utf8")).join("\n");
    expect(STORE_NOTES.filter((name) => !told.includes(` note ${name}\n`))).toEqual([]);
  });
});
