import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { FAILURE_FORMAT, type Failure } from "../harness/failure.ts";
import type { Violation } from "../harness/run.ts";
import type { Scenario } from "../harness/scenario.ts";
import { reasonOf } from "./document.ts";
import { NODE_VERSION, shownPath, VERSION } from "./project.ts";
import type { FinishedViolation } from "./tasks.ts";
import { makeDirectory, writeWhole } from "./writing.ts";

/** A violation as it was found. */
export interface Found {
  readonly suite: string;
  readonly bug: string | null;
  readonly origin: Failure["origin"];
  readonly scenario: Scenario;
  readonly violation: Violation;
  readonly hash: string;
  readonly events: number;
}

/**
 * The failure that a violation makes.
 *
 * @param finished after shrinking; null when that was not done (yet)
 * @param replay the command that replays it
 */
export function failureOf(found: Found, finished: FinishedViolation | null, replay: string): Failure {
  const shown = finished ?? { ...found, eventHashes: "", shrinking: null };
  const { scenario, violation, hash, events, eventHashes, shrinking } = shown;
  const { title: _title, expect: _expect, ...rest } = scenario;
  return {
    format: FAILURE_FORMAT,
    seatrial: VERSION,
    node: NODE_VERSION,
    suite: found.suite,
    bug: found.bug,
    property: violation.property,
    explanation: violation.explanation,
    evidence: violation.evidence,
    origin: found.origin,
    scenario: rest as Scenario,
    traceHash: hash,
    events,
    atUs: violation.atUs,
    eventHashes,
    original:
      shrinking === null
        ? null
        : {
            scenario: found.scenario,
            traceHash: found.hash,
            events: found.events,
            explanation: found.violation.explanation,
          },
    shrinking,
    replay,
  };
}

/** The name of a failure's file: the same however often the same run is found. */
export function failureFileName({ suite, violation, hash }: Pick<Found, "suite" | "violation" | "hash">): string {
  const property = violation.property.startsWith(`${suite}/`)
    ? violation.property.slice(suite.length + 1)
    : violation.property;
  return `${suite}-${property.replace(/[^A-Za-z0-9_-]+/g, "-")}-${hash.slice(0, 8)}.json`;
}

/** The command that replays a file. */
export function replayCommand(file: string, suites: readonly string[]): string {
  const quoted = (path: string) => (/^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
  const options = suites.map((module) => ` --suites ${quoted(module)}`).join("");
  return `npx seatrial replay ${quoted(shownPath(file))}${options}`;
}

/** Writes files, and remembers what could not be written. Nothing is thrown: a finding must not be lost to a full disk. */
export class Output {
  readonly #failed: string[] = [];

  /** Whether everything could be written. */
  get complete(): boolean {
    return this.#failed.length === 0;
  }

  /** Makes sure that a directory is there, and can be written to. */
  prepare(directory: string): boolean {
    const probe = join(directory, `.seatrial-${process.pid}`);
    return this.#attempt(directory, () => {
      makeDirectory(directory);
      writeFileSync(probe, "");
      rmSync(probe);
    });
  }

  /** Writes a file as a whole or not at all. */
  write(file: string, text: string): boolean {
    return this.#attempt(file, () => writeWhole(file, text));
  }

  /** Writes a failure. Where that cannot be done it is printed instead, on one line. */
  writeFailure(file: string, failure: Failure): boolean {
    if (this.write(file, `${JSON.stringify(failure, null, 2)}\n`)) return true;
    process.stdout.write(`${JSON.stringify(failure)}\n`);
    return false;
  }

  /** Removes a file that a better one has replaced. */
  remove(file: string): void {
    rmSync(file, { force: true });
  }

  #attempt(what: string, action: () => void): boolean {
    try {
      action();
      return true;
    } catch (error) {
      const line = `${shownPath(what)}: cannot be written: ${reasonOf(error)}`;
      if (!this.#failed.includes(line)) process.stderr.write(`seatrial: ${line}\n`);
      this.#failed.push(line);
      return false;
    }
  }
}
