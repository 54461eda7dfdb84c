import type { MachineTypes, Micros, RequestId } from "../../models/kernel/index.ts";
import type { Evidence, Monitor, Property } from "../checkers/property.ts";
import { type Agenda, TimedAgenda } from "../simulator/agenda.ts";
import { ChosenAgenda, pctChooser, randomChooser, replayChooser } from "../simulator/chooser.ts";
import { armPoint, FAULT_KINDS, FaultInjector } from "../simulator/faults.ts";
import type { WorldEvent } from "../simulator/process.ts";
import type { TraceSink } from "../simulator/trace.ts";
import { World } from "../simulator/world.ts";
import type { Scenario } from "./scenario.ts";
import { type AnySuite, SETTLE } from "./suite.ts";

/** A property that did not hold in a run. */
export interface Violation {
  readonly property: string;
  /** In a sentence. */
  readonly explanation: string;
  readonly evidence: Evidence;
  /** The number of the event at which it showed, and its virtual time. */
  readonly event: number;
  readonly atUs: Micros;
}

/** What came of a run. `unknown`: a bound was reached before it was decided. */
export type Verdict =
  | { readonly kind: "holds" }
  | { readonly kind: "violated"; readonly violation: Violation }
  | { readonly kind: "unknown"; readonly reason: string };

/** One run of a scenario. */
export interface RunResult {
  readonly verdict: Verdict;
  /** The trace hash, 16 hexadecimal digits. */
  readonly hash: string;
  readonly events: number;
  readonly virtualUs: Micros;
  /** `sometimes` properties that were reached. */
  readonly reached: readonly string[];
  /** How many faults of each kind struck. */
  readonly struck: Readonly<Record<string, number>>;
  /** Counts of each rule, by fault; see RuleCoverage. */
  readonly coverage: Readonly<Record<string, readonly number[]>>;
  /** Why the system was not held to its liveness properties, or null. */
  readonly excuse: string | null;
  /** The lanes chosen, where a chooser other than time decided. */
  readonly choices: readonly number[];
}

/** Bounds and watchers of a run. */
export interface RunOptions {
  /** A run with more events is `unknown`. */
  readonly eventsMax?: number;
  readonly trace?: TraceSink;
  /** Watch these properties only. */
  readonly properties?: readonly string[];
}

const EVENTS_MAX = 2_000_000;

/** An `eventually` property that does not hold yet, and why. */
interface Pending {
  readonly property: string;
  readonly reason: string;
}

/** Runs a scenario: chaos, heal, settle, final checks. */
export function runScenario(suite: AnySuite, scenario: Scenario, options: RunOptions = {}): RunResult {
  return new Run(suite, scenario, options).execute();
}

/** A property, and what watches this run for it. */
interface Watched<T extends MachineTypes> {
  readonly property: Property<T>;
  readonly monitor: Monitor<T>;
}

class Run<T extends MachineTypes> {
  readonly #suite: AnySuite;
  readonly #scenario: Scenario;
  readonly #world: World<T>;
  readonly #faults: FaultInjector<T>;
  readonly #monitors: readonly Watched<T>[];
  /** Those that may be pending. */
  readonly #awaited: readonly Watched<T>[];
  readonly #reached = new Set<string>();
  readonly #eventsMax: number;
  readonly #agenda: Agenda<WorldEvent<T>>;
  #violation: Violation | null = null;
  #unknown: string | null = null;
  /** What a property could not decide. */
  #undecided: string | null = null;

