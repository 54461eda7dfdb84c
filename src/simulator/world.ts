import type {
  Effect,
  Input,
  MachineTypes,
  Micros,
  Persist,
  ProcessId,
  RequestId,
  Send,
  SetTimer,
} from "../../models/kernel/index.ts";
import { type Agenda, TimedAgenda } from "./agenda.ts";
import { drawClock, type HostClock } from "./clock.ts";
import { RuleCoverage } from "./coverage.ts";
import { Dispatch } from "./dispatch.ts";
import { FaultPoints } from "./fault-points.ts";
import { RollingHash } from "./hash.ts";
import { type Links, linksOf } from "./links.ts";
import { arrival, copyArrival, isHeldBack, Link } from "./network.ts";
import { ANY_INCARNATION, EVENT, Process, STALL, type Timer, WorldEvent } from "./process.ts";
import { between, streamKey } from "./random.ts";
import { messageDetail, type NetworkProfile, type Observer, type System } from "./system.ts";
import type { TraceSink } from "./trace.ts";
import type { WorldOptions } from "./world-options.ts";

/**
 * A world of processes, the network and the disks between them, and the events to come. It knows neither faults nor
 * properties: faults act through its methods, properties watch through its observers.
 */
export class World<T extends MachineTypes> {
  readonly system: System<T>;
  readonly processes: readonly Process<T>[];
  readonly coverage: RuleCoverage;
  /** Where faults wait for a process to come by. */
  readonly points: FaultPoints;
  readonly hash = new RollingHash();
  /** Events so far: deliveries, timers, ends of an fsync or a pause, requests, and what the scenario does. */
  events = 0;
  /** Set by an observer to end the run. */
  stopped = false;
  /** {@link run} goes no further than so many events. */
  eventsMax = Number.POSITIVE_INFINITY;
  /** From now on the network neither loses, duplicates nor reorders by its profile; latencies stay. */
  calm = false;
  readonly #agenda: Agenda<WorldEvent<T>>;
  readonly #byId = new Map<ProcessId, Process<T>>();
  readonly #seed: string | number;
  /** By lane; made on their first use. */
  readonly #links: Links;
  readonly #network: NetworkProfile;
  readonly #calmNetwork: NetworkProfile;
  readonly #trace: TraceSink | null;
  #dispatch: Dispatch<T>;
  readonly #lost = new Set<ProcessId>();
  /** By host. */
  readonly #powerLosses = new Map<string, number>();
  #held: { link: Link; event: WorldEvent<T> }[] = [];

  constructor(system: System<T>, options: WorldOptions<T>) {
    const { seed } = options;
    this.system = system;
    this.points = new FaultPoints((message) => messageDetail(system, message));
    this.#dispatch = new Dispatch(system, []);
    this.#agenda = options.agenda ?? new TimedAgenda();
    this.#network = options.network;
    this.#calmNetwork = { ...options.network, loss: 0, duplicate: 0, reorder: 0 };
    this.#trace = options.trace ?? null;
    this.coverage = new RuleCoverage(options.faultKinds);
    const clocks = new Map<string, HostClock>();
    const clockKey = streamKey(seed, "clock");
    this.processes = system.processes.map((spec, index) => {
      let clock = clocks.get(spec.host);
      if (clock === undefined) {
        clock = drawClock(options.clock, clockKey, clocks.size);
        clocks.set(spec.host, clock);
      }
      const process = new Process<T>(spec, index, clock, options.disk, seed);
      this.#byId.set(spec.id, process);
      return process;
    });
    this.#seed = seed;
    this.#links = linksOf(this.processes.length);
  }

  /** Lets these watch, in this order, from now on. */
  observe(observers: readonly Observer<T>[]): void {
    this.#dispatch = new Dispatch(this.system, observers);
  }

  /** Virtual time, in microseconds from the start of the run. */
  get now(): Micros {
    return this.#agenda.now;
  }

  /** Starts all processes, in their order. */
  start(): void {
    for (const process of this.processes) this.boot(process.id);
  }

  /** Runs until nothing is due up to `untilUs`, which is then the time, or until an observer stops the run. */
  run(untilUs: Micros): void {
    const agenda = this.#agenda;
    while (!this.stopped && this.events < this.eventsMax) {
      const event = agenda.take(untilUs);
      if (event === null) {
        agenda.advance(untilUs);
        return;
      }
      this.#perform(event);
    }
  }

