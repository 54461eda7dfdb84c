/** Runs the command line as a child process, for its tests. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("./seatrial.mjs", import.meta.url));

/** A small project with a suite, scenarios and seeded bugs of its own. */
export const FIXTURES = fileURLToPath(new URL("./fixtures/", import.meta.url));

/** What a finished child process has left. */
export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs seatrial in the directory of the fixtures. */
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
