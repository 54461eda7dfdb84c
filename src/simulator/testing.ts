/** A machine that does as it is told, a world of such machines, and a journal of what happens in it. For tests only. */
import type { ClockReading, Effect, Input, Machine, Micros, ProcessId, Step } from "../../models/kernel/index.ts";
import { NO_EFFECTS } from "../../models/kernel/index.ts";
import type { Agenda } from "./agenda.ts";
import { FAULT_KINDS, type Fault, FaultInjector } from "./faults.ts";
import { hashText } from "./hash.ts";
import type { WorldEvent } from "./process.ts";
import type { ClockProfile, DiskProfile, NetworkProfile, Observer, ProcessView, System } from "./system.ts";
import type { TraceSink } from "./trace.ts";
import { World } from "./world.ts";

/** Messages, requests and responses are alike: a kind, a number, and what whoever gets it is to do. */
export interface ToyMessage {
  readonly kind: string;
  readonly n: number;
  readonly effects?: readonly ToyEffect[];
}

/** A record of some numbers; each is a piece of its own. */
export interface ToyRecord {
  readonly kind: "put";
  readonly values: readonly number[];
}

/** What a machine does beside what a message or request tells it. */
export interface ToyConfig {
  readonly onBoot?: readonly ToyEffect[];
  /** By the name of the timer. */
  readonly onTimer?: Readonly<Record<string, readonly ToyEffect[]>>;
  /** By the kind of the message. */
  readonly onReceive?: Readonly<Record<string, readonly ToyEffect[]>>;
  /** A `ping` with a lower number is sent back with the next one. */
  readonly pingsMax?: number;
}

export interface ToyState {
  readonly config: ToyConfig;
  /** What was on the disk at the last boot. */
  readonly restored: readonly number[];
  /** Inputs since the last boot, and a hash over them. */
  readonly inputs: number;
  readonly hash: number;
}

export interface ToyTypes {
  readonly state: ToyState;
  readonly message: ToyMessage;
  readonly request: ToyMessage;
  readonly response: ToyMessage;
  readonly record: ToyRecord;
  /** All numbers written, in their order. */
  readonly durable: readonly number[];
  readonly config: ToyConfig;
}

export type ToyEffect = Effect<ToyTypes>;

export const toyMachine: Machine<ToyTypes> = {
  boot(durable: readonly number[], config: ToyConfig, _clock: ClockReading): Step<ToyTypes> {
    return { state: { config, restored: durable, inputs: 0, hash: 0 }, effects: config.onBoot ?? NO_EFFECTS };
  },
  step(state: ToyState, input: Input<ToyTypes>): Step<ToyTypes> {
    const hash = hashText(`${state.hash} ${describeInput(input)} ${input.now} ${input.wall}`);
    return { state: { ...state, inputs: state.inputs + 1, hash }, effects: told(state.config, input) };
  },
  disk: {
    empty: [],
    write: (durable, record) => [...durable, ...record.values],
    pieces: ({ values }) => values.map((value) => ({ kind: "put", values: [value] })),
  },
};

function told(config: ToyConfig, input: Input<ToyTypes>): readonly ToyEffect[] {
  if (input.kind === "timer") return config.onTimer?.[input.name] ?? NO_EFFECTS;
  if (input.kind === "request") return input.body.effects ?? NO_EFFECTS;
  const { kind, n, effects } = input.message;
  if (kind === "ping" && n < (config.pingsMax ?? 0)) return [send(input.from, "ping", n + 1)];
  return effects ?? config.onReceive?.[kind] ?? NO_EFFECTS;
}

export function send(to: ProcessId, kind: string, n = 0, effects?: readonly ToyEffect[]): ToyEffect {
  return { kind: "send", to, message: effects === undefined ? { kind, n } : { kind, n, effects } };
}

/** Writes without fsync. */
export function put(...values: number[]): ToyEffect {
  return { kind: "persist", record: { kind: "put", values }, sync: false };
}

/** Writes, and waits for the fsync. */
export function putSync(...values: number[]): ToyEffect {
  return { kind: "persist", record: { kind: "put", values }, sync: true };
}

export function setTimer(name: string, minUs: Micros, maxUs = minUs): ToyEffect {
  return { kind: "setTimer", name, minUs, maxUs };
}

export function cancelTimer(name: string): ToyEffect {
  return { kind: "cancelTimer", name };
}

export function reply(id: string, kind: string): ToyEffect {
  return { kind: "reply", id, response: { kind, n: 0 } };
}

export function note(name: string): ToyEffect {
  return { kind: "note", name };
}

function describeInput(input: Input<ToyTypes>): string {
  switch (input.kind) {
    case "receive":
      return `receive ${input.message.kind}${input.message.n} from ${input.from}`;
    case "timer":
      return `timer ${input.name}`;
    case "request":
      return `request ${input.id}`;
  }
}

export interface JournalEntry {
  readonly atUs: Micros;
  readonly process: ProcessId;
  readonly text: string;
  /** What the process's clocks showed; only for inputs. */
  readonly clock?: ClockReading;
}

/** Writes down what happens. */
export class Journal implements Observer<ToyTypes> {
  readonly entries: JournalEntry[] = [];
  readonly sent: JournalEntry[] = [];
  readonly #now: () => Micros;

  constructor(now: () => Micros) {
    this.#now = now;
  }

  onBoot(process: ProcessView<ToyTypes>): void {
    this.#tell(process, `boot ${process.state.restored.join(" ")}`.trimEnd());
  }

