#!/usr/bin/env node
// Runs the benchmarks in a process that reads TypeScript and has the young generation that campaign workers have (see
// src/cli/pool.ts): nearly all that a step allocates dies at once, and a larger nursery is collected less often.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const { status } = spawnSync(
  process.execPath,
  ["--max-semi-space-size=64", "--import", "tsx", main, ...process.argv.slice(2)],
  { stdio: "inherit" },
);
process.exit(status ?? 4);
