/**
 * The contract of a machine: what every model in seatrial is, and what a model of your own has to be.
 *
 * A machine is a pure, synchronous function from a state and an input to a new state and a list of effects. It has no
 * clock, no randomness, no I/O and no module state, and it never changes its arguments: all that it learns about the
 * world comes in the input, all that it does to the world is in the effects.
 */

/** The name of a process in the world, for instance `m1`. */
export type ProcessId = string;

/** What a client calls its request, so that the reply can be matched to it. Unique in a run. */
export type RequestId = string;

/** A duration or a point in virtual time, in whole microseconds. */
export type Micros = number;

/** The name of a timer of one process. Setting a timer that is already set moves it. */
export type TimerName = string;

/**
 * What time it is for the process, as far as it can know.
 *
 * Both readings are microseconds. `now` is the monotonic clock of the host: it never goes back, but runs at the host's
 * own rate. `wall` is the calendar clock: it may be off by a skew, and may jump either way.
 */
export interface ClockReading {
  readonly now: Micros;
  readonly wall: Micros;
}

/**
 * What a process learns as it starts. `hostBoots` counts the starts of its host (Linux: `/proc/sys/kernel/random/boot_id`
 * changes): while it is the same, whatever else ran on the host has gone on.
 */
export interface BootReading extends ClockReading {
  readonly hostBoots: number;
}

/** A message from another process arrives. */
export interface Receive<Message> extends ClockReading {
  readonly kind: "receive";
  readonly from: ProcessId;
  readonly message: Message;
}

/** A timer that the machine has set fires. It is no longer set. */
export interface TimerFired extends ClockReading {
  readonly kind: "timer";
  readonly name: TimerName;
}

/** A client of this process asks for something. It is answered by a `reply` effect, now, later or never. */
export interface Request<Body> extends ClockReading {
  readonly kind: "request";
  readonly id: RequestId;
  readonly body: Body;
}

/** What a machine is told. */
export type Input<T extends MachineTypes> = Receive<T["message"]> | TimerFired | Request<T["request"]>;

/**
 * Hand a message to the network. It may be lost, delayed, duplicated or reordered.
 *
 * A message to the process itself arrives at once, as an input of its own, unless the process crashes first. It is how a
 * machine waits for its own disk: sent after a synced write, it arrives when that is durable.
 */
export interface Send<Message> {
  readonly kind: "send";
  readonly to: ProcessId;
  readonly message: Message;
}

/**
 * Write a record to the process's disk.
 *
 * With `sync`, the effects that follow are carried out only when this and all earlier records are durable (fsync).
 * Without, the record is lost if the process's host crashes before a later sync.
 */
export interface Persist<DiskRecord> {
  readonly kind: "persist";
  readonly record: DiskRecord;
  readonly sync: boolean;
}

/**
 * Fire the named timer once, after a duration that the simulator draws from the range (both ends included), measured on
 * the host's monotonic clock. Replaces the timer of that name if it is set.
 */
export interface SetTimer {
  readonly kind: "setTimer";
  readonly name: TimerName;
  readonly minUs: Micros;
  readonly maxUs: Micros;
}

/** Unset the named timer. Nothing happens if it is not set. */
export interface CancelTimer {
  readonly kind: "cancelTimer";
  readonly name: TimerName;
}

/** Answer a client's request. */
export interface Reply<Response> {
  readonly kind: "reply";
  readonly id: RequestId;
  readonly response: Response;
}

/** An observation for properties and coverage; it has no effect in the world. `name` is the rule that was taken. */
export interface Note {
  readonly kind: "note";
  readonly name: string;
}

/** What a machine does. The simulator carries effects out in order, and may crash the process between any two. */
export type Effect<T extends MachineTypes> =
  | Send<T["message"]>
  | Persist<T["record"]>
  | SetTimer
  | CancelTimer
  | Reply<T["response"]>
  | Note;

/** The new state and what is to be done, in order. */
export interface Step<T extends MachineTypes> {
  readonly state: T["state"];
  readonly effects: readonly Effect<T>[];
}

/** The types of one machine, gathered under one name so that the contract needs one type parameter. */
export interface MachineTypes {
  /** What the process has in memory. Plain data that survives a JSON round trip. */
  readonly state: unknown;
  /** What it exchanges with other processes. */
  readonly message: unknown;
  /** What its clients ask of it, and what they get back. */
  readonly request: unknown;
  readonly response: unknown;
  /** What it writes to disk, one record at a time, and what the disk then holds: a fold over the records. */
  readonly record: unknown;
  readonly durable: unknown;
  /** What it is started with. */
  readonly config: unknown;
}

/** How the records of a machine become the content of its disk. */
export interface DiskFormat<T extends MachineTypes> {
  /** The content of a disk that was never written to. */
  readonly empty: T["durable"];
  /** The content after one more record. Pure. */
  write(durable: T["durable"], record: T["record"]): T["durable"];
  /**
   * The pieces in which a record reaches the medium. A crash in the middle of a write leaves the first few (a torn
   * write: the checksum of the rest fails, and recovery drops it). A record that is written atomically is one piece.
   */
  pieces(record: T["record"]): readonly T["record"][];
}

/** A pure state machine. */
export interface Machine<T extends MachineTypes> {
  /** Start, or restart after a crash, from what was durable. */
  boot(durable: T["durable"], config: T["config"], reading: BootReading): Step<T>;
  /** Take one input. Never mutates its arguments. */
  step(state: T["state"], input: Input<T>): Step<T>;
  readonly disk: DiskFormat<T>;
}

/** The effects of a step that does nothing. Shared, so that such a step allocates no list. */
export const NO_EFFECTS: readonly never[] = [];
