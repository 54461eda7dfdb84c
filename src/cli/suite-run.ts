import { join } from "node:path";
import { performance } from "node:perf_hooks";
import {
  addRun,
  addSums,
  type CampaignPlan,
  type FoundViolation,
  noSums,
  runCount,
  Tally,
} from "../harness/campaign.ts";
import { seedOf } from "../harness/fast-check.ts";
import type { CampaignResult, SuiteResult, ViolationRow } from "../harness/result.ts";
import type { RunResult } from "../harness/run.ts";
import type { Scenario } from "../harness/scenario.ts";
import type { AnySuite } from "../harness/suite.ts";
import { FAULT_KINDS } from "../simulator/faults.ts";
import { RUNS_UNBOUNDED, runCampaign, type StopReason } from "./campaign.ts";
import { type CorpusEntry, mismatchOf, scenarioOfEntry } from "./corpus.ts";
import { type Found, failureFileName, failureOf, type Output, replayCommand } from "./findings.ts";
import { unlessAborted } from "./interrupt.ts";
import type { Pool } from "./pool.ts";
import type { Progress } from "./progress.ts";
import { shownPath } from "./project.ts";

/** What the runs of all suites share. */
export interface RunSetting {
  readonly pool: Pool;
  readonly output: Output;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** The directory of the failure files. */
  readonly failures: string;
  /** Modules of suites beside the built-in ones. */
  readonly modules: readonly string[];
  readonly bail: boolean;
  readonly shrink: boolean;
  readonly selfCheck: boolean;
  readonly secondsMax: number;
  readonly runSecondsMax: number;
}

type FaultRow = CampaignResult["faults"][number];

/** What came of one suite. */
export interface SuiteOutcome {
  readonly result: SuiteResult;
  readonly faults: readonly FaultRow[];
  readonly stoppedBy: StopReason | null;
}

/** Tries the corpus of a suite, then makes its generated runs, then shrinks what was found. */
export function runSuite(
  setting: RunSetting,
  suite: AnySuite,
  plan: CampaignPlan,
  corpus: readonly CorpusEntry[],
  unreadable: readonly string[] = [],
): Promise<SuiteOutcome> {
  return new SuiteRun(setting, suite, plan, corpus, unreadable).execute();
}

class SuiteRun {
  readonly #setting: RunSetting;
  readonly #suite: AnySuite;
  readonly #plan: CampaignPlan;
  readonly #corpus: readonly CorpusEntry[];
  readonly #sums = noSums();
  readonly #rows: ViolationRow[] = [];
  readonly #unknown: SuiteResult["unknown"][number][] = [];
  readonly #faults: FaultRow[] = [];
  readonly #mended: string[] = [];
  /** The lowest run that violates a property, as far as is known, and its failure file. */
  readonly #saved = new Map<string, { readonly run: number; readonly file: string }>();
  #tally = new Tally();
  #tried = 0;
  #stoppedBy: StopReason | null = null;

  constructor(
    setting: RunSetting,
    suite: AnySuite,
    plan: CampaignPlan,
    corpus: readonly CorpusEntry[],
    unreadable: readonly string[],
  ) {
    this.#setting = setting;
    this.#suite = suite;
    this.#plan = plan;
    this.#corpus = corpus;
    for (const file of unreadable) this.#unknown.push({ run: null, reason: `${file}: cannot be read` });
  }

