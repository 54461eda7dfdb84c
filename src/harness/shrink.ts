import type { Fault } from "../simulator/faults.ts";
import { type RunResult, runScenario, type Violation } from "./run.ts";
import type { Operation, Scenario } from "./scenario.ts";
import type { AnySuite } from "./suite.ts";

/** What shrinking has cost and made. */
export interface Shrunk {
  readonly scenario: Scenario;
  readonly result: RunResult;
  readonly violation: Violation;
  /** How many times a scenario was executed. */
  readonly executions: number;
  /** The events of all these executions. */
  readonly events: number;
  /** The budget ran out before nothing more could be taken away. */
  readonly exhausted: boolean;
}

/** Bounds of shrinking. */
export interface ShrinkBudget {
  readonly executionsMax: number;
  readonly eventsMax: number;
}

export const SHRINK_BUDGET: ShrinkBudget = { executionsMax: 600, eventsMax: 30_000_000 };

/**
 * Looks for a simpler scenario that violates the same property.
 *
 * First what comes after the violation is cut; then chunks of operations and faults go, then single ones; then hosts and
 * switches; then times and values get simple; and the single ones are tried once more. A candidate counts only if the
 * same property fails.
 *
 * @throws Error when the scenario violates nothing
 */
export function shrink(suite: AnySuite, scenario: Scenario, budget: ShrinkBudget = SHRINK_BUDGET): Shrunk {
  return new Shrinker(suite, scenario, budget).run();
}

type Action =
  | { readonly of: "fault"; readonly fault: Fault }
  | { readonly of: "operation"; readonly operation: Operation };

class Shrinker {
  readonly #suite: AnySuite;
  readonly #budget: ShrinkBudget;
  readonly #tried = new Set<string>();
  readonly #property: string;
  #best: Scenario;
  #result: RunResult;
  #violation: Violation;
  #executions = 1;
  #events: number;
  #exhausted = false;

