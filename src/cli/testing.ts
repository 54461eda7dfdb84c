/** Runs the command line, as a child process or in this one, for its tests. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { scenarioOf } from "../harness/campaign.ts";
import type { Scenario } from "../harness/scenario.ts";
import { SUITES } from "./fixtures/suites.ts";
import { main } from "./main.ts";

const PROGRAM = fileURLToPath(new URL("./seatrial.mjs", import.meta.url));

/** A small project with a suite, scenarios and seeded bugs of its own. */
export const FIXTURES = fileURLToPath(new URL("./fixtures/", import.meta.url));

/** The suite of the fixtures. */
export const COUNTER = SUITES[0]!;

/** What a command has left when it ended. */
export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs seatrial as a child process in the directory of the fixtures. */
export function seatrial(
  args: readonly string[],
  onOutput: (child: ChildProcess, text: string) => void = () => {},
): Promise<Finished> {
  const { CI: _ci, ...env } = process.env;
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: FIXTURES, env: { ...env, NO_COLOR: "1" } });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data: Buffer) => {
    stdout += data.toString();
    onOutput(child, stdout + stderr);
  });
  child.stderr.on("data", (data: Buffer) => {
    stderr += data.toString();
    onOutput(child, stdout + stderr);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/**
 * Runs seatrial in this process: sooner than a child process, and with what the test has mocked.
 *
 * @param directory the current directory, by default that of the fixtures
 */
export async function inProcess(args: readonly string[], directory = FIXTURES): Promise<Finished> {
  const before = process.cwd();
  process.chdir(directory);
  const text = { stdout: "", stderr: "" };
  const restore = (["stdout", "stderr"] as const).map((name) => {
    const { write } = process[name];
    process[name].write = (chunk: string | Uint8Array) => {
      text[name] += String(chunk);
      return true;
    };
    return () => {
      process[name].write = write;
    };
  });
  try {
    const status = await main(args);
    return { status, ...text };
  } finally {
    process.chdir(before);
    for (const undo of restore) undo();
  }
}

/** The scenarios of a campaign of the fixtures' suite, in the order of the runs. */
export function scenariosOf(profile: string, seed: number, runs: number): Scenario[] {
  const plan = { seed, profile: COUNTER.profiles[profile]! };
  return Array.from({ length: runs }, (_, run) => scenarioOf(COUNTER, plan, run));
}

/**
 * The lowest seed of which a campaign has just these runs of some sort: tests say what situation they need, and do not
 * depend on how seeds become scenarios.
 *
 * @param runs how many runs the campaign makes
 * @param wanted the numbers of those that are of the sort
 */
export function seedWith(
  profile: string,
  runs: number,
  wanted: readonly number[],
  isOfSort: (scenario: Scenario) => boolean,
): number {
  for (let seed = 1; seed <= 20_000; seed++) {
    const fits = (scenario: Scenario, run: number) => isOfSort(scenario) === wanted.includes(run);
    if (scenariosOf(profile, seed, runs).every(fits)) return seed;
  }
  throw new Error(`no seed of profile ${profile} has just the runs ${wanted.join(", ")} of ${runs} of that sort`);
}

/** Whether an operation of this kind is in a scenario's workload. */
export function has(kind: string): (scenario: Scenario) => boolean {
  return ({ workload }) =>
    (workload as readonly { readonly kind: string }[]).some((operation) => operation.kind === kind);
}

/** A directory of its own for the reports of a test. */
export class Reports {
  readonly path = mkdtempSync(join(tmpdir(), "seatrial-test-"));

  /** The path of something in it. */
  at(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  /** The content of a JSON file in it. */
  json<T>(...names: readonly string[]): T {
    return JSON.parse(readFileSync(this.at(...names), "utf8")) as T;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
