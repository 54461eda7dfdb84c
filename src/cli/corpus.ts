import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { RunResult } from "../harness/run.ts";
import type { Scenario } from "../harness/scenario.ts";
import type { AnySuite } from "../harness/suite.ts";
import { UsageError } from "./exit.ts";
import { type LoadedFailure, type LoadedScenario, loadEither, loadFailure, loadScenario } from "./load.ts";
import { libraryRoots, shownPath } from "./project.ts";

/** A file that is tried before the generated runs. */
export type CorpusEntry = LoadedScenario | LoadedFailure;

/** The named scenarios of a suite, in the order of their names. Throws UsageError when one is flawed. */
export function namedScenarios(suites: readonly AnySuite[], suite: AnySuite): readonly LoadedScenario[] {
  const files = libraryRoots().flatMap((root) => filesIn(join(root, "scenarios", suite.name), /\.(ya?ml|json)$/));
  return files.map((file) => loadScenario(suites, shownPath(file))).filter((entry) => entry.suite === suite);
}

/**
 * The failures of a suite that earlier runs have found, in the order of their names, but for those of a seeded bug; and
 * the files that cannot be read, of whatever suite.
 */
export function earlierFailures(
  suites: readonly AnySuite[],
  suite: AnySuite,
  reports: string,
): { readonly entries: readonly LoadedFailure[]; readonly unreadable: readonly string[] } {
  const entries: LoadedFailure[] = [];
  const unreadable: string[] = [];
  for (const file of filesIn(join(reports, "failures"), /\.json$/)) {
    try {
      const entry = loadFailure(suites, shownPath(file));
      if (entry.suite === suite && entry.failure.bug === null) entries.push(entry);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      process.stderr.write(`${error.lines.join("\n")}\nseatrial: left out of the corpus: ${shownPath(file)}\n`);
      unreadable.push(shownPath(file));
    }
  }
  return { entries, unreadable };
}

/** The scenario and failure files that the user names; a directory stands for all in it. */
export function givenFiles(suites: readonly AnySuite[], paths: readonly string[]): readonly CorpusEntry[] {
  const entries = paths.flatMap((path) => {
    if (!existsSync(path)) throw new UsageError(`${path}: cannot be read: there is no such file or directory`);
    if (!statSync(path).isDirectory()) return [loadEither(suites, path)];
    const files = filesIn(path, /\.(ya?ml|json)$/);
    if (files.length === 0) throw new UsageError(`${path}: expected a directory with .yaml or .json files in it`);
    return files.map((file) => loadEither(suites, file));
  });
  return entries;
}

/** The files of a directory whose name fits, in the order of their names. */
export function filesIn(directory: string, name: RegExp): readonly string[] {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) return [];
  return readdirSync(directory)
    .filter((file) => name.test(file))
    .sort()
    .map((file) => join(directory, file));
}

/** The scenario of an entry. */
export function scenarioOfEntry(entry: CorpusEntry): Scenario {
  return entry.kind === "failure" ? entry.failure.scenario : entry.scenario;
}

/** The name of an entry: that of its file, without its ending. */
export function nameOf({ file }: CorpusEntry): string {
  return (file.split(/[/\\]/).at(-1) ?? file).replace(/\.(ya?ml|json)$/, "");
}

/** What a run of the corpus did not do as its file demands. */
export interface Mismatch {
  readonly property: string;
  readonly explanation: string;
}

/** What is wrong with the run of a file, or null: it violates what it should not, or not what it should. */
export function mismatchOf(entry: CorpusEntry, { verdict, reached }: RunResult): Mismatch | null {
  const expect = entry.kind === "scenario" ? entry.scenario.expect : undefined;
  const wanted = expect?.verdict ?? "holds";
  const name = nameOf(entry);
  const property = `scenario/${name}`;
  if (verdict.kind === "unknown") return null;
  if (verdict.kind === "violated") {
    const { violation } = verdict;
    if (wanted === "holds") return { property: violation.property, explanation: `${name}: ${violation.explanation}` };
    if (expect?.property !== undefined && expect.property !== violation.property)
      return {
        property,
        explanation: `expected it to violate ${expect.property}; it violates ${violation.property}: ${violation.explanation}`,
      };
  } else if (wanted === "violated")
    return { property, explanation: `expected it to violate ${expect?.property ?? "a property"}; it holds` };
  const missing = expect?.reached.filter((id) => !reached.includes(id)) ?? [];
  if (missing.length > 0) return { property, explanation: `expected it to reach ${missing.join(", ")}; it does not` };
  const unwanted = expect?.notReached.filter((id) => reached.includes(id)) ?? [];
  if (unwanted.length > 0) return { property, explanation: `expected it not to reach ${unwanted.join(", ")}; it does` };
  return null;
}