  /** Runs one event due up to `untilUs`. False when there is none, or the run was stopped. */
  runOne(untilUs: Micros): boolean {
    if (this.stopped) return false;
    const event = this.#agenda.take(untilUs);
    if (event === null) return false;
    this.#perform(event);
    return true;
  }

  /** Lets something of the scenario happen at a time. */
  schedule(atUs: Micros, action: () => void): void {
    this.#agenda.push(atUs, new WorldEvent<T>(EVENT.action, this.#scenarioLane(), null, 0, "", action));
  }

  /** The process of that id. Throws if there is none. */
  process(id: ProcessId): Process<T> {
    const process = this.#byId.get(id);
    if (process === undefined) throw new Error(`no process ${id}`);
    return process;
  }

  /** The process that an id or a role such as `leader` stands for now, or null. */
  resolve(name: string): Process<T> | null {
    const known = this.#byId.get(name);
    if (known !== undefined) return known;
    const id = this.system.resolve(name, this.processes);
    return id === null ? null : this.process(id);
  }

  /** The processes that an id, a role or the name of a host stands for now: of a host all that it has. */
  resolveAll(name: string): readonly Process<T>[] {
    const one = this.resolve(name);
    return one === null ? this.processes.filter(({ host }) => host === name) : [one];
  }