  constructor(suite: AnySuite, scenario: Scenario, options: RunOptions) {
    this.#suite = suite;
    this.#scenario = scenario;
    this.#eventsMax = options.eventsMax ?? EVENTS_MAX;
    const system = suite.system(scenario);
    const watched = suite.properties.filter(({ id }) => options.properties?.includes(id) ?? true) as Property<T>[];
    this.#agenda = agendaOf(scenario);
    this.#world = new World<T>(system, {
      seed: scenario.seed,
      network: scenario.network,
      disk: scenario.disk,
      clock: scenario.clock,
      faultKinds: FAULT_KINDS,
      agenda: this.#agenda,
      ...(options.trace === undefined ? {} : { trace: options.trace }),
    });
    this.#monitors = watched.map((property) => ({ property, monitor: this.#watch(property) }));
    this.#awaited = this.#monitors.filter(({ monitor }) => monitor.pending !== undefined);
    this.#world.observe(this.#monitors.map(({ monitor }) => monitor));
    this.#faults = new FaultInjector(this.#world);
  }

  execute(): RunResult {
    const { phases } = this.#scenario;
    this.#schedule();
    this.#world.start();
    this.#runUntil(Math.round(phases.chaosMs * 1000));
    let excuse: string | null = null;
    if (this.#goesOn()) excuse = this.#settle();
    if (this.#goesOn()) for (const { monitor } of this.#monitors) monitor.atEnd?.();
    return this.#result(excuse);
  }

  #schedule(): void {
    const world = this.#world;
    this.#faults.schedule(this.#scenario.faults);
    this.#scenario.workload.forEach((operation, index) => {
      world.schedule(Math.round(operation.atMs * 1000), () => {
        if (operation.on === undefined) this.#suite.perform(world, operation, index, null);
        else
          armPoint(world, operation.on, (self) => {
            // The process is in the middle of its work: the request comes right after it.
            world.schedule(world.now, () => this.#suite.perform(world, operation, index, self));
          });
      });
    });
  }

  /** Heals, and waits until nothing is pending any more, and stays so. Gives the excuse for what never came, if any. */
  #settle(): string | null {
    const world = this.#world;
    world.tell(() => "heal");
    this.#faults.heal(this.#scenario.phases.stayDown);
    if (this.#agenda instanceof ChosenAgenda) this.#agenda.chooseByTime();
    const { pollMs, stayPolls } = this.#suite.settle ?? SETTLE;
    const polls = Math.max(stayPolls, Math.ceil(this.#scenario.phases.settleMs / pollMs));
    let quiet = 0;
    let last: Pending | null = null;
    for (let poll = 0; poll < polls && quiet < stayPolls; poll++) {
      this.#runUntil(world.now + pollMs * 1000);
      if (!this.#goesOn()) return null;
      this.#suite.probe(world, poll);
      const pending = this.#firstPending();
      quiet = pending === null ? quiet + 1 : 0;
      last = pending ?? last;
    }
    if (quiet >= stayPolls || last === null) return null;
    const excuse = this.#suite.excuse(world);
    if (excuse !== null) return excuse;
    const seconds = this.#scenario.phases.settleMs / 1000;
    const still = quiet === 0 ? "still pending" : "has not come to hold for good";
    this.#violate(last.property, `${still} ${seconds} s after the heal: ${last.reason}`, {});
    return null;
  }

  #firstPending(): Pending | null {
    for (const { property, monitor } of this.#awaited) {
      const reason = monitor.pending!();
      if (reason !== null) return { property: property.id, reason };
    }
    return null;
  }

  #runUntil(untilUs: Micros): void {
    const world = this.#world;
    world.eventsMax = this.#eventsMax;
    world.run(untilUs);
    if (world.events >= this.#eventsMax && this.#violation === null) {
      this.#unknown = `not decided within ${this.#eventsMax} events`;
      world.stopped = true;
    }
  }

  #goesOn(): boolean {
    return !this.#world.stopped && this.#unknown === null;
  }

  #watch(property: Property<T>): Monitor<T> {
    return property.monitor({
      processes: this.#world.processes,
      now: () => this.#world.now,
      violate: (explanation, evidence) => this.#violate(property.id, explanation, evidence ?? {}),
      reach: () => this.#reached.add(property.id),
      undecided: (reason) => {
        this.#undecided ??= `${property.id} is not decided: ${reason}`;
      },
    });
  }

  #violate(property: string, explanation: string, evidence: Evidence): void {
    if (this.#violation !== null) return;
    const world = this.#world;
    this.#violation = { property, explanation, evidence, event: world.events, atUs: world.now };
    world.tell(() => `violated ${property}: ${explanation}`);
    world.stopped = true;
  }

  #result(excuse: string | null): RunResult {
    const world = this.#world;
    return {
      verdict: this.#verdict(),
      hash: world.hash.digest(),
      events: world.events,
      virtualUs: world.now,
      reached: [...this.#reached].sort(),
      struck: Object.fromEntries(this.#faults.struck),
      coverage: world.coverage.table(),
      excuse,
      choices: this.#agenda instanceof ChosenAgenda ? this.#agenda.choices : [],
    };
  }

  #verdict(): Verdict {
    if (this.#violation !== null) return { kind: "violated", violation: this.#violation };
    const unknown = this.#unknown ?? this.#undecided;
    if (unknown !== null) return { kind: "unknown", reason: unknown };
    return { kind: "holds" };
  }
}

function agendaOf<T extends MachineTypes>(scenario: Scenario): Agenda<WorldEvent<T>> {
  const { schedule, seed } = scenario;
  switch (schedule.kind) {
    case "timed":
      return new TimedAgenda();
    case "pct":
      return new ChosenAgenda(pctChooser(seed, schedule.depth, schedule.steps), schedule.windowMs * 1000);
    case "random":
      return new ChosenAgenda(randomChooser(seed), schedule.windowMs * 1000);
    case "replay":
      return new ChosenAgenda(replayChooser(schedule.choices), schedule.windowMs * 1000);
  }
}

/** The id of a request of the workload: the operation's place, and its number where the operation makes several. */
export function requestId(index: number, number: number): RequestId {
  return number === 0 ? `op${index}` : `op${index}.${number}`;
}
