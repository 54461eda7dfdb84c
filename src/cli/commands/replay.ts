import process from "node:process";
import { scenarioOf } from "../../harness/campaign.ts";
import { type Failure, firstChangedEvent } from "../../harness/failure.ts";
import type { RunResult } from "../../harness/run.ts";
import type { Scenario } from "../../harness/scenario.ts";
import type { AnySuite } from "../../harness/suite.ts";
import { count, counted, duration } from "../../reporters/format.ts";
import type { Paint } from "../../reporters/text.ts";
import { renderLine, type TraceLine } from "../../simulator/trace.ts";
import { bugNamed, loadCatalogue, poolWith } from "../catalogue.ts";
import { mismatchOf } from "../corpus.ts";
import { EXIT, type ExitStatus, UsageError } from "../exit.ts";
import { Output } from "../findings.ts";
import { type LoadedScenario, loadEither } from "../load.ts";
import { seedOption } from "../options.ts";
import { paintFor } from "../paint.ts";
import { Pool, WorkerDeath } from "../pool.ts";
import { NODE_VERSION, VERSION } from "../project.ts";
import { loadSuites, suiteNamed } from "../suites.ts";
import type { Traced } from "../tasks.ts";
import { mustBeWritable } from "../writing.ts";
import { profileOf } from "./run.ts";

/** The options of `replay`, as commander gives them. */
export interface ReplayCommandOptions {
  readonly suites?: readonly string[];
  readonly suite?: string;
  readonly seed?: number;
  readonly run?: number;
  readonly profile: string;
  readonly trace?: boolean;
  readonly tail?: number;
  readonly traceFile?: string;
  readonly save?: string;
}

/** What is to be run again. */
interface Subject {
  readonly name: string;
  readonly suite: AnySuite;
  readonly scenario: Scenario;
  /** What was recorded of it, where it is a failure file. */
  readonly failure: Failure | null;
  /** Where it is a scenario file, which may say what it expects. */
  readonly loaded: LoadedScenario | null;
}

/** Runs a scenario again, tells what came of it, and gives the exit status. */
export async function replay(what: string | undefined, options: ReplayCommandOptions): Promise<ExitStatus> {
  mustBeWritable({ "--save": options.save, "--trace-file": options.traceFile });
  const suites = await loadSuites(options.suites ?? []);
  const subject = subjectOf(what, suites, options);
  const output = new Output();
  if (options.save !== undefined) output.write(options.save, `${JSON.stringify(subject.scenario, null, 2)}\n`);
  const { lines, outcome } = await traceOf(subject, options.suites ?? []);
  const rendered = lines.map(renderLine);
  if (options.traceFile !== undefined) output.write(options.traceFile, `${rendered.join("\n")}\n`);
  if (options.trace === true) process.stdout.write(`${rendered.join("\n")}\n\n`);
  else if (options.tail !== undefined) process.stdout.write(`${rendered.slice(-options.tail).join("\n")}\n\n`);
  const paint = paintFor(process.stdout);
  if (outcome.kind === "fault") {
    process.stdout.write(
      `${titleOf(subject)}\n  ${paint.bad("FAULT")} of a model or of seatrial: ${outcome.message}\n`,
    );
    if (lines.length > 0)
      process.stdout.write(`  Up to then ${counted(lines.length, "line")} of trace; --tail 40 shows the last.\n`);
    return EXIT.fault;
  }
  const { result } = outcome;
  process.stdout.write(`${describe(subject, result, lines, paint).join("\n")}\n`);
  const mismatch = subject.loaded === null ? null : mismatchOf(subject.loaded, result);
  const asExpected = subject.loaded?.scenario.expect !== undefined && mismatch === null;
  if (mismatch !== null || (result.verdict.kind === "violated" && !asExpected)) return EXIT.violated;
  if (!output.complete) return EXIT.fault;
  return result.verdict.kind === "unknown" ? EXIT.undecided : EXIT.holds;
}

// ---- What to run

function subjectOf(what: string | undefined, suites: readonly AnySuite[], options: ReplayCommandOptions): Subject {
  const isSeed = what !== undefined && /^\d+$/.test(what);
  if (options.run === undefined && !isSeed && options.seed === undefined) {
    if (what === undefined)
      throw new UsageError("nothing to replay: expected a failure file, a scenario file, or --suite, --seed and --run");
    const loaded = loadEither(suites, what);
    if (options.suite !== undefined && loaded.suite.name !== options.suite)
      throw new UsageError(`${what}: is for the suite ${loaded.suite.name}, not ${options.suite}`);
    if (loaded.kind === "scenario")
      return { name: what, suite: loaded.suite, scenario: loaded.scenario, failure: null, loaded };
    const { failure } = loaded;
    return { name: what, suite: loaded.suite, scenario: failure.scenario, failure, loaded: null };
  }
  if (what !== undefined && !isSeed)
    throw new UsageError(`${what}: expected either a file, or --suite, --seed and --run, not both`);
  const seed = isSeed ? seedOption(what) : options.seed;
  if (seed === undefined || options.run === undefined)
    throw new UsageError("expected both the campaign's seed and the number of the run: seatrial replay SEED --run N");
  if (options.suite === undefined && suites.length > 1)
    throw new UsageError(`expected --suite with one of ${suites.map(({ name }) => name).join(", ")}`);
  const suite = suiteNamed(suites, options.suite ?? suites[0]!.name);
  const profile = profileOf(suite, options.profile);
  const scenario = scenarioOf(suite, { seed, profile }, options.run);
  const name = `${suite.name}, seed ${seed}, profile ${profile.name}, run ${options.run}`;
  return { name, suite, scenario, failure: null, loaded: null };
}

