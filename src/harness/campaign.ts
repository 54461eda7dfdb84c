import { hashTexts } from "../simulator/hash.ts";
import { merge } from "./bugs.ts";
import { generate, seedOf } from "./fast-check.ts";
import { type RunResult, runScenario, type Violation } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { check } from "./schema.ts";
import type { AnySuite, Profile } from "./suite.ts";

/** Which runs a campaign makes. The results depend on nothing else: not on workers, batches or their order. */
export interface CampaignPlan {
  readonly suite: string;
  readonly profile: Profile;
  readonly seed: number;
  readonly runs: number;
  /** This part of a campaign that is spread over `of` machines makes the runs with `run % of === index`. */
  readonly shard: { readonly index: number; readonly of: number };
  /** Part of a scenario that is merged into each that is generated; see {@link merge}. */
  readonly focus?: Readonly<Record<string, unknown>>;
  /** Objects of the user's own that each generated run begins with. */
  readonly given?: readonly unknown[];
}

/** A run that violated a property. */
export interface FoundViolation {
  readonly run: number;
  readonly scenario: Scenario;
  readonly violation: Violation;
  readonly hash: string;
  readonly events: number;
}

/** Sums over some runs. All of them can be added up in any order. */
export interface Sums {
  runs: number;
  events: number;
  virtualUs: number;
  /** Runs that reached each `sometimes` property. */
  reached: Record<string, number>;
  /** Faults that struck, by kind. */
  struck: Record<string, number>;
  /** Rule by fault; see RuleCoverage. */
  coverage: Record<string, number[]>;
  /** Runs whose faults explain that the system did not come to rest. */
  excused: number;
}

/** What a worker gives back for some runs of a campaign. */
export interface BatchResult {
  readonly hashes: readonly { readonly run: number; readonly hash: string }[];
  readonly sums: Sums;
  readonly violations: readonly FoundViolation[];
  readonly unknown: readonly { readonly run: number; readonly reason: string }[];
  /** Runs that ended with an error of a model, a property or the harness. They count in nothing else. */
  readonly faults: readonly { readonly run: number; readonly message: string }[];
}

/** How many runs a shard has: the numbers `index`, `index + of`, and so on, below `runs`. */
export function runCount({ runs, shard }: CampaignPlan): number {
  return Math.max(0, Math.ceil((runs - shard.index) / shard.of));
}

/** Some runs of a shard, in their order: all of them, or `count` from the one at place `first` on. */
export function runsOf(plan: CampaignPlan, first = 0, count = runCount(plan) - first): number[] {
  const { index, of } = plan.shard;
  return Array.from({ length: count }, (_, i) => index + (first + i) * of);
}

/** The scenario of one run of a campaign. */
export function scenarioOf(
  suite: AnySuite,
  plan: Pick<CampaignPlan, "seed" | "profile" | "focus" | "given">,
  run: number,
): Scenario {
  const scenario = {
    ...generate(suite.arbitrary(plan.profile, plan.given), plan.seed, run),
    seed: seedOf(plan.seed, run) >>> 0,
  };
  return plan.focus === undefined ? scenario : focused(suite, scenario, plan.focus);
}

/** What a focus leaves out of what it adds has its default, as in a file. */
function focused(suite: AnySuite, scenario: Scenario, focus: Readonly<Record<string, unknown>>): Scenario {
  const checked = check(suite.schema, merge(scenario, focus));
  if (checked.kind === "fits") return checked.value as Scenario;
  throw new Error(`with its focus a scenario does not fit its suite: ${JSON.stringify(checked.flaws)}`);
}

/** How {@link runBatch} goes about its runs. */
export interface BatchOptions {
  /** Told of each run before it starts, so that a dead worker's run is known. */
  readonly onRun?: (run: number) => void;
  /** Make no further runs after one that violates a property. */
  readonly stopAtViolation?: boolean;
}