  async execute(): Promise<SuiteOutcome> {
    this.#setting.progress.begin(`${this.#suite.name}: starting`);
    await this.#setting.pool.load(this.#suite.name);
    const started = performance.now();
    await this.#tryCorpus();
    await this.#makeRuns();
    const seconds = (performance.now() - started) / 1000;
    await this.#finishViolations();
    return { result: this.#result(seconds), faults: this.#faults, stoppedBy: this.#stoppedBy };
  }

  // ---- The corpus

  async #tryCorpus(): Promise<void> {
    const { pool, progress, signal, selfCheck } = this.#setting;
    if (this.#corpus.length === 0) return;
    progress.begin(`${this.#suite.name}: the corpus`);
    const ask = (entry: CorpusEntry) => {
      const task = { suite: this.#suite.name, scenario: scenarioOfEntry(entry), selfCheck };
      return unlessAborted(pool.run("scenario", task), signal).catch((error: Error) => error);
    };
    const answers = await Promise.all(this.#corpus.map(ask));
    // In the order of the files, whichever worker was first.
    for (const [i, entry] of this.#corpus.entries()) {
      const answer = answers[i]!;
      if (answer === null) this.#stoppedBy = "interrupt";
      else if (answer instanceof Error) this.#corpusFault(entry, answer);
      else this.#takeCorpusResult(entry, answer);
    }
    if (this.#setting.bail && this.#rows.length > 0) this.#stoppedBy ??= "bail";
  }

  #corpusFault(entry: CorpusEntry, error: Error): void {
    // A recorded list of choices ends to fit when the model changes; that is no fault.
    if (error.message.startsWith("ChoiceError"))
      this.#unknown.push({ run: null, reason: `${entry.file}: ${error.message.split("\n")[0]}` });
    else
      this.#faults.push({
        suite: this.#suite.name,
        run: null,
        seed: scenarioOfEntry(entry).seed,
        message: `${entry.file}: ${error.message}`,
      });
  }

  #takeCorpusResult(entry: CorpusEntry, result: RunResult): void {
    this.#tried++;
    addRun(this.#sums, result);
    if (result.verdict.kind === "unknown")
      this.#unknown.push({ run: null, reason: `${entry.file}: ${result.verdict.reason}` });
    const mismatch = mismatchOf(entry, result);
    if (mismatch === null) {
      if (entry.kind === "failure" && result.verdict.kind === "holds") this.#mended.push(entry.file);
      return;
    }
    this.#setting.progress.say(`✗ ${mismatch.property}: ${mismatch.explanation}  (${entry.file})`);
    const known = this.#rows.findIndex(({ property }) => property === mismatch.property);
    if (known >= 0) {
      const row = this.#rows[known]!;
      this.#rows[known] = { ...row, occurrences: row.occurrences + 1 };
      return;
    }
    const original = entry.kind === "failure" ? entry.failure.original : null;
    const scenario = scenarioOfEntry(entry);
    this.#rows.push({
      ...mismatch,
      scenarioFile: entry.kind === "failure" ? entry.file : null,
      run: null,
      occurrences: 1,
      traceHash: result.hash,
      eventsBefore: original?.events ?? result.events,
      eventsAfter: result.events,
      actionsBefore: actionsOf(original?.scenario ?? scenario),
      actionsAfter: actionsOf(scenario),
      shrinkExecutions: 0,
      shrinkSeconds: 0,
      replay: replayCommand(entry.file, this.#setting.modules),
    });
  }

  // ---- Generated runs

