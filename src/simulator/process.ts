import type { Effect, Machine, MachineTypes, Micros, ProcessId, TimerName } from "../../models/kernel/index.ts";
import type { Pending } from "./agenda.ts";
import type { HostClock } from "./clock.ts";
import { Disk } from "./disk.ts";
import { type StreamKey, streamKey } from "./random.ts";
import type { DiskProfile, ProcessSpec, ProcessView } from "./system.ts";

/** Why a process does nothing for the moment. Bits of {@link Process.stalls}. */
export const STALL = { disk: 1, cpu: 2, paused: 4 } as const;

/** What is on the agenda of a world. `kind` numbers are in the order of {@link EVENT_KINDS}. */
export class WorldEvent<T extends MachineTypes> implements Pending {
  readonly kind: number;
  readonly lane: number;
  /** The process that it happens to; null for the scenario's own. */
  readonly process: Process<T> | null;
  /** The incarnation it is meant for, or {@link ANY_INCARNATION}. */
  readonly incarnation: number;
  readonly from: ProcessId;
  /** By kind: the message, the timer, the stall that ends, the request, the action. */
  readonly payload: unknown;

  constructor(
    kind: number,
    lane: number,
    process: Process<T> | null,
    incarnation: number,
    from: ProcessId,
    payload: unknown,
  ) {
    this.kind = kind;
    this.lane = lane;
    this.process = process;
    this.incarnation = incarnation;
    this.from = from;
    this.payload = payload;
  }
}

/** The incarnation of an event that is for whichever is up when it comes: a message that another process sent. */
export const ANY_INCARNATION = -1;

export const EVENT = { deliver: 0, timer: 1, resume: 2, request: 3, action: 4 } as const;

/** A timer of a process. While it is on the agenda at `queuedUs`, setting it to a later time costs no push. */
export class Timer<T extends MachineTypes> {
  readonly name: TimerName;
  readonly key: StreamKey;
  readonly event: WorldEvent<T>;
  armings = 0;
  set = false;
  dueUs: Micros = 0;
  queuedUs: Micros = Number.POSITIVE_INFINITY;

  constructor(name: TimerName, key: StreamKey, lane: number, process: Process<T>) {
    this.name = name;
    this.key = key;
    this.event = new WorldEvent(EVENT.timer, lane, process, process.incarnation, "", this);
  }
}

/** A process of the world: its machine's state, its timers, its disk, and what holds it up. */
export class Process<T extends MachineTypes> implements ProcessView<T> {
  readonly id: ProcessId;
  readonly index: number;
  readonly host: string;
  readonly machine: Machine<T>;
  readonly config: T["config"];
  readonly clock: HostClock;
  readonly disk: Disk<T>;
  readonly timers: Timer<T>[] = [];
  status: "up" | "down" | "dead" = "down";
  incarnation = 0;
  state: T["state"] = null;
  /** Bits of {@link STALL}. While any is set, effects wait in `pending` and inputs in `inbox`. */
  stalls = 0;
  pausedBy = 0;
  /** What each step costs in time, beyond nothing: a slow host. */
  stepCostUs: Micros = 0;
  pending: readonly Effect<T>[] = [];
  pendingAt = 0;
  /** The faults that waited before the effect at `pendingAt` have struck: it is held up by one of them. */
  heldBefore = false;
  readonly inbox: WorldEvent<T>[] = [];
  readonly #seed: string | number;
  /** How often each timer was set before the last crash: the addresses of their draws go on from there. */
  readonly #timerArmings = new Map<TimerName, number>();

  constructor(spec: ProcessSpec<T>, index: number, clock: HostClock, diskProfile: DiskProfile, seed: string | number) {
    this.id = spec.id;
    this.index = index;
    this.host = spec.host;
    this.machine = spec.machine;
    this.config = spec.config;
    this.clock = clock;
    this.disk = new Disk(spec.machine.disk, diskProfile, streamKey(seed, `disk/${spec.id}`));
    this.#seed = seed;
  }

  get durable(): T["durable"] {
    return this.disk.durable;
  }

  /** The timer of that name, made on its first use. */
  timer(name: TimerName, lane: number): Timer<T> {
    const timers = this.timers;
    for (let i = 0; i < timers.length; i++) if (timers[i]!.name === name) return timers[i]!;
    const timer = new Timer<T>(name, streamKey(this.#seed, `timer/${this.id}/${name}`), lane, this);
    timer.armings = this.#timerArmings.get(name) ?? 0;
    timers.push(timer);
    return timer;
  }

  /** Takes back a firing that waits in the inbox: the machine has set the timer anew, or unset it, before it saw it. */
  forgetFiring(timer: Timer<T>): void {
    const at = this.inbox.indexOf(timer.event);
    if (at >= 0) this.inbox.splice(at, 1);
  }

  /** Forgets all that was in memory. */
  lose(): void {
    for (const timer of this.timers) {
      this.#timerArmings.set(timer.name, timer.armings);
      timer.set = false;
    }
    this.timers.length = 0;
    this.status = "down";
    this.incarnation++;
    this.stalls = 0;
    this.pausedBy = 0;
    this.pending = [];
    this.pendingAt = 0;
    this.heldBefore = false;
    this.inbox.length = 0;
  }
}