/** Makes some runs of a campaign. */
export function runBatch(
  suite: AnySuite,
  plan: CampaignPlan,
  runs: readonly number[],
  { onRun, stopAtViolation }: BatchOptions = {},
): BatchResult {
  const sums = noSums();
  const hashes: { run: number; hash: string }[] = [];
  const violations: FoundViolation[] = [];
  const unknown: { run: number; reason: string }[] = [];
  const faults: { run: number; message: string }[] = [];
  for (const run of runs) {
    onRun?.(run);
    try {
      const scenario = scenarioOf(suite, plan, run);
      const result = runScenario(suite, scenario);
      const { verdict, hash, events } = result;
      hashes.push({ run, hash });
      addRun(sums, result);
      if (verdict.kind === "violated") violations.push({ run, scenario, violation: verdict.violation, hash, events });
      if (verdict.kind === "unknown") unknown.push({ run, reason: verdict.reason });
    } catch (error) {
      faults.push({ run, message: describeError(error) });
    }
    if (stopAtViolation === true && violations.length > 0) break;
  }
  return { hashes, sums, violations, unknown, faults };
}

/** An error in a line: what it says, and the place in the source where it was thrown. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = /\n\s+at (.*)/.exec(error.stack ?? "")?.[1];
  return place === undefined ? `${error.name}: ${error.message}` : `${error.name}: ${error.message} (at ${place})`;
}

/** Collects batches, in whatever order they come. */
export class Tally {
  readonly sums: Sums = noSums();
  readonly violations: FoundViolation[] = [];
  readonly unknown: { readonly run: number; readonly reason: string }[] = [];
  readonly faults: { readonly run: number; readonly message: string }[] = [];
  readonly #hashes = new Map<number, string>();

  add(batch: BatchResult): void {
    for (const { run, hash } of batch.hashes) this.#hashes.set(run, hash);
    this.violations.push(...batch.violations);
    this.violations.sort((a, b) => a.run - b.run);
    this.unknown.push(...batch.unknown);
    this.unknown.sort((a, b) => a.run - b.run);
    this.faults.push(...batch.faults);
    this.faults.sort((a, b) => a.run - b.run);
    addSums(this.sums, batch.sums);
  }

  /** Hash over the trace hashes of all runs, in the order of the runs. */
  hash(): string {
    const runs = [...this.#hashes.keys()].sort((a, b) => a - b);
    return hashTexts(runs.map((run) => this.#hashes.get(run)!));
  }

  /** The first violation of each property, in the order of the runs. */
  firstOfEach(): readonly FoundViolation[] {
    const seen = new Set<string>();
    return this.violations.filter(({ violation: { property } }) => !seen.has(property) && seen.add(property));
  }
}

/** Nothing added up yet. */
export function noSums(): Sums {
  return { runs: 0, events: 0, virtualUs: 0, reached: {}, struck: {}, coverage: {}, excused: 0 };
}

/** Adds one run to some sums. */
export function addRun(sums: Sums, result: RunResult): void {
  sums.runs++;
  sums.events += result.events;
  sums.virtualUs += result.virtualUs;
  for (const id of result.reached) sums.reached[id] = (sums.reached[id] ?? 0) + 1;
  for (const [kind, count] of Object.entries(result.struck)) sums.struck[kind] = (sums.struck[kind] ?? 0) + count;
  for (const [row, counts] of Object.entries(result.coverage)) addCounts(sums.coverage, row, counts);
  if (result.excuse !== null) sums.excused++;
}

/** Adds sums to sums. */
export function addSums(to: Sums, from: Sums): void {
  to.runs += from.runs;
  to.events += from.events;
  to.virtualUs += from.virtualUs;
  to.excused += from.excused;
  for (const [id, count] of Object.entries(from.reached)) to.reached[id] = (to.reached[id] ?? 0) + count;
  for (const [kind, count] of Object.entries(from.struck)) to.struck[kind] = (to.struck[kind] ?? 0) + count;
  for (const [row, counts] of Object.entries(from.coverage)) addCounts(to.coverage, row, counts);
}

function addCounts(coverage: Record<string, number[]>, row: string, counts: readonly number[]): void {
  coverage[row] ??= counts.map(() => 0);
  const sum = coverage[row];
  for (const [column, count] of counts.entries()) sum[column]! += count;
}