  async #makeRuns(): Promise<void> {
    if (this.#plan.runs === 0 || this.#stoppedBy !== null) return;
    const { pool, progress, signal, bail, selfCheck, secondsMax, runSecondsMax } = this.#setting;
    const total = this.#plan.runs === RUNS_UNBOUNDED ? null : runCount(this.#plan);
    progress.begin(this.#suite.name);
    const { tally, stoppedBy } = await runCampaign(pool, this.#plan, {
      bail,
      selfCheck,
      secondsMax,
      runSecondsMax,
      signal,
      onBatch: (batch, { sums, violations, faults }) => {
        for (const found of batch.violations) this.#save(found);
        for (const { run, message } of batch.faults)
          progress.say(`! fault in run ${run}, scenario seed ${this.#seedOf(run)}: ${message}`);
        progress.update({
          done: sums.runs + faults.length,
          total,
          events: sums.events,
          virtualSeconds: sums.virtualUs / 1e6,
          violations: violations.length,
          faults: faults.length,
        });
      },
    });
    this.#tally = tally;
    this.#stoppedBy = stoppedBy;
    addSums(this.#sums, tally.sums);
    this.#unknown.push(...tally.unknown);
    for (const { run, message } of tally.faults)
      this.#faults.push({ suite: this.#suite.name, run, seed: this.#seedOf(run), message });
  }

  #seedOf(run: number): number {
    return seedOf(this.#plan.seed, run) >>> 0;
  }

  /** Writes the failure file of a run, as long as it is the lowest that violates its property. */
  #save(found: FoundViolation): void {
    const { output, progress } = this.#setting;
    const { property, explanation } = found.violation;
    const before = this.#saved.get(property);
    if (before !== undefined && before.run < found.run) return;
    const file = this.#fileOf(found);
    if (before === undefined) progress.say(`✗ ${property}, run ${found.run}: ${explanation}`);
    else output.remove(before.file);
    this.#saved.set(property, { run: found.run, file });
    output.writeFailure(file, failureOf(this.#foundBy(found), null, replayCommand(file, this.#setting.modules)));
  }

  #fileOf({ violation, hash }: FoundViolation): string {
    return join(this.#setting.failures, failureFileName({ suite: this.#suite.name, violation, hash }));
  }

  #foundBy(found: FoundViolation): Found {
    const origin = { seed: this.#plan.seed, profile: this.#plan.profile.name, run: found.run };
    return { suite: this.#suite.name, bug: null, origin, ...found };
  }

  // ---- Shrinking

  async #finishViolations(): Promise<void> {
    const firsts = this.#tally.firstOfEach();
    if (firsts.length > 0 && this.#setting.shrink)
      this.#setting.progress.begin(
        `${this.#suite.name}: shrinking ${firsts.length === 1 ? firsts[0]!.violation.property : `${firsts.length} violations`}`,
      );
    const rows = await Promise.all(firsts.map((found) => this.#finish(found)));
    for (const row of rows) {
      const corpus = this.#rows.findIndex(({ property }) => property === row.property);
      const [same] = corpus < 0 ? [] : this.#rows.splice(corpus, 1);
      this.#rows.push({ ...row, occurrences: row.occurrences + (same?.occurrences ?? 0) });
    }
    const kept = new Set(firsts.map((found) => this.#fileOf(found)));
    for (const { file } of this.#saved.values()) if (!kept.has(file)) this.#setting.output.remove(file);
  }

  async #finish(found: FoundViolation): Promise<ViolationRow> {
    const { pool, signal, shrink, output, modules, progress } = this.#setting;
    const task = { suite: this.#suite.name, scenario: found.scenario, shrink };
    const finished = await unlessAborted(pool.run("finish", task), signal).catch((error: Error) => {
      progress.say(`! ${found.violation.property} could not be shrunk: ${error.message}`);
      return null;
    });
    const file = this.#fileOf(found);
    const replay = replayCommand(file, modules);
    const saved = output.writeFailure(file, failureOf(this.#foundBy(found), finished, replay));
    const { violation, scenario, hash, events } = finished ?? found;
    const { property } = violation;
    return {
      property,
      explanation: violation.explanation,
      scenarioFile: saved ? shownPath(file) : null,
      run: found.run,
      occurrences: this.#tally.violations.filter((other) => other.violation.property === property).length,
      traceHash: hash,
      eventsBefore: found.events,
      eventsAfter: events,
      actionsBefore: actionsOf(found.scenario),
      actionsAfter: actionsOf(scenario),
      shrinkExecutions: finished?.shrinking?.executions ?? 0,
      shrinkSeconds: finished?.shrinking?.seconds ?? 0,
      replay: saved ? replay : null,
    };
  }

  // ---- The result

  #result(wallSeconds: number): SuiteResult {
    const { properties, rules, name } = this.#suite;
    const { runs, events, virtualUs, reached, struck, coverage, excused } = this.#sums;
    const sometimes = properties.filter(({ kind }) => kind === "sometimes");
    return {
      suite: name,
      properties: properties.map(({ id, kind, source }) => ({ id, kind, source })),
      verdict: this.#verdict(runs),
      runs: this.#tally.sums.runs,
      corpus: this.#tried,
      mended: this.#mended,
      events,
      virtualSeconds: virtualUs / 1e6,
      wallSeconds,
      eventsPerSecond: Math.round(events / Math.max(wallSeconds, 0.001)),
      violations: this.#rows,
      unknown: this.#unknown,
      reached: Object.fromEntries(sometimes.map(({ id }) => [id, reached[id] ?? 0])),
      excused,
      faults: Object.fromEntries(FAULT_KINDS.flatMap((kind) => (struck[kind] ? [[kind, struck[kind]]] : []))),
      coverage: {
        columns: ["none", ...FAULT_KINDS],
        rows: Object.fromEntries(Object.entries(coverage).sort(([a], [b]) => (a < b ? -1 : 1))),
        neverTaken: rules.filter((rule) => coverage[rule] === undefined),
      },
      hash: this.#tally.hash(),
    };
  }

  /** What was not decided is never said to hold: nothing was run, the campaign was cut off, or a run ended with an error. */
  #verdict(runs: number): SuiteResult["verdict"] {
    if (this.#rows.length > 0) return "violated";
    const decided = runs > 0 && this.#unknown.length === 0 && this.#faults.length === 0;
    return decided && this.#stoppedBy !== "interrupt" ? "holds" : "unknown";
  }
}

/** Faults and operations. */
function actionsOf({ faults, workload }: Scenario): number {
  return faults.length + workload.length;
}