/** Runs it in a worker, whose model has the seeded bug if there is one, and whose death is not the command's. */
async function traceOf(subject: Subject, modules: readonly string[]): Promise<Traced> {
  const { suite, scenario, failure } = subject;
  const task = { suite: suite.name, scenario };
  const bug = failure?.bug ?? null;
  const inPool = bug === null ? {} : poolWith(bugNamed(loadCatalogue(), bug));
  const pool = new Pool({ workers: 1, suites: modules, ...inPool });
  try {
    return await pool.run("trace", task);
  } catch (error) {
    if (!(error instanceof WorkerDeath)) throw error;
    return { lines: [], outcome: { kind: "fault", message: `the worker died: ${error.message}` } };
  } finally {
    await pool.close();
  }
}

// ---- What came of it

function titleOf({ name, failure }: Subject): string {
  return failure === null || failure.bug === null ? name : `${name}, with the seeded bug ${failure.bug}`;
}

function describe(subject: Subject, result: RunResult, lines: readonly TraceLine[], paint: Paint): string[] {
  const { verdict, hash, events, virtualUs, struck, reached, excuse } = result;
  const { suite, failure, loaded } = subject;
  const text = [titleOf(subject)];
  switch (verdict.kind) {
    case "holds":
      text.push(`  ${paint.good("HOLDS")}: ${counted(suite.properties.length, "property", "properties")} watched`);
      break;
    case "unknown":
      text.push(`  ${paint.doubtful("UNDECIDED")}: ${verdict.reason}`);
      break;
    case "violated": {
      const { property, explanation, evidence, event, atUs } = verdict.violation;
      text.push(`  ${paint.bad("VIOLATED")} ${property} at event ${count(event)}, ${(atUs / 1000).toFixed(3)} ms`);
      text.push(`  ${explanation}`);
      const source = suite.properties.find(({ id }) => id === property)?.source;
      if (source !== undefined) text.push(paint.faint(`  Source: ${source}`));
      for (const [key, value] of Object.entries(evidence)) text.push(`    ${key}: ${JSON.stringify(value)}`);
    }
  }
  const faults = Object.entries(struck).map(([kind, number]) => `${kind} ${number}`);
  text.push(
    `  ${counted(events, "event")}, ${duration(virtualUs / 1e6)} of virtual time; faults: ${faults.length === 0 ? "none" : faults.join(", ")}; hash ${hash}`,
  );
  if (reached.length > 0) text.push(`  Reached: ${reached.join(", ")}`);
  if (excuse !== null) text.push(`  Liveness was not asked for: ${excuse}`);
  if (failure !== null) text.push(...compare(failure, result, lines, paint));
  const mismatch = loaded === null ? null : mismatchOf(loaded, result);
  if (loaded?.scenario.expect !== undefined)
    text.push(
      mismatch === null
        ? paint.good("  As its file expects.")
        : paint.bad(`  Not as its file expects: ${mismatch.explanation}`),
    );
  return text;
}

/** Whether the run is the one that was recorded, and if not, from where on. */
function compare(failure: Failure, { verdict, hash }: RunResult, lines: readonly TraceLine[], paint: Paint): string[] {
  const text: string[] = [];
  const now = verdict.kind === "violated" ? verdict.violation.property : null;
  if (now === null)
    text.push(`  ${failure.property} was violated when the file was written: it is mended, or the model has changed.`);
  else if (now !== failure.property) text.push(`  The file was written for another property: ${failure.property}`);
  if (hash === failure.traceHash) {
    text.push(paint.good("  The trace is the recorded one."));
    return text;
  }
  text.push(paint.doubtful(`  The trace is not the recorded one, whose hash was ${failure.traceHash}.`));
  const changed = firstChangedEvent(failure.eventHashes, lines);
  if (changed !== null) {
    text.push(`  The first event that differs is number ${count(changed.event)}, now:`, `  ${renderLine(changed)}`);
  } else if (failure.eventHashes !== "")
    text.push(`  The first ${count(failure.eventHashes.length / 8)} events are as recorded.`);
  if (failure.seatrial !== VERSION) text.push(`  It was written by seatrial ${failure.seatrial}; this is ${VERSION}.`);
  if (failure.node !== NODE_VERSION)
    text.push(`  It was written with Node.js ${failure.node}; this is ${NODE_VERSION}.`);
  return text;
}