  constructor(suite: AnySuite, scenario: Scenario, budget: ShrinkBudget) {
    this.#suite = suite;
    this.#budget = budget;
    this.#result = runScenario(suite, scenario);
    if (this.#result.verdict.kind !== "violated") throw new Error("a scenario that violates nothing cannot be shrunk");
    this.#violation = this.#result.verdict.violation;
    this.#property = this.#violation.property;
    this.#best = scenario;
    this.#tried.add(JSON.stringify(scenario));
    this.#events = this.#result.events;
  }

  run(): Shrunk {
    this.#cut();
    for (let size = -1; size !== this.#size(); ) {
      size = this.#size();
      this.#reduceActions();
      this.#simplifySystem();
      this.#simplifyProfiles();
      this.#simplifyActions();
      this.#cut();
    }
    return {
      scenario: this.#best,
      result: this.#result,
      violation: this.#violation,
      executions: this.#executions,
      events: this.#events,
      exhausted: this.#exhausted,
    };
  }

  /** What decides whether another round is worth it: how much there is, and how it is written. */
  #size(): number {
    return JSON.stringify(this.#best).length;
  }

  /** Whether the candidate violates the property; if so it is the best from now on. */
  #try(candidate: Scenario): boolean {
    const key = JSON.stringify(candidate);
    if (this.#tried.has(key)) return false;
    if (this.#executions >= this.#budget.executionsMax || this.#events >= this.#budget.eventsMax) {
      this.#exhausted = true;
      return false;
    }
    this.#tried.add(key);
    if (this.#suite.contradiction(candidate) !== null) return false;
    this.#executions++;
    const result = runScenario(this.#suite, candidate);
    this.#events += result.events;
    if (result.verdict.kind !== "violated" || result.verdict.violation.property !== this.#property) return false;
    this.#best = candidate;
    this.#result = result;
    this.#violation = result.verdict.violation;
    return true;
  }

  /** Takes away what was to happen after the violation, and ends the chaos soon after it. */
  #cut(): void {
    const atMs = Math.ceil(this.#violation.atUs / 1000);
    const { phases, faults, workload } = this.#best;
    if (atMs <= phases.chaosMs) {
      const before = (action: { readonly atMs: number }) => action.atMs <= atMs;
      const chaosMs = Math.min(phases.chaosMs, Math.ceil(atMs / 100) * 100);
      const cut = { faults: faults.filter(before), workload: workload.filter(before) };
      if (cut.faults.length + cut.workload.length < faults.length + workload.length || chaosMs < phases.chaosMs)
        this.#try({ ...this.#best, ...cut, phases: { ...phases, chaosMs } });
      return;
    }
    const last = Math.max(0, ...faults.map(endOf), ...workload.map(({ atMs }) => atMs));
    const chaosMs = Math.ceil((last + 100) / 100) * 100;
    if (chaosMs < phases.chaosMs) this.#try({ ...this.#best, phases: { ...phases, chaosMs } });
  }

  #reduceActions(): void {
    const actions: Action[] = [
      ...this.#best.faults.map((fault) => ({ of: "fault", fault }) as const),
      ...this.#best.workload.map((operation) => ({ of: "operation", operation }) as const),
    ].sort((a, b) => startOf(a) - startOf(b));
    reduceList(actions, (kept) => this.#try(withActions(this.#best, kept)));
  }

  /** Fewer hosts, and switches at their defaults: the suite knows how. Starts over after each success. */
  #simplifySystem(): void {
    for (let progress = true; progress; ) {
      progress = false;
      for (const candidate of this.#suite.simplify(this.#best)) {
        if (!this.#try(candidate as Scenario)) continue;
        progress = true;
        break;
      }
    }
  }

  #simplifyProfiles(): void {
    const { network, disk, phases, schedule } = this.#best;
    if (schedule.kind !== "timed") this.#try({ ...this.#best, schedule: { kind: "timed" } });
    this.#try({ ...this.#best, clock: { driftMax: 0, skewMaxUs: 0 } });
    this.#try({ ...this.#best, network: { ...network, loss: 0, duplicate: 0, reorder: 0 } });
    for (const rate of ["loss", "duplicate", "reorder"] as const)
      if (network[rate] > 0) this.#try({ ...this.#best, network: { ...this.#best.network, [rate]: 0 } });
    this.#try({
      ...this.#best,
      network: { ...this.#best.network, latencyMinUs: 200, latencyJitterUs: 300, tailDoublingsMax: 6 },
    });
    if (disk.syncMinUs !== 100 || disk.syncJitterUs !== 100)
      this.#try({ ...this.#best, disk: { syncMinUs: 100, syncJitterUs: 100, tailDoublingsMax: 6 } });
    if (phases.stayDown.length > 0) this.#try({ ...this.#best, phases: { ...this.#best.phases, stayDown: [] } });
  }

  /** Times and durations become round, counts small, optional fields go. */
  #simplifyActions(): void {
    for (const list of ["faults", "workload"] as const)
      for (let i = 0; i < this.#best[list].length; i++) while (this.#simplifyAction(list, i));
  }

  *#simplerActions(list: "faults" | "workload", i: number): Iterable<unknown> {
    if (list === "workload") yield* this.#suite.simplifyOperation?.(this.#best.workload[i]) ?? [];
    yield* simplerActions(this.#best[list][i] as unknown as Record<string, unknown>);
  }

  /** Makes the boldest change to an action that can be made, if any. */
  #simplifyAction(list: "faults" | "workload", i: number): boolean {
    for (const simpler of this.#simplerActions(list, i)) {
      const changed = [...this.#best[list]] as unknown[];
      changed[i] = simpler;
      if (this.#try({ ...this.#best, [list]: changed } as Scenario)) return true;
    }
    return false;
  }
}

/**
 * Takes away from a list what is not needed for it to stay interesting: halving chunks, from the end, then each single
 * one, once. For a list of 200 of which 10 matter, about 100 questions.
 *
 * @param interesting whether the list without some elements is still interesting
 * @returns the elements that are left
 */
export function reduceList<T>(list: readonly T[], interesting: (kept: readonly T[]) => boolean): readonly T[] {
  if (list.length === 0) return list;
  let kept = list;
  for (let chunk = Math.ceil(list.length / 2); ; chunk = Math.ceil(chunk / 2)) {
    for (let end = kept.length; end > 0; ) {
      const start = Math.max(0, end - chunk);
      const without = [...kept.slice(0, start), ...kept.slice(end)];
      if (interesting(without)) kept = without;
      end = start;
    }
    if (chunk === 1) return kept;
  }
}

/** Simpler versions of an action, one change each, the boldest first. */
function* simplerActions(action: Record<string, unknown>): Iterable<Record<string, unknown>> {
  for (const [key, value] of Object.entries(action)) {
    if (key === "count" && typeof value === "number")
      for (const less of [1, 2, 3, Math.ceil(value / 2)]) if (less < value) yield { ...action, [key]: less };
    if (/Ms$/.test(key) && typeof value === "number")
      for (const unit of [1000, 500, 100, 50, 10, 1]) {
        const round: number = Math.floor(value / unit) * unit;
        if (round !== value && (round > 0 || key === "atMs")) yield { ...action, [key]: round };
      }
    if (key === "torn" && value === true) yield { ...action, torn: false };
    if (key === "direction" && value !== "both") yield { ...action, direction: "both" };
    if (Array.isArray(value) && value.length > 1)
      for (let i = 0; i < value.length; i++) yield { ...action, [key]: value.filter((_, at) => at !== i) };
  }
}

function withActions(scenario: Scenario, kept: readonly Action[]): Scenario {
  const faults = kept.flatMap((action) => (action.of === "fault" ? [action.fault] : []));
  const workload = kept.flatMap((action) => (action.of === "operation" ? [action.operation] : []));
  return { ...scenario, faults: faults as Scenario["faults"], workload };
}

function startOf(action: Action): number {
  return action.of === "fault" ? action.fault.atMs : action.operation.atMs;
}

function endOf(fault: Fault): number {
  const lasts = "durationMs" in fault ? fault.durationMs : "downMs" in fault ? fault.downMs : 0;
  return fault.atMs + lasts;
}
