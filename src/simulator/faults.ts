import type { Effect, MachineTypes, Micros } from "../../models/kernel/index.ts";
import type { Clog, Link, LinkTrouble } from "./network.ts";
import type { World } from "./world.ts";

/** A place in a process's work where a fault strikes, instead of a time. */
export interface FaultPointSpec {
  /** An id or a role. Without it, whichever process gets there first. */
  readonly process?: string;
  readonly effect: Effect<MachineTypes>["kind"];
  /** The kind of the message or record, what the system calls the message, or the name of the timer or note. Without it, any. */
  readonly detail?: string;
  readonly nth: number;
  readonly edge: "before" | "after";
}

interface FaultStart {
  /** When it strikes; with `on`, from when its point is waited for. Milliseconds from the start of the run. */
  readonly atMs: number;
  readonly on?: FaultPointSpec;
}

/**
 * `target` is an id, a role such as `leader`, `self`: the process that reached the point in `on`; or a host, which stands
 * for all its processes.
 */
interface Targeted extends FaultStart {
  readonly target: string;
}

interface Lasting {
  readonly durationMs: number;
}

interface BetweenProcesses extends FaultStart, Lasting {
  readonly from: string;
  readonly to: string;
}

/** Trouble for one run, as data. */
export type Fault =
  /** The power of the target's host fails: unsynced writes may be lost, the last one torn. Back after downMs. */
  | ({ readonly kind: "crash"; readonly downMs: number; readonly torn: boolean } & Targeted)
  /** The target dies and its host stays up: no write is lost. */
  | ({ readonly kind: "kill"; readonly downMs: number } & Targeted)
  /** The target takes no step; its clock runs on. */
  | ({ readonly kind: "pause" } & Targeted & Lasting)
  /** Each step of the target takes so much longer. */
  | ({ readonly kind: "slow"; readonly stepUs: number } & Targeted & Lasting)
  /** The processes of `side` and the others do not hear each other; `in`: the side does not hear, `out`: is not heard. */
  | ({
      readonly kind: "partition";
      readonly side: readonly string[];
      readonly direction: "both" | "in" | "out";
    } & FaultStart &
      Lasting)
  /** One directed link loses, duplicates, reorders or delays messages. */
  | ({ readonly kind: "link" } & Partial<LinkNoise> & BetweenProcesses)
  /**
   * One directed link holds all messages back, and releases them at its end. With `messages` only those that go by these
   * names, a stream among others: between processes of one host as well, as it need not be the network that holds it.
   */
  | ({ readonly kind: "clog"; readonly messages?: readonly string[] } & BetweenProcesses)
  /** All links at once lose, duplicate, reorder or delay messages. */
  | ({ readonly kind: "storm" } & Partial<LinkNoise> & FaultStart & Lasting)
  /** Each fsync of the target takes so much longer. */
  | ({ readonly kind: "slowDisk"; readonly syncMs: number } & Targeted & Lasting)
  /** The target's disk is full: it stops at its next write, and comes back when there is room. */
  | ({ readonly kind: "fullDisk" } & Targeted & Lasting)
  /** A record on the target's disk rots: it crashes, its checksum tells, and it is lost for good. Within the budget. */
  | ({ readonly kind: "corrupt" } & Targeted)
  /** The target's host's clocks run at another rate: 1.01 is 1 % fast. */
  | ({ readonly kind: "clockRate"; readonly rate: number } & Targeted & Lasting)
  /** The target's host's calendar clock jumps. */
  | ({ readonly kind: "clockJump"; readonly byMs: number } & Targeted);

interface LinkNoise {
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
  readonly delayMs: number;
}

/** The kinds of fault, in the order in which reports list them. */
export const FAULT_KINDS = [
  "crash",
  "kill",
  "pause",
  "slow",
  "partition",
  "link",
  "clog",
  "storm",
  "slowDisk",
  "fullDisk",
  "corrupt",
  "clockRate",
  "clockJump",
] as const satisfies readonly Fault["kind"][];

/** Faults that strike a host as a whole: its power, its clocks. */
const STRIKE_HOSTS: ReadonlySet<Fault["kind"]> = new Set(["crash", "corrupt", "clockRate", "clockJump"]);

type Targeting = Extract<Fault, { target: string }>;

/** Ends a fault. */
type Undo = () => void;

