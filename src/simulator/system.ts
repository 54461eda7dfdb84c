import type { Input, Machine, MachineTypes, Micros, ProcessId, RequestId } from "../../models/kernel/index.ts";

/** A process to be put into the world. */
export interface ProcessSpec<T extends MachineTypes> {
  readonly id: ProcessId;
  /** Processes of one host share its power and its clock, and talk without the network between them. */
  readonly host: string;
  readonly machine: Machine<T>;
  readonly config: T["config"];
}

/** What the simulator has to know of a system beside its machines. */
export interface System<T extends MachineTypes> {
  /** In a stated order, which is that of their indexes in the world. */
  readonly processes: readonly ProcessSpec<T>[];
  /**
   * Whether what one process sends to another goes over a connection (TCP): it comes in order and at most once, and only
   * to the incarnation that it was sent to. It may still be lost, as when the connection breaks. Left out: never; messages
   * are datagrams, or find a new connection by themselves.
   */
  connected?(from: ProcessId, to: ProcessId): boolean;
  /** The kind of a message: what observers name in their concerns. */
  messageKind(message: T["message"]): string;
  /** What coverage calls a message, and faults that wait for a point may: finer than its kind. Left out: its kind. */
  messageDetail?(message: T["message"]): string;
  /** What traces must not show: a replacer for JSON.stringify. */
  concealed?(this: void, key: string, value: unknown): unknown;
  /** 32 bits of a message's content, for the trace hash. */
  digestMessage(message: T["message"]): number;
  /** 32 bits of a state's content, for the trace hash. */
  digestState(state: T["state"]): number;
  /** Fields of the state that observers may name in their concerns, up to 16 of them. */
  readonly fields?: readonly string[];
  /** Which of {@link fields} differ between two states, a bit each: 1 for the first. Goes with `fields`. */
  changed?(before: T["state"], after: T["state"]): number;
  /**
   * The process that a name such as `leader` stands for at this moment, or null. Names of processes are resolved by the
   * world itself.
   */
  resolve(role: string, processes: readonly ProcessView<T>[]): ProcessId | null;
  /**
   * Whether the system must survive that these processes are lost for good, disks and all. The world never lets a fault
   * take more.
   */
  survives(lost: ReadonlySet<ProcessId>, processes: readonly ProcessView<T>[]): boolean;
}

/** What a message is called in coverage, and by points. */
export function messageDetail<T extends MachineTypes>(system: System<T>, message: T["message"]): string {
  return system.messageDetail === undefined ? system.messageKind(message) : system.messageDetail(message);
}

/**
 * Whether a message goes by a name: its kind, its detail, or the first words of its detail (`apiCall create` stands for
 * `apiCall create pods`).
 */
export function isCalled<T extends MachineTypes>(system: System<T>, message: T["message"], name: string): boolean {
  if (system.messageKind(message) === name) return true;
  const detail = messageDetail(system, message);
  return detail === name || detail.startsWith(`${name} `);
}

/** A process as properties see it. Only to be read. */
export interface ProcessView<T extends MachineTypes> {
  readonly id: ProcessId;
  readonly index: number;
  readonly host: string;
  /** down: crashed, and may restart. dead: lost for good. */
  readonly status: "up" | "down" | "dead";
  /** Counts the boots. */
  readonly incarnation: number;
  /** What it has in memory; the last one when it is not up. */
  readonly state: T["state"];
  /** What would be there after a power failure at this moment at the least. */
  readonly durable: T["durable"];
  readonly config: T["config"];
}

/** What concerns an observer. The world saves it the calls that do not; what is left out concerns it whatever it is. */
export interface Concerns {
  /** `onStep` matters only if one of these {@link System.fields} has changed, as an object. */
  readonly changes?: readonly string[];
  /** `onSend` matters only for messages of these kinds. */
  readonly messages?: readonly string[];
  /** `onNote` matters only for these notes. */
  readonly notes?: readonly string[];
}

/** What watches a world: properties, coverage, statistics. Each hook is called in the order of the observers. */
export interface Observer<T extends MachineTypes> {
  readonly concerns?: Concerns;
  /** A process has started; its effects are not yet carried out. */
  onBoot?(process: ProcessView<T>): void;
  /**
   * A process took an input; its effects are not yet carried out. `process.state` is `after`. Called for every step:
   * return at once when nothing of interest changed.
   */
  onStep?(process: ProcessView<T>, before: T["state"], after: T["state"], input: Input<T>): void;
  /** A process lost its memory. `process.state` is what it had, `process.durable` what is left on its disk. */
  onCrash?(process: ProcessView<T>): void;
  /** A client's request reached a process. */
  onRequest?(process: ProcessView<T>, id: RequestId, body: T["request"]): void;
  /** A client's request was lost, because the process was not up. */
  onRequestLost?(process: ProcessView<T>, id: RequestId): void;
  /** A client is answered. */
  onReply?(process: ProcessView<T>, id: RequestId, response: T["response"]): void;
  /** A machine has noted that it took a rule. */
  onNote?(process: ProcessView<T>, name: string): void;
  /** A process hands a message to the network. */
  onSend?(process: ProcessView<T>, to: ProcessId, message: T["message"]): void;
  /** A fault of this kind begins. */
  onFault?(kind: string): void;
}

/** How a network behaves when no fault strikes it. Rates are probabilities for one message. */
export interface NetworkProfile {
  readonly latencyMinUs: Micros;
  /** Half of the messages take less than this beyond the minimum; each doubling of the delay halves what is left. */
  readonly latencyJitterUs: Micros;
  /** The longest jitter is `2^tailDoublingsMax` times the shortest. */
  readonly tailDoublingsMax: number;
  readonly loss: number;
  readonly duplicate: number;
  /** How many messages may overtake those sent before them on their link. The others arrive in order. */
  readonly reorder: number;
}

/** How a disk behaves when no fault strikes it: an fsync takes this long, with a tail as in the network. */
export interface DiskProfile {
  readonly syncMinUs: Micros;
  readonly syncJitterUs: Micros;
  readonly tailDoublingsMax: number;
}

/** How far the hosts' clocks are from true time. */
export interface ClockProfile {
  /** A host's rate is drawn from [1 - driftMax, 1 + driftMax]. */
  readonly driftMax: number;
  /** A host's calendar clock is off by up to this much, either way. */
  readonly skewMaxUs: Micros;
}
