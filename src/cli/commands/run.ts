import { randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { CampaignPlan } from "../../harness/campaign.ts";
import type { CampaignResult } from "../../harness/result.ts";
import type { AnySuite, Profile } from "../../harness/suite.ts";
import { counted } from "../../reporters/format.ts";
import * as json from "../../reporters/json.ts";
import * as junit from "../../reporters/junit.ts";
import * as markdown from "../../reporters/markdown.ts";
import * as text from "../../reporters/text.ts";
import { hashTexts } from "../../simulator/hash.ts";
import type { StopReason } from "../campaign.ts";
import { RUNS_UNBOUNDED } from "../campaign.ts";
import { type CorpusEntry, earlierFailures, givenFiles, namedScenarios } from "../corpus.ts";
import { EXIT, type ExitStatus, UsageError } from "../exit.ts";
import { Output } from "../findings.ts";
import { catchInterrupts } from "../interrupt.ts";
import { manifestsBelow } from "../manifests.ts";
import type { Shard } from "../options.ts";
import { paintFor } from "../paint.ts";
import { Pool } from "../pool.ts";
import { Progress } from "../progress.ts";
import { NODE_VERSION, VERSION } from "../project.ts";
import { runSuite, type SuiteOutcome } from "../suite-run.ts";
import { loadSuites, pickSuites } from "../suites.ts";
import { mustBeWritable } from "../writing.ts";

/** The options of `run`, as commander gives them. */
export interface RunCommandOptions {
  readonly suites?: readonly string[];
  readonly profile: string;
  readonly runs?: number;
  readonly seed?: number;
  readonly workers?: number;
  readonly shard?: Shard;
  readonly time?: number;
  readonly bail?: boolean;
  readonly scenario?: readonly string[];
  readonly schedule?: keyof typeof SCHEDULES;
  readonly manifests?: string;
  readonly corpus: boolean;
  readonly shrink: boolean;
  readonly selfCheck?: boolean;
  readonly runTimeout: number;
  readonly reports: string;
  readonly json?: string;
  readonly junit?: string;
  readonly markdown?: string;
}

/** What `--schedule` puts into each scenario. */
export const SCHEDULES = {
  timed: { kind: "timed" },
  pct: { kind: "pct", depth: 3, windowMs: 20, steps: 5000 },
  random: { kind: "random", windowMs: 20 },
} as const;

/** What is to be run of one suite. */
interface Part {
  readonly suite: AnySuite;
  readonly plan: CampaignPlan;
  readonly corpus: readonly CorpusEntry[];
  /** Failure files that cannot be read: whether they still fail is not decided. */
  readonly unreadable: readonly string[];
}

/** Runs suites, reports what came of it, and gives the exit status. */
export async function run(names: readonly string[], options: RunCommandOptions): Promise<ExitStatus> {
  mustBeWritable({ "--json": options.json, "--junit": options.junit, "--markdown": options.markdown });
  const modules = options.suites ?? [];
  // All of them: the corpus has failures of suites that are not picked.
  const suites = await loadSuites(modules);
  const { seed, how } = seedFor(options);
  const parts = partsOf(suites, pickedBy(suites, names, options), seed, options);
  const output = new Output();
  output.prepare(join(options.reports, "failures"));
  const progress = new Progress(options.time);
  const workers = Math.min(options.workers ?? availableParallelism(), Math.max(...parts.map(workOf)));
  progress.say(opening(parts, seed, how, workers));
  const interrupts = catchInterrupts(() =>
    progress.say("Interrupted: stopping in good order; a second interrupt stops at once."),
  );
  const pool = new Pool({ workers, suites: modules });
  try {
    const outcomes: SuiteOutcome[] = [];
    for (const { suite, plan, corpus, unreadable } of parts) {
      if (interrupts.signal.aborted) break;
      const setting = {
        pool,
        output,
        progress,
        signal: interrupts.signal,
        failures: join(options.reports, "failures"),
        modules,
        bail: options.bail ?? false,
        shrink: options.shrink,
        selfCheck: options.selfCheck ?? false,
        secondsMax: options.time ?? Number.POSITIVE_INFINITY,
        runSecondsMax: options.runTimeout,
      };
      const outcome = await runSuite(setting, suite, plan, corpus, unreadable);
      outcomes.push(outcome);
      if (outcome.stoppedBy === "bail") break;
    }
    progress.clear();
    const result = resultOf(outcomes, seed, workers, interrupts.signal.aborted, options);
    report(result, output, options);
    return statusOf(result, output);
  } finally {
    progress.clear();
    interrupts.release();
    await pool.close();
  }
}

// ---- What to run

function seedFor({ seed, shard }: RunCommandOptions): { readonly seed: number; readonly how: string } {
  if (seed !== undefined) return { seed, how: "given" };
  const { CI: ci = "" } = process.env;
  if (shard !== undefined && shard.of > 1 && ["", "0", "false"].includes(ci))
    throw new UsageError("--shard needs --seed: the parts of a campaign have one seed");
  if (!["", "0", "false"].includes(ci)) return { seed: 1, how: "the same in every CI job; --seed changes it" };
  const drawn = randomInt(2 ** 32);
  return { seed: drawn, how: `drawn; --seed ${drawn} makes the same runs again` };
}

/** The suites that are named; where none is, all, or those that can do what was asked for. */
function pickedBy(
  suites: readonly AnySuite[],
  names: readonly string[],
  { manifests }: RunCommandOptions,
): readonly AnySuite[] {
  const all = pickSuites(suites, names);
  return names.length > 0 || manifests === undefined ? all : all.filter((suite) => suite.manifests !== undefined);
}

function partsOf(
  suites: readonly AnySuite[],
  picked: readonly AnySuite[],
  seed: number,
  options: RunCommandOptions,
): readonly Part[] {
  const shard = options.shard ?? { index: 0, of: 1 };
  const given = options.scenario === undefined ? null : givenFiles(suites, options.scenario);
  const parts = picked.map((suite): Part => {
    const profile = profileOf(suite, options.profile);
    // With a bound on the time, and none on the runs, there are as many as fit.
    const unbounded = options.time === undefined ? profile.runs : RUNS_UNBOUNDED;
    const runs = given === null ? (options.runs ?? unbounded) : 0;
    const focus = options.schedule === undefined ? {} : { focus: { schedule: SCHEDULES[options.schedule] } };
    const plan: CampaignPlan = { suite: suite.name, profile, seed, runs, shard, ...focus, ...givenBy(suite, options) };
    if (given !== null) return { suite, plan, corpus: given.filter((entry) => entry.suite === suite), unreadable: [] };
    return { suite, plan, ...corpusOf(suites, suite, options) };
  });
  if (given === null) {
    for (const { plan } of parts)
      if (plan.runs > 0 && plan.runs <= shard.index)
        throw new UsageError(
          `--shard ${shard.index + 1}/${shard.of}: this part has none of the ${plan.runs} runs of ${plan.suite}`,
        );
    return parts;
  }
  const left = given.filter((entry) => !picked.includes(entry.suite));
  if (left.length > 0)
    throw new UsageError(
      ...left.map(({ file, suite }) => `${file}: is for the suite ${suite.name}, which is not among those to be run`),
    );
  const failing = given.find((entry) => entry.kind === "failure" && entry.failure.bug !== null);
  if (failing !== undefined)
    throw new UsageError(`${failing.file}: needs a seeded bug in the model: use seatrial replay`);
  return parts.filter(({ corpus }) => corpus.length > 0);
}

/** The user's own objects. Warnings about them go where progress goes. */
function givenBy(suite: AnySuite, { manifests }: RunCommandOptions): Pick<CampaignPlan, "given"> {
  if (manifests === undefined) return {};
  return { given: manifestsBelow(suite, manifests, (line) => process.stderr.write(`${line}\n`)) };
}

/** The first part of a sharded campaign tries the corpus, the others need not. */
function corpusOf(
  suites: readonly AnySuite[],
  suite: AnySuite,
  options: RunCommandOptions,
): Pick<Part, "corpus" | "unreadable"> {
  // The corpus is about other objects.
  if (!options.corpus || options.manifests !== undefined || (options.shard?.index ?? 0) > 0)
    return { corpus: [], unreadable: [] };
  const { entries, unreadable } = earlierFailures(suites, suite, options.reports);
  return { corpus: [...entries, ...namedScenarios(suites, suite)], unreadable };
}

/** The profile of that name. Throws UsageError when the suite does not have it. */
export function profileOf(suite: AnySuite, name: string): Profile {
  const profile = Object.hasOwn(suite.profiles, name) ? suite.profiles[name] : undefined;
  if (profile === undefined)
    throw new UsageError(
      `--profile ${name}: the suite ${suite.name} has no such profile; it has ${Object.keys(suite.profiles).join(", ")}`,
    );
  return profile;
}

function workOf({ plan, corpus }: Part): number {
  return Math.max(1, Math.ceil(plan.runs / plan.shard.of), corpus.length);
}

function opening(parts: readonly Part[], seed: number, how: string, workers: number): string {
  const what = parts.map(({ suite, plan, corpus }) => {
    const number =
      plan.runs === RUNS_UNBOUNDED ? "as many runs as there is time for," : `${counted(plan.runs, "run")} of`;
    const runs = plan.runs === 0 ? [] : [`${number} profile ${plan.profile.name}`];
    const part = plan.shard.of > 1 ? [`part ${plan.shard.index + 1} of ${plan.shard.of}`] : [];
    const files = corpus.length === 0 ? [] : [`${counted(corpus.length, "file")} of the corpus first`];
    return `${suite.name} (${[...runs, ...part, ...files].join(", ")})`;
  });
  const shown = parts.some(({ plan }) => plan.runs > 0) ? `, seed ${seed} (${how})` : "";
  return `seatrial ${VERSION}: ${what.join("; ")}${shown}, ${counted(workers, "worker")}`;
}

// ---- What came of it

function resultOf(
  outcomes: readonly SuiteOutcome[],
  seed: number,
  workers: number,
  interrupted: boolean,
  options: RunCommandOptions,
): CampaignResult {
  const suites = outcomes.map(({ result }) => result);
  const sum = (part: (suite: (typeof suites)[number]) => number) =>
    suites.reduce((total, suite) => total + part(suite), 0);
  const reasons = outcomes.map(({ stoppedBy }) => stoppedBy);
  const stoppedBy =
    (["interrupt", "bail", "time"] as const).find((reason: StopReason) => reasons.includes(reason)) ?? null;
  const wallSeconds = sum((suite) => suite.wallSeconds);
  const events = sum((suite) => suite.events);
  return {
    format: 1,
    seatrial: VERSION,
    node: NODE_VERSION,
    verdict: worst(suites.map(({ verdict }) => verdict)),
    profile: options.profile,
    seed,
    shard: options.shard ?? { index: 0, of: 1 },
    workers,
    interrupted,
    stoppedBy: interrupted ? "interrupt" : stoppedBy,
    runs: sum((suite) => suite.runs),
    events,
    virtualSeconds: sum((suite) => suite.virtualSeconds),
    wallSeconds,
    eventsPerSecond: Math.round(events / Math.max(wallSeconds, 0.001)),
    violations: suites.flatMap(({ suite, violations }) => violations.map((violation) => ({ ...violation, suite }))),
    reached: Object.assign({}, ...suites.map(({ reached }) => reached)),
    hash: suites.length === 1 ? suites[0]!.hash : hashTexts(suites.map(({ hash }) => hash)),
    suites,
    faults: outcomes.flatMap(({ faults }) => faults),
  };
}

function worst(verdicts: readonly CampaignResult["verdict"][]): CampaignResult["verdict"] {
  if (verdicts.includes("violated")) return "violated";
  return verdicts.length === 0 || verdicts.includes("unknown") ? "unknown" : "holds";
}

function report(result: CampaignResult, output: Output, options: RunCommandOptions): void {
  output.write(join(options.reports, "last-run.json"), json.render(result));
  output.write(join(options.reports, "last-run.md"), markdown.render(result));
  if (options.json !== undefined) output.write(options.json, json.render(result));
  if (options.junit !== undefined) output.write(options.junit, junit.render(result));
  if (options.markdown !== undefined) output.write(options.markdown, markdown.render(result));
  process.stdout.write(text.render(result, paintFor(process.stdout)));
}

function statusOf(result: CampaignResult, output: Output): ExitStatus {
  if (result.interrupted) return EXIT.interrupted;
  if (result.verdict === "violated") return EXIT.violated;
  if (result.faults.length > 0 || !output.complete) return EXIT.fault;
  return result.verdict === "holds" ? EXIT.holds : EXIT.undecided;
}