/** How long a fault without a duration counts as active, in the table of rule by fault. */
const MOMENT_MS = 1000;

/** Lets the faults of a scenario strike a world, and heals them. */
export class FaultInjector<T extends MachineTypes> {
  readonly #world: World<T>;
  readonly #active = new Set<Undo>();
  #healed = false;
  /** How many faults struck, by kind. A fault whose target was not there did not. */
  readonly struck = new Map<Fault["kind"], number>();

  constructor(world: World<T>) {
    this.#world = world;
  }

  /** Puts the faults on the agenda. */
  schedule(faults: readonly Fault[]): void {
    for (const fault of faults)
      this.#world.schedule(Math.round(fault.atMs * 1000), () => {
        if (fault.on === undefined) this.#strike(fault, null);
        else armPoint(this.#world, fault.on, (self) => this.#strike(fault, self));
      });
  }

  /** Ends all faults, and starts all processes but those that stay down for good, as far as the system must bear it. */
  heal(stayDown: readonly string[]): void {
    const world = this.#world;
    this.#healed = true;
    world.calm = true;
    world.points.disarmAll();
    for (const { id, status } of stayDown.flatMap((name) => world.resolveAll(name)))
      if (status !== "dead" && world.mayLose(id)) world.abandon(id);
    for (const undo of [...this.#active]) undo();
    for (const { id } of world.processes) world.boot(id);
  }

  #strike(fault: Fault, self: string | null): void {
    if (this.#healed) return;
    const world = this.#world;
    const undo = this.#begin(fault, self);
    if (undo === null) {
      world.tell(() => `fault ${fault.kind} finds nothing to strike`);
      return;
    }
    this.struck.set(fault.kind, (this.struck.get(fault.kind) ?? 0) + 1);
    world.faultBegins(fault.kind);
    const end = () => {
      if (!this.#active.delete(end)) return;
      world.faultEnds(fault.kind);
      undo();
    };
    this.#active.add(end);
    world.schedule(world.now + durationUs(fault), end);
  }

  /** Begins a fault. Null when there is nothing that it could strike. */
  #begin(fault: Fault, self: string | null): Undo | null {
    const world = this.#world;
    if (fault.kind === "partition") return this.#partition(fault, self);
    if (fault.kind === "storm") return this.#trouble(this.#allLinks(), fault);
    if (fault.kind === "link" || fault.kind === "clog") {
      const from = this.#resolve(fault.from, self);
      const to = this.#resolve(fault.to, self);
      const messages = fault.kind === "clog" ? (fault.messages ?? null) : null;
      const links = this.#linksBetween(from, to, messages !== null);
      if (links.length === 0) return null;
      const what = messages === null ? "" : ` of ${messages.join(", ")}`;
      world.tell(() => `fault ${fault.kind}${what} from ${from.join(" ")} to ${to.join(" ")}`);
      return fault.kind === "link" ? this.#trouble(links, fault) : this.#clog(links, messages);
    }
    return this.#strikeTarget(fault, this.#resolve(fault.target, self));
  }

  /** Strikes a process, or those of a host; what strikes the host itself needs only one of them. */
  #strikeTarget(fault: Targeting, targets: readonly string[]): Undo | null {
    const undos: Undo[] = [];
    for (const target of targets) {
      this.#world.tell(() => `fault ${fault.kind} strikes ${target}`);
      const undo = this.#strikeProcess(fault, target);
      if (undo === null) continue;
      undos.push(undo);
      if (STRIKE_HOSTS.has(fault.kind)) break;
    }
    if (undos.length < 2) return undos[0] ?? null;
    return () => {
      for (const undo of undos) undo();
    };
  }

  #strikeProcess(fault: Targeting, id: string): Undo | null {
    const world = this.#world;
    const process = world.process(id);
    // What the power failure takes down comes back with the power, and nothing else.
    const onHost = world.processes.filter(({ host, status }) => host === process.host && status === "up");
    const reboot = () => {
      for (const { id: other } of onHost) world.boot(other);
    };
    const { incarnation } = process;
    switch (fault.kind) {
      case "crash":
        if (process.status !== "up") return null;
        world.losePower(id, fault.torn);
        return reboot;
      case "kill":
        if (process.status !== "up") return null;
        world.kill(id);
        return () => world.boot(id);
      case "pause":
        if (process.status !== "up") return null;
        world.pause(id);
        return () => {
          if (process.incarnation === incarnation) world.unpause(id);
        };
      case "corrupt":
        return process.status !== "dead" && world.corrupt(id) ? reboot : null;
      case "slow":
        process.stepCostUs += fault.stepUs;
        return () => (process.stepCostUs -= fault.stepUs);
      case "slowDisk":
        process.disk.slowUs += Math.round(fault.syncMs * 1000);
        return () => (process.disk.slowUs -= Math.round(fault.syncMs * 1000));
      case "fullDisk":
        process.disk.full++;
        return () => {
          if (--process.disk.full === 0 && process.disk.stoppedProcess) world.boot(id);
        };
      case "clockRate":
        process.clock.overrideRate(fault.rate, world.now);
        return () => process.clock.restoreRate(fault.rate, world.now);
      case "clockJump":
        process.clock.offsetUs += Math.round(fault.byMs * 1000);
        return () => {};
    }
  }

  #partition(fault: Extract<Fault, { kind: "partition" }>, self: string | null): Undo | null {
    const world = this.#world;
    const side = new Set(fault.side.flatMap((name) => this.#resolve(name, self)));
    const others = world.processes.filter(({ id }) => !side.has(id));
    if (side.size === 0 || others.length === 0) return null;
    const cut: Link[] = [];
    for (const inside of side)
      for (const { id: outside, host } of others) {
        if (host === world.process(inside).host) continue;
        if (fault.direction !== "out") cut.push(world.link(outside, inside));
        if (fault.direction !== "in") cut.push(world.link(inside, outside));
      }
    if (cut.length === 0) return null;
    world.tell(() => `fault partition: ${[...side].join(" ")} | ${others.map(({ id }) => id).join(" ")}`);
    for (const link of cut) link.cuts++;
    return () => {
      for (const link of cut) link.cuts--;
    };
  }

  #clog(links: readonly Link[], messages: readonly string[] | null): Undo {
    const clog: Clog = { messages };
    for (const link of links) link.clogs.push(clog);
    return () => {
      for (const link of links) {
        link.clogs.splice(link.clogs.indexOf(clog), 1);
        this.#world.release(link);
      }
    };
  }

  #trouble(links: readonly Link[], noise: Partial<LinkNoise>): Undo {
    const trouble: LinkTrouble = {
      loss: noise.loss ?? 0,
      duplicate: noise.duplicate ?? 0,
      reorder: noise.reorder ?? 0,
      delayUs: Math.round((noise.delayMs ?? 0) * 1000),
    };
    for (const link of links) link.troubles.push(trouble);
    return () => {
      for (const link of links) link.troubles.splice(link.troubles.indexOf(trouble), 1);
    };
  }

  #allLinks(): Link[] {
    const { processes } = this.#world;
    return processes.flatMap((from) => processes.map((to) => this.#world.link(from.id, to.id)));
  }

  /** The links of the network between some processes and some others; processes of one host talk without it (`local`). */
  #linksBetween(from: readonly string[], to: readonly string[], local: boolean): Link[] {
    const world = this.#world;
    const apart = (a: string, b: string) => (local ? a !== b : world.process(a).host !== world.process(b).host);
    return from.flatMap((a) => to.filter((b) => apart(a, b)).map((b) => world.link(a, b)));
  }

  #resolve(name: string, self: string | null): readonly string[] {
    if (name === "self") return self === null ? [] : [self];
    return this.#world.resolveAll(name).map(({ id }) => id);
  }
}

function durationUs(fault: Fault): Micros {
  const durationMs =
    fault.kind === "crash" || fault.kind === "kill"
      ? fault.downMs
      : "durationMs" in fault
        ? fault.durationMs
        : MOMENT_MS;
  return Math.round(durationMs * 1000);
}

/** Waits for a point. Nothing happens if the process that it names is not there. */
export function armPoint<T extends MachineTypes>(
  world: World<T>,
  on: FaultPointSpec,
  fire: (process: string) => void,
): void {
  const process = on.process === undefined ? null : world.resolve(on.process);
  if (on.process !== undefined && process === null) return;
  const { effect, detail = null, nth, edge } = on;
  world.points.arm({ process: process?.id ?? null, effect, detail, nth, edge, fire });
}
