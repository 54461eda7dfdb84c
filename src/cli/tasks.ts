import { performance } from "node:perf_hooks";
import { type BatchResult, type CampaignPlan, describeError, runBatch, scenarioOf } from "../harness/campaign.ts";
import { eventHashes } from "../harness/failure.ts";
import { type RunResult, runScenario, type Violation } from "../harness/run.ts";
import type { Scenario } from "../harness/scenario.ts";
import { shrink } from "../harness/shrink.ts";
import type { AnySuite } from "../harness/suite.ts";
import { firstDifference, renderLine, type TraceLine, TraceRecorder } from "../simulator/trace.ts";

/** Some runs of a campaign. */
export interface BatchTask {
  readonly suite: string;
  readonly plan: CampaignPlan;
  readonly runs: readonly number[];
  readonly stopAtViolation: boolean;
  /** Make each run twice, and report those that differ. */
  readonly selfCheck: boolean;
  /** One whole number of 32 bits: the run that is being made. */
  readonly progress: SharedArrayBuffer;
}

/** One scenario of a suite. */
export interface ScenarioTask {
  readonly suite: string;
  readonly scenario: Scenario;
}

/** A violation as it is written into a failure file. */
export interface FinishedViolation {
  readonly scenario: Scenario;
  readonly violation: Violation;
  readonly hash: string;
  readonly events: number;
  readonly eventHashes: string;
  /** What shrinking cost; null where it was not asked for. */
  readonly shrinking: {
    readonly executions: number;
    readonly events: number;
    readonly seconds: number;
    readonly exhausted: boolean;
  } | null;
}

/** A run with its whole trace. */
export interface Traced {
  readonly lines: readonly TraceLine[];
  /** What came of it, or the error that it ended with. */
  readonly outcome:
    | { readonly kind: "ended"; readonly result: RunResult }
    | { readonly kind: "fault"; readonly message: string };
}

/** What a worker can be asked to do, and what it gives back. All of it survives a structured clone. */
export interface Tasks {
  /** Does nothing, once the suites are loaded. */
  readonly load: { readonly input: { readonly suite: string }; readonly output: null };
  readonly batch: { readonly input: BatchTask; readonly output: BatchResult };
  /** Runs a scenario; with `selfCheck` twice, and an error says what differs if something does. */
  readonly scenario: { readonly input: ScenarioTask & { readonly selfCheck: boolean }; readonly output: RunResult };
  /** Runs a scenario and keeps its whole trace, up to the error if it ends with one. */
  readonly trace: { readonly input: ScenarioTask; readonly output: Traced };
  /** Makes a violation ready for its failure file. */
  readonly finish: { readonly input: ScenarioTask & { readonly shrink: boolean }; readonly output: FinishedViolation };
}

export type TaskKind = keyof Tasks;

/** Performs a task in this thread. */
export function perform<K extends TaskKind>(kind: K, suite: AnySuite, input: Tasks[K]["input"]): Tasks[K]["output"] {
  const performers: { [P in TaskKind]: (suite: AnySuite, input: Tasks[P]["input"]) => Tasks[P]["output"] } = {
    load: () => null,
    batch,
    scenario: (of, { scenario, selfCheck }) => {
      const result = runScenario(of, scenario);
      if (selfCheck && runScenario(of, scenario).hash !== result.hash) throw new Error(difference(of, scenario));
      return result;
    },
    trace: (of, { scenario }) => traced(of, scenario),
    finish,
  };
  return performers[kind](suite, input);
}

function batch(suite: AnySuite, { plan, runs, stopAtViolation, selfCheck, progress }: BatchTask): BatchResult {
  const current = new Int32Array(progress);
  const onRun = (run: number) => void Atomics.store(current, 0, run);
  const result = runBatch(suite, plan, runs, { onRun, stopAtViolation });
  if (!selfCheck) return result;
  const again = runBatch(suite, plan, runs, { onRun, stopAtViolation });
  const hashOf = new Map(again.hashes.map(({ run, hash }) => [run, hash]));
  const faults = result.hashes
    .filter(({ run, hash }) => hashOf.get(run) !== hash)
    .map(({ run }) => ({ run, message: difference(suite, scenarioOf(suite, plan, run)) }));
  return { ...result, faults: [...result.faults, ...faults] };
}

/** A run that differs only now and then is tried so often before it is given up to show where. */
const DIFFERENCE_TRIES = 8;

/** What differs between two runs of a scenario that should be the same. */
function difference(suite: AnySuite, scenario: Scenario): string {
  const opening = "not deterministic: the same scenario, run twice, gave two hashes";
  const first = traced(suite, scenario);
  for (let i = 0; i < DIFFERENCE_TRIES; i++) {
    const found = firstDifference(first.lines, traced(suite, scenario).lines);
    if (found === null) continue;
    const { left, right } = found;
    return [
      `${opening}. The first event that differs is number ${(left ?? right)!.event}:`,
      `  once:  ${left === undefined ? "(the run had ended)" : renderLine(left).trim()}`,
      `  again: ${right === undefined ? "(the run had ended)" : renderLine(right).trim()}`,
    ].join("\n");
  }
  return `${opening}; ${DIFFERENCE_TRIES} more runs were the same: it depends on what ran before, or on rare chance`;
}

function traced(suite: AnySuite, scenario: Scenario): Traced {
  const trace = new TraceRecorder();
  const { lines } = trace;
  try {
    return { lines, outcome: { kind: "ended", result: runScenario(suite, scenario, { trace }) } };
  } catch (error) {
    return { lines, outcome: { kind: "fault", message: describeError(error) } };
  }
}

function finish(suite: AnySuite, input: Tasks["finish"]["input"]): FinishedViolation {
  if (!input.shrink) {
    const { verdict, hash, events } = runScenario(suite, input.scenario);
    if (verdict.kind !== "violated") throw new Error("the scenario violated a property, and does not when run again");
    const { scenario } = input;
    const { violation } = verdict;
    return { scenario, violation, hash, events, eventHashes: eventHashes(suite, scenario), shrinking: null };
  }
  const started = performance.now();
  const { scenario, result, violation, executions, events, exhausted } = shrink(suite, input.scenario);
  const seconds = (performance.now() - started) / 1000;
  return {
    scenario,
    violation,
    hash: result.hash,
    events: result.events,
    eventHashes: eventHashes(suite, scenario),
    shrinking: { executions, events, seconds, exhausted },
  };
}