  /** A client's request reaches a process, now. It is lost when the process is not up. */
  request(to: ProcessId, id: RequestId, body: T["request"]): void {
    const process = this.process(to);
    if (process.status !== "up") {
      this.#tell(process, () => `request ${id} finds it ${process.status}`);
      for (const observer of this.#dispatch.requestsLost) observer.onRequestLost!(process, id);
      return;
    }
    for (const observer of this.#dispatch.requests) observer.onRequest!(process, id, body);
    this.#arrive(process, new WorldEvent<T>(EVENT.request, 0, process, process.incarnation, id, body));
  }

  // ---- Processes

  /** Starts a process that is down, from its disk. Nothing happens if it is up, or lost for good. */
  boot(id: ProcessId): void {
    const process = this.process(id);
    if (process.status !== "down") return;
    process.status = "up";
    process.disk.stoppedProcess = false;
    const { now, wall } = process.clock.read(this.now);
    const hostBoots = 1 + (this.#powerLosses.get(process.host) ?? 0);
    const step = process.machine.boot(process.disk.durable, process.config, { now, wall, hostBoots });
    process.state = step.state;
    this.#mark(6, process.index, this.system.digestState(step.state));
    this.#tell(process, () => "boot");
    for (const observer of this.#dispatch.boots) observer.onBoot!(process);
    this.#carryOut(process, step.effects);
  }

  /** A process dies; what it wrote is in the host's page cache and survives. */
  kill(id: ProcessId): void {
    const process = this.process(id);
    if (process.status !== "up") return;
    process.disk.sync();
    this.#lose(process, "killed");
  }

  /** The power of a process's host fails: all processes of the host die, and unsynced writes may be lost. */
  losePower(id: ProcessId, torn: boolean): void {
    const { host } = this.process(id);
    this.#powerLosses.set(host, (this.#powerLosses.get(host) ?? 0) + 1);
    for (const process of this.processes) {
      if (process.host !== host || process.status !== "up") continue;
      process.disk.losePower(torn);
      this.#lose(process, torn ? "power lost, last write torn" : "power lost");
    }
  }

  /**
   * A record on a process's disk rots. The checksum tells at the next start, and the process does not start again.
   * Refused, with false, when the system need not survive the loss.
   */
  corrupt(id: ProcessId): boolean {
    if (!this.mayLose(id)) return false;
    const process = this.process(id);
    this.#lost.add(id);
    if (process.status === "up") this.losePower(id, false);
    process.status = "dead";
    this.#tell(process, () => "does not start: a record on its disk fails its checksum");
    return true;
  }

  /** Whether the system must survive that this process, beside those already lost, never comes back. */
  mayLose(id: ProcessId): boolean {
    return this.system.survives(new Set([...this.#lost, id]), this.processes);
  }

  /** A process that is down stays down for good. The caller has asked {@link mayLose}. */
  abandon(id: ProcessId): void {
    const process = this.process(id);
    this.#lost.add(id);
    if (process.status === "up") this.kill(id);
    process.status = "dead";
    this.#tell(process, () => "stays down for good");
  }

  /** A process stops taking steps until as many calls of {@link unpause}. Its clock runs on. */
  pause(id: ProcessId): void {
    const process = this.process(id);
    if (process.status !== "up") return;
    process.pausedBy++;
    process.stalls |= STALL.paused;
    this.#tell(process, () => "paused");
  }

  /** Ends a pause. What arrived meanwhile is taken now. */
  unpause(id: ProcessId): void {
    const process = this.process(id);
    if (process.pausedBy === 0 || --process.pausedBy > 0) return;
    this.#tell(process, () => "goes on");
    this.#unstall(process, STALL.paused);
  }

  // ---- Network

  /** The directed link between two processes. */
  link(from: ProcessId, to: ProcessId): Link {
    return this.#linkBetween(this.process(from), this.process(to));
  }

  /** What a clogged link held back goes on its way, as far as nothing holds it any more. */
  release(link: Link): void {
    const free = this.#held.filter((held) => held.link === link && !isHeldBack(link, held.event.payload, this.system));
    if (free.length === 0) return;
    const gone = new Set(free);
    this.#held = this.#held.filter((entry) => !gone.has(entry));
    // Not before what was on its way on this link when it was clogged, and before what is sent from now on.
    link.lastDueUs = Math.max(this.now + this.#network.latencyMinUs, link.lastDueUs);
    for (const { event } of free) this.#agenda.push(link.lastDueUs, event);
  }

  // ---- Faults

  /** A fault of a kind begins. */
  faultBegins(kind: string): void {
    this.coverage.change(kind, 1);
    for (const observer of this.#dispatch.faults) observer.onFault!(kind);
  }

  /** A fault of a kind ends. */
  faultEnds(kind: string): void {
    this.coverage.change(kind, -1);
    this.tell(() => `fault ${kind} ends`);
  }

  /** Writes a line into the trace, if one is kept. */
  tell(text: () => string): void {
    if (this.#trace !== null) this.#trace.tell(this.events, this.now, "", text(), this.hash.low);
  }

  /** Whether a full trace is kept. */
  get tracing(): boolean {
    return this.#trace !== null;
  }

  // ---- Events

  #perform(event: WorldEvent<T>): void {
    const process = event.process;
    if (process === null) {
      this.events++;
      this.#mark(EVENT.action, 0, 0);
      (event.payload as () => void)();
      return;
    }
    if (event.incarnation !== process.incarnation && event.incarnation !== ANY_INCARNATION) return;
    if (event.kind === EVENT.timer) {
      if (!this.#isDue(event.payload as Timer<T>)) return;
    } else if (event.kind === EVENT.resume) {
      this.events++;
      this.#mark(EVENT.resume, process.index, 0);
      const stall = event.payload as number;
      if (stall === STALL.disk) process.disk.sync();
      this.#unstall(process, stall);
      return;
    }
    this.#arrive(process, event);
  }

  /** A timer that was moved to a later time is put there; one that was cancelled is dropped. */
  #isDue(timer: Timer<T>): boolean {
    const due = this.#agenda.takenDue;
    if (due !== timer.queuedUs) return false;
    timer.queuedUs = Number.POSITIVE_INFINITY;
    if (!timer.set) return false;
    if (due < timer.dueUs) {
      this.#queueTimer(timer);
      return false;
    }
    timer.set = false;
    return true;
  }

  #arrive(process: Process<T>, event: WorldEvent<T>): void {
    if (process.stalls !== 0) {
      process.inbox.push(event);
      return;
    }
    if (process.status !== "up") {
      this.#tell(process, () => `${this.#describe(event)} finds it ${process.status}`);
      return;
    }
    this.#step(process, event);
  }

  #step(process: Process<T>, event: WorldEvent<T>): void {
    const before = process.state;
    const input = this.#input(process, event);
    const step = process.machine.step(before, input);
    process.state = step.state;
    this.events++;
    this.#mark(event.kind, process.index, this.system.digestState(step.state));
    if (this.#trace !== null) this.#tell(process, () => this.#describe(event));
    const observers = this.#dispatch.ofStep(before, step.state);
    for (let i = 0; i < observers.length; i++) observers[i]!.onStep!(process, before, step.state, input);
    if (process.stepCostUs > 0) {
      process.pending = step.effects;
      process.pendingAt = 0;
      this.#stall(process, STALL.cpu, process.stepCostUs);
      return;
    }
    if (step.effects.length > 0) this.#carryOut(process, step.effects);
  }

  #input(process: Process<T>, event: WorldEvent<T>): Input<T> {
    const now = process.clock.monotonic(this.#agenda.now);
    const wall = now + process.clock.offsetUs;
    if (event.kind === EVENT.deliver) {
      const message = event.payload as T["message"];
      this.coverage.hit(messageDetail(this.system, message));
      this.hash.add(this.system.digestMessage(message));
      return { kind: "receive", now, wall, from: event.from, message };
    }
    if (event.kind === EVENT.timer) return { kind: "timer", now, wall, name: (event.payload as Timer<T>).name };
    return { kind: "request", now, wall, id: event.from, body: event.payload as T["request"] };
  }

  // ---- Effects

  #carryOut(process: Process<T>, effects: readonly Effect<T>[]): void {
    if (this.points.any) this.#carryOutWatched(process, effects, 0);
    else this.#carryOutFrom(process, effects, 0);
  }

  #carryOutFrom(process: Process<T>, effects: readonly Effect<T>[], from: number): void {
    for (let i = from; i < effects.length; i++) {
      if (this.#effect(process, effects[i]!)) continue;
      if (process.stalls !== 0) {
        process.pending = effects;
        process.pendingAt = i + 1;
      }
      return;
    }
  }

  /** As {@link #carryOutFrom}, while some fault waits for its point. */
  #carryOutWatched(process: Process<T>, effects: readonly Effect<T>[], from: number): void {
    const { incarnation } = process;
    for (let i = from; i < effects.length; i++) {
      const effect = effects[i]!;
      if (!process.heldBefore) this.points.reach(process.id, effect, "before");
      if (process.incarnation !== incarnation) return;
      process.heldBefore = process.stalls !== 0;
      if (process.heldBefore) {
        process.pending = effects;
        process.pendingAt = i;
        return;
      }
      const goesOn = this.#effect(process, effect);
      if (process.incarnation !== incarnation) return;
      this.points.reach(process.id, effect, "after");
      if (process.incarnation !== incarnation) return;
      if (goesOn && process.stalls === 0) continue;
      process.pending = effects;
      process.pendingAt = i + 1;
      return;
    }
  }

  /** Carries out one effect. False when the process cannot go on to the next now. */
  #effect(process: Process<T>, effect: Effect<T>): boolean {
    if (this.#trace !== null) this.#tell(process, () => `  ${this.#show(effect)}`);
    switch (effect.kind) {
      case "send":
        this.#send(process, effect);
        return true;
      case "persist":
        return this.#persist(process, effect);
      case "setTimer":
        this.#setTimer(process, effect);
        return true;
      case "cancelTimer":
        this.#cancelTimer(process, effect.name);
        return true;
      case "reply":
        for (const observer of this.#dispatch.replies) observer.onReply!(process, effect.id, effect.response);
        return !this.stopped;
      case "note": {
        this.coverage.hit(effect.name);
        const observers = this.#dispatch.ofNote(effect.name);
        for (let i = 0; i < observers.length; i++) observers[i]!.onNote!(process, effect.name);
        return true;
      }
    }
  }

  #send(process: Process<T>, effect: Send<T["message"]>): void {
    const to = this.#byId.get(effect.to);
    if (to === undefined) return;
    const observers = this.#dispatch.ofSend(this.system.messageKind(effect.message));
    for (let i = 0; i < observers.length; i++) observers[i]!.onSend!(process, effect.to, effect.message);
    const lane = process.index * this.processes.length + to.index;
    const { now } = this.#agenda;
    if (to === process) {
      this.#agenda.push(now, new WorldEvent<T>(EVENT.deliver, lane, to, to.incarnation, process.id, effect.message));
      return;
    }
    const link = this.#links.get(lane) ?? this.#linkBetween(process, to);
    const profile = this.calm ? this.#calmNetwork : this.#network;
    if (link.connection && to.status !== "up") {
      if (this.#trace !== null) this.#tell(process, () => `  ${to.id} takes no connection`);
      return;
    }
    const incarnation = link.connection ? to.incarnation : ANY_INCARNATION;
    const event = new WorldEvent<T>(EVENT.deliver, lane, to, incarnation, process.id, effect.message);
    const due = arrival(link, profile, now);
    if (due < 0) {
      if (this.#trace !== null) this.#tell(process, () => `  lost on its way to ${to.id}`);
      return;
    }
    if (link.clogs.length > 0 && isHeldBack(link, effect.message, this.system)) {
      this.#held.push({ link, event });
      return;
    }
    this.#agenda.push(due, event);
    const copy = copyArrival(link, profile, now);
    if (copy >= 0) this.#agenda.push(copy, event);
  }

  #linkBetween(from: Process<T>, to: Process<T>): Link {
    const lane = from.index * this.processes.length + to.index;
    const known = this.#links.get(lane);
    if (known !== null && known !== undefined) return known;
    const connected = this.system.connected?.(from.id, to.id) ?? false;
    const link = new Link(this.#seed, from.id, to.id, connected, from !== to && from.host === to.host);
    this.#links.set(lane, link);
    return link;
  }

  #persist(process: Process<T>, effect: Persist<T["record"]>): boolean {
    const { disk } = process;
    if (disk.full > 0) {
      this.#tell(process, () => "  the disk is full");
      disk.sync();
      disk.stoppedProcess = true;
      this.#lose(process, "stops: its disk is full");
      return false;
    }
    disk.write(effect.record);
    if (!effect.sync) return true;
    const latency = disk.syncLatencyUs();
    if (latency === 0) {
      disk.sync();
      return true;
    }
    this.#stall(process, STALL.disk, latency);
    return false;
  }

  #setTimer(process: Process<T>, effect: SetTimer): void {
    const timer = process.timer(effect.name, this.processes.length ** 2 + process.index);
    const duration = between(timer.key, timer.armings++, 0, effect.minUs, effect.maxUs);
    timer.dueUs = this.#agenda.now + process.clock.toTrue(duration);
    timer.set = true;
    if (process.inbox.length > 0) process.forgetFiring(timer);
    if (this.#agenda.remove !== undefined) {
      this.#agenda.remove(timer.event);
      this.#queueTimer(timer);
    } else if (timer.dueUs < timer.queuedUs) this.#queueTimer(timer);
  }

  #queueTimer(timer: Timer<T>): void {
    timer.queuedUs = timer.dueUs;
    this.#agenda.push(timer.dueUs, timer.event);
  }

  #cancelTimer(process: Process<T>, name: string): void {
    for (const timer of process.timers) {
      if (timer.name !== name) continue;
      process.forgetFiring(timer);
      if (!timer.set) continue;
      timer.set = false;
      this.#agenda.remove?.(timer.event);
    }
  }

  // ---- Stalls

  #stall(process: Process<T>, stall: number, durationUs: Micros): void {
    process.stalls |= stall;
    const lane = this.processes.length ** 2 + this.processes.length + process.index;
    const resume = new WorldEvent<T>(EVENT.resume, lane, process, process.incarnation, "", stall);
    this.#agenda.push(this.#agenda.now + durationUs, resume);
  }

  /** One thing that held a process up is over. If it was the last, the process carries on where it was. */
  #unstall(process: Process<T>, stall: number): void {
    process.stalls &= ~stall;
    if (process.stalls !== 0 || process.status !== "up") return;
    const { pending, pendingAt } = process;
    process.pending = [];
    if (pendingAt < pending.length) {
      if (this.points.any) this.#carryOutWatched(process, pending, pendingAt);
      else {
        process.heldBefore = false;
        this.#carryOutFrom(process, pending, pendingAt);
      }
    }
    const { inbox } = process;
    while (inbox.length > 0 && process.stalls === 0 && process.status === "up" && !this.stopped)
      this.#step(process, inbox.shift()!);
  }

  // ---- Helpers

  #lose(process: Process<T>, how: string): void {
    const remove = this.#agenda.remove?.bind(this.#agenda);
    if (remove !== undefined) for (const timer of process.timers) remove(timer.event);
    for (const event of process.inbox)
      if (event.kind === EVENT.request)
        for (const observer of this.#dispatch.requestsLost) observer.onRequestLost!(process, event.from);
    process.lose();
    this.#mark(7, process.index, process.incarnation);
    this.#tell(process, () => how);
    for (const observer of this.#dispatch.crashes) observer.onCrash!(process);
  }

  #mark(kind: number, process: number, digest: number): void {
    const { hash } = this;
    hash.addTime(this.#agenda.now);
    hash.add((kind << 8) ^ process);
    hash.add(digest);
  }

  #scenarioLane(): number {
    return this.processes.length ** 2 + 2 * this.processes.length;
  }

  #tell(process: Process<T>, text: () => string): void {
    if (this.#trace !== null) this.#trace.tell(this.events, this.now, process.id, text(), this.hash.low);
  }

  #show(value: unknown): string {
    return JSON.stringify(value, this.system.concealed);
  }

  #describe(event: WorldEvent<T>): string {
    switch (event.kind) {
      case EVENT.deliver:
        return `receive from ${event.from} ${this.#show(event.payload)}`;
      case EVENT.timer:
        return `timer ${(event.payload as Timer<T>).name}`;
      default:
        return `request ${event.from} ${this.#show(event.payload)}`;
    }
  }
}
