import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { raftRules } from "../raft/index.ts";
import { runTranscript } from "./testing/transcript.ts";

const DIRECTORY = join(import.meta.dirname, "testdata");

describe("transcripts (UPDATE=1 rewrites them)", () => {
  for (const name of readdirSync(DIRECTORY)
    .filter((file) => file.endsWith(".txt"))
    .sort())
    it(name, () => {
      const path = join(DIRECTORY, name);
      const given = readFileSync(path, "utf8");
      const written = runTranscript(given, raftRules);
      if (process.env.UPDATE === "1") writeFileSync(path, written);
      else expect(written).toBe(given);
    });
});