  /** A machine takes an input. Observers hear of a step only once it is durable, so this is told by the machine. */
  take(process: ProcessId, input: Input<ToyTypes>): void {
    const { now, wall } = input;
    this.entries.push({ atUs: this.#now(), process, text: describeInput(input), clock: { now, wall } });
  }

  onCrash(process: ProcessView<ToyTypes>): void {
    this.#tell(process, `crash ${process.durable.join(" ")}`.trimEnd());
  }

  onRequestLost(process: ProcessView<ToyTypes>, id: string): void {
    this.#tell(process, `lost ${id}`);
  }

  onReply(process: ProcessView<ToyTypes>, id: string, response: ToyMessage): void {
    this.#tell(process, `reply ${id} ${response.kind}`);
  }

  onNote(process: ProcessView<ToyTypes>, name: string): void {
    this.#tell(process, `note ${name}`);
  }

  onSend(process: ProcessView<ToyTypes>, to: ProcessId, { kind, n }: ToyMessage): void {
    this.sent.push({ atUs: this.#now(), process: process.id, text: `${to} ${kind}${n}` });
  }

  /** What happened to a process, as `milliseconds what`. */
  of(id: ProcessId): string[] {
    return this.entries.filter(({ process }) => process === id).map(({ atUs, text }) => `${atUs / 1000} ${text}`);
  }

  /** As {@link of}, only what matches, without times. */
  texts(id: ProcessId, matching: RegExp = /./): string[] {
    return this.entries.filter(({ process, text }) => process === id && matching.test(text)).map(({ text }) => text);
  }

  #tell(process: ProcessView<ToyTypes>, text: string): void {
    this.entries.push({ atUs: this.#now(), process: process.id, text });
  }
}

/** Every message takes a millisecond, and none is lost. */
export const EVEN_NETWORK: NetworkProfile = {
  latencyMinUs: 1000,
  latencyJitterUs: 0,
  tailDoublingsMax: 0,
  loss: 0,
  duplicate: 0,
  reorder: 0,
};

export interface ToyWorldOptions {
  readonly seed?: number;
  /** Where processes are not each on a host of their own. */
  readonly hosts?: Readonly<Record<ProcessId, string>>;
  readonly network?: Partial<NetworkProfile>;
  readonly disk?: Partial<DiskProfile>;
  readonly clock?: Partial<ClockProfile>;
  readonly agenda?: Agenda<WorldEvent<ToyTypes>>;
  readonly trace?: TraceSink;
  /** Messages go over connections. */
  readonly connected?: boolean;
  /** How many processes may be lost for good. */
  readonly losses?: number;
  /** The digest of a state, where it is not a hash over all inputs. */
  readonly digestState?: (state: ToyState) => number;
}

/** A world of toy machines by their ids, not yet started, with an even network, instant fsyncs and exact clocks. */
export function toyWorld(configs: Readonly<Record<ProcessId, ToyConfig>>, options: ToyWorldOptions = {}) {
  const journal = new Journal(() => world.now);
  const system = toySystem(configs, options);
  const processes = system.processes.map((spec) => ({ ...spec, machine: writingTo(journal, spec.id) }));
  const { digestState = system.digestState } = options;
  const world: World<ToyTypes> = new World<ToyTypes>(
    { ...system, processes, digestState },
    {
      seed: options.seed ?? 1,
      network: { ...EVEN_NETWORK, ...options.network },
      disk: { syncMinUs: 0, syncJitterUs: 0, tailDoublingsMax: 0, ...options.disk },
      clock: { driftMax: 0, skewMaxUs: 0, ...options.clock },
      faultKinds: FAULT_KINDS,
      ...(options.agenda === undefined ? {} : { agenda: options.agenda }),
      ...(options.trace === undefined ? {} : { trace: options.trace }),
    },
  );
  world.observe([journal]);
  return { world, journal, faults: new FaultInjector(world) };
}

function writingTo(journal: Journal, id: ProcessId): Machine<ToyTypes> {
  const step = (state: ToyState, input: Input<ToyTypes>): Step<ToyTypes> => {
    journal.take(id, input);
    return toyMachine.step(state, input);
  };
  return { ...toyMachine, step };
}

/** Starts a toy world with faults in it and lets it run for so many milliseconds. */
export function runToys(
  configs: Readonly<Record<ProcessId, ToyConfig>>,
  faults: readonly Fault[],
  untilMs: number,
  options: ToyWorldOptions = {},
) {
  const toys = toyWorld(configs, options);
  toys.faults.schedule(faults);
  toys.world.start();
  toys.world.run(untilMs * 1000);
  return toys;
}

/** The system of some toy machines. The role `first` is the first process that is up. */
export function toySystem(
  configs: Readonly<Record<ProcessId, ToyConfig>>,
  { hosts = {}, losses = 0, connected = false }: Pick<ToyWorldOptions, "hosts" | "losses" | "connected"> = {},
): System<ToyTypes> {
  return {
    processes: Object.entries(configs).map(([id, config]) => ({
      id,
      host: hosts[id] ?? `host-${id}`,
      machine: toyMachine,
      config,
    })),
    connected: () => connected,
    messageKind: ({ kind }) => kind,
    digestMessage: ({ kind, n }) => hashText(`${kind} ${n}`),
    digestState: ({ hash }) => hash,
    resolve: (role, processes) =>
      role === "first" ? (processes.find(({ status }) => status === "up")?.id ?? null) : null,
    survives: (lost) => lost.size <= losses,
  };
}
