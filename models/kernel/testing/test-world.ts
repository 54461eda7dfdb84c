import { assert } from "../assert.ts";
import type { ClockReading, Effect, Input, Machine, MachineTypes, Micros, ProcessId, TimerName } from "../machine.ts";

/** A message under way. */
export interface Packet<Message> {
  readonly from: ProcessId;
  readonly to: ProcessId;
  readonly message: Message;
}

/** A timer that is set. It fires at `earliest` or later. */
export interface ArmedTimer {
  readonly member: ProcessId;
  readonly name: TimerName;
  readonly earliest: Micros;
}

/** What the tests see of each step. */
export type Observer<T extends MachineTypes> = (
  member: ProcessId,
  before: T["state"] | null,
  after: T["state"],
  effects: readonly Effect<T>[],
) => void;

/** One life of a process, from a boot to a crash or the end: what the contract of a machine is tried on. */
export interface Life<T extends MachineTypes> {
  readonly member: ProcessId;
  readonly durable: T["durable"];
  readonly config: T["config"];
  readonly clock: ClockReading;
  readonly inputs: Input<T>[];
}

/**
 * Processes of one kind: an in-memory network of which each packet is delivered, lost or doubled by hand, timers that fire
 * by hand, and disks. It exists for the tests of models; campaigns run in the simulator.
 */
export class TestWorld<T extends MachineTypes> {
  now: Micros = 0;
  readonly machine: Machine<T>;
  readonly states = new Map<ProcessId, T["state"]>();
  readonly disks = new Map<ProcessId, T["durable"]>();
  readonly configs = new Map<ProcessId, T["config"]>();
  network: Packet<T["message"]>[] = [];
  timers: ArmedTimer[] = [];
  /** What each process was given, from each of its boots on. Null where nobody wants to know. */
  lives: Life<T>[] | null = null;
  readonly #observe: Observer<T>;
  readonly #current = new Map<ProcessId, Life<T>>();

  constructor(machine: Machine<T>, observe: Observer<T>) {
    this.machine = machine;
    this.#observe = observe;
  }

  /** Starts a process with an empty disk. */
  start(id: ProcessId, config: T["config"]): void {
    this.configs.set(id, config);
    this.disks.set(id, this.machine.disk.empty);
    this.restart(id);
  }

  /** Starts a process from its disk. */
  restart(id: ProcessId): void {
    const [durable, config, clock] = [this.disks.get(id)!, this.configs.get(id)!, this.clock()];
    if (this.lives !== null) {
      const life: Life<T> = { member: id, durable, config, clock, inputs: [] };
      this.lives.push(life);
      this.#current.set(id, life);
    }
    const { state, effects } = this.machine.boot(durable, config, { ...clock, hostBoots: 1 });
    this.states.set(id, state);
    this.#observe(id, null, state, effects);
    for (const effect of effects) this.#carryOut(id, effect);
  }

  /** Stops a process: its memory and timers are gone, its disk and what it has sent are not. */
  crash(id: ProcessId): void {
    this.states.delete(id);
    this.timers = this.timers.filter((timer) => timer.member !== id);
  }

  state(id: ProcessId): T["state"] {
    const state = this.states.get(id);
    assert(state !== undefined, `${id} is not running`);
    return state;
  }

  request(member: ProcessId, id: string, body: T["request"]): void {
    this.take(member, { kind: "request", id, body, ...this.clock() });
  }

  /** Has a message arrive that is not in the network, as from a process outside. */
  receive(member: ProcessId, from: ProcessId, message: T["message"], effectsMax?: number): void {
    this.take(member, { kind: "receive", from, message, ...this.clock() }, effectsMax);
  }

  /** Has a timer fire, whether or not it is set, and moves time on to when it may. */
  fire(member: ProcessId, name: TimerName, effectsMax?: number): void {
    const timer = this.timers.find((armed) => armed.member === member && armed.name === name);
    this.timers = this.timers.filter((armed) => armed !== timer);
    if (timer !== undefined) this.now = Math.max(this.now, timer.earliest);
    this.take(member, { kind: "timer", name, ...this.clock() }, effectsMax);
  }

  /** Delivers a packet; it is lost if its receiver is down. `copy` leaves it in the network. */
  deliver(packet: Packet<T["message"]>, copy = false, effectsMax?: number): void {
    if (!copy) this.drop(packet);
    if (this.states.has(packet.to)) this.receive(packet.to, packet.from, packet.message, effectsMax);
  }

  drop(packet: Packet<T["message"]>): void {
    const position = this.network.indexOf(packet);
    if (position >= 0) this.network.splice(position, 1);
  }

  /** Delivers the oldest packet until none is left, apart from those that `hold` keeps back. */
  settle(hold: (packet: Packet<T["message"]>) => boolean = none): void {
    for (let count = 0; count < 10_000; count++) {
      const packet = this.network.find((candidate) => !hold(candidate));
      if (packet === undefined) return;
      this.deliver(packet);
    }
    assert(false, "the network does not come to rest");
  }

  /** Takes a step; a crash lets only the first `effectsMax` effects happen. */
  take(member: ProcessId, input: Input<T>, effectsMax = Number.POSITIVE_INFINITY): void {
    const before = this.state(member);
    if (this.lives !== null) this.#current.get(member)!.inputs.push(input);
    const { state, effects } = this.machine.step(before, input);
    const crashes = effects.length > effectsMax;
    this.states.set(member, state);
    for (let i = 0; i < effects.length && i < effectsMax; i++) this.#carryOut(member, effects[i]!);
    if (crashes) {
      this.crash(member);
      return;
    }
    this.#observe(member, before, state, effects);
    // A message to itself arrives at once: its writes are durable.
    for (const effect of effects)
      if (effect.kind === "send" && effect.to === member) this.receive(member, member, effect.message);
  }

  #carryOut(member: ProcessId, effect: Effect<T>): void {
    switch (effect.kind) {
      case "send":
        // Whoever is no process of this world is heard by the observer.
        if (effect.to !== member && this.configs.has(effect.to))
          this.network.push({ from: member, to: effect.to, message: effect.message });
        return;
      case "persist":
        for (const piece of this.machine.disk.pieces(effect.record))
          this.disks.set(member, this.machine.disk.write(this.disks.get(member)!, piece));
        return;
      case "setTimer":
        this.#unset(member, effect.name);
        this.timers.push({ member, name: effect.name, earliest: this.now + effect.minUs });
        return;
      case "cancelTimer":
        this.#unset(member, effect.name);
        return;
      case "reply":
      case "note":
        return;
    }
  }

  #unset(member: ProcessId, name: TimerName): void {
    this.timers = this.timers.filter((timer) => timer.member !== member || timer.name !== name);
  }

  clock(): ClockReading {
    return { now: this.now, wall: this.now };
  }
}

function none(): boolean {
  return false;
}
