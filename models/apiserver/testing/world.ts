import type { BootReading, Input, Machine, MachineTypes, ProcessId } from "../../kernel/index.ts";
import type {
  ApiRequest,
  ApiResponse,
  ApiServerMessage,
  ApiWatchRequest,
  Status,
  WatchEvent,
} from "../../machinery/api.ts";
import type { KubeObject } from "../../machinery/kinds/index.ts";
import type { ApiServerConfig, ApiServerState, ApiServerTypes } from "../types.ts";

interface Packet {
  readonly from: ProcessId;
  readonly to: ProcessId;
  readonly message: { readonly kind: string };
}

interface Running {
  readonly machine: Machine<MachineTypes>;
  readonly config: unknown;
  durable: unknown;
  state: unknown;
  readonly inputs: Input<MachineTypes>[];
}

/** A watch as a client sees it. */
export interface Seen {
  readonly events: WatchEvent[];
  /** Messages in the wrong order, or after the end. */
  readonly flaws: string[];
  next: number;
  /** What it ended with; undefined while it goes on. */
  end?: Status | null;
}

/**
 * API servers in front of members of a store, in one place and without delay, and a client of whom every test has the
 * hands. Time moves when a test says so.
 */
export class ServerWorld {
  now = 1_000_000;
  /** Packets that a test keeps back. */
  hold: (packet: Packet) => boolean = () => false;
  /** Packets that are lost. */
  lose: (packet: Packet) => boolean = () => false;
  readonly notes = new Map<string, number>();
  readonly #processes = new Map<ProcessId, Running>();
  readonly #timers = new Map<string, { readonly process: ProcessId; readonly name: string; readonly at: number }>();
  #packets: Packet[] = [];
  readonly #answers = new Map<string, ApiResponse>();
  readonly #watches = new Map<string, Seen>();
  #ids = 0;

  start<T extends MachineTypes>(id: ProcessId, machine: Machine<T>, config: T["config"]): void {
    const running: Running = {
      machine: machine as unknown as Machine<MachineTypes>,
      config,
      durable: machine.disk.empty,
      state: null,
      inputs: [],
    };
    this.#processes.set(id, running);
    const { state, effects } = running.machine.boot(running.durable, config, this.#reading());
    running.state = state;
    for (const effect of effects) this.#carryOut(id, running, effect);
  }

  stop(id: ProcessId): void {
    this.#processes.delete(id);
    for (const [key, timer] of this.#timers) if (timer.process === id) this.#timers.delete(key);
  }

  server(id: ProcessId): ApiServerState {
    return this.#processes.get(id)!.state as ApiServerState;
  }

  /** What a server was given, for the contract of a machine. */
  lifeOf(id: ProcessId): { readonly config: ApiServerConfig; readonly inputs: readonly Input<ApiServerTypes>[] } {
    const { config, inputs } = this.#processes.get(id)!;
    return { config: config as ApiServerConfig, inputs: inputs as Input<ApiServerTypes>[] };
  }

  /** Delivers what is under way until nothing is, but for what is held. */
  settle(): void {
    for (let count = 0; count < 100_000; count++) {
      const index = this.#packets.findIndex((packet) => !this.hold(packet));
      if (index < 0) return;
      const [packet] = this.#packets.splice(index, 1);
      this.#deliver(packet!);
    }
    throw new Error("the network does not come to rest");
  }

  /** Lets time pass: timers fire as they are due. */
  advance(us: number): void {
    const end = this.now + us;
    this.settle();
    for (;;) {
      let next: {
        readonly key: string;
        readonly process: ProcessId;
        readonly name: string;
        readonly at: number;
      } | null = null;
      for (const [key, timer] of this.#timers)
        if (timer.at <= end && (next === null || timer.at < next.at)) next = { key, ...timer };
      if (next === null) break;
      this.#timers.delete(next.key);
      this.now = Math.max(this.now, next.at);
      this.#take(next.process, { kind: "timer", name: next.name, ...this.#reading() });
      this.settle();
    }
    this.now = end;
  }

  /** Has a request of server `a` under way, with so many calls of the store answered, while something else happens. */
  meanwhile(request: ApiRequest, calls: number, action: () => void): string {
    let passed = 0;
    this.hold = ({ from, to, message }) => from === "a" && to === "m1" && message.kind === "call" && passed++ >= calls;
    const id = this.send("a", request);
    action();
    this.hold = () => false;
    this.settle();
    return id;
  }

  /** Sends a request; the answer is there when it has come. */
  send(server: ProcessId, request: ApiRequest, user = "admin"): string {
    const id = `q${++this.#ids}`;
    this.#packets.push({
      from: "client",
      to: server,
      message: { kind: "apiCall", id, user, request } as Packet["message"],
    });
    this.settle();
    return id;
  }

  answer(id: string): ApiResponse | undefined {
    return this.#answers.get(id);
  }

  /** Sends a request and has it answered. */
  call(server: ProcessId, request: ApiRequest, user = "admin"): ApiResponse {
    const response = this.answer(this.send(server, request, user));
    if (response === undefined) throw new Error(`no answer to ${JSON.stringify(request)}`);
    return response;
  }

  /** As {@link call}, for a request that must succeed with an object. */
  object<O extends KubeObject>(server: ProcessId, request: ApiRequest, user = "admin"): O {
    const response = this.call(server, request, user);
    if (response.kind !== "object") throw new Error(`no object: ${JSON.stringify(response)}`);
    return response.object as O;
  }

  /** As {@link call}, for a request that must not succeed. */
  failure(server: ProcessId, request: ApiRequest, user = "admin"): Status {
    const response = this.call(server, request, user);
    if (response.kind !== "status" || response.status.status !== "Failure")
      throw new Error(`no failure: ${JSON.stringify(response)}`);
    return response.status;
  }

  watch(server: ProcessId, request: ApiWatchRequest, user = "admin"): Seen {
    const watchId = `w${++this.#ids}`;
    const seen: Seen = { events: [], flaws: [], next: 0 };
    this.#watches.set(watchId, seen);
    this.tell(server, { kind: "apiWatch", watchId, user, request });
    return seen;
  }

  tell(server: ProcessId, message: { readonly kind: string; readonly [field: string]: unknown }): void {
    this.#packets.push({ from: "client", to: server, message });
    this.settle();
  }

  #reading(): BootReading {
    return { now: this.now, wall: this.now, hostBoots: 1 };
  }

  #deliver(packet: Packet): void {
    if (this.lose(packet)) return;
    if (packet.to === "client") this.#hear(packet.message as ApiServerMessage);
    else if (this.#processes.has(packet.to))
      this.#take(packet.to, { kind: "receive", from: packet.from, message: packet.message, ...this.#reading() });
  }

  #take(id: ProcessId, input: Input<MachineTypes>): void {
    const running = this.#processes.get(id)!;
    const { now, wall } = input;
    const clean = { ...input, now, wall } as Input<MachineTypes> & { hostBoots?: number };
    delete clean.hostBoots;
    running.inputs.push(clean);
    const { state, effects } = running.machine.step(running.state, clean);
    running.state = state;
    for (const effect of effects) this.#carryOut(id, running, effect);
  }

  #carryOut(
    id: ProcessId,
    running: Running,
    effect: ReturnType<Machine<MachineTypes>["step"]>["effects"][number],
  ): void {
    switch (effect.kind) {
      case "send":
        this.#packets.push({ from: id, to: effect.to, message: effect.message as Packet["message"] });
        return;
      case "setTimer":
        this.#timers.set(`${id} ${effect.name}`, { process: id, name: effect.name, at: this.now + effect.minUs });
        return;
      case "cancelTimer":
        this.#timers.delete(`${id} ${effect.name}`);
        return;
      case "persist":
        for (const piece of running.machine.disk.pieces(effect.record))
          running.durable = running.machine.disk.write(running.durable, piece);
        return;
      case "note":
        this.notes.set(effect.name, (this.notes.get(effect.name) ?? 0) + 1);
        return;
      case "reply":
        return;
    }
  }

  #hear(message: ApiServerMessage): void {
    switch (message.kind) {
      case "apiAnswer":
        if (this.#answers.has(message.id)) throw new Error(`${message.id} was answered twice`);
        this.#answers.set(message.id, message.response);
        return;
      case "apiWatchEvents":
      case "apiWatchEnd": {
        const seen = this.#watches.get(message.watchId);
        if (seen === undefined) return;
        if (message.sequence !== seen.next++) seen.flaws.push(`sequence ${message.sequence}`);
        if (seen.end !== undefined) seen.flaws.push("after the end");
        if (message.kind === "apiWatchEnd") seen.end = message.status;
        else seen.events.push(...message.events);
        return;
      }
      case "apiPong":
        return;
    }
  }
}

/** Events in short: `ADDED a`, `BOOKMARK @12`. */
export function told(seen: Seen): readonly string[] {
  return seen.events.map(({ type, object }) =>
    type === "BOOKMARK" ? `BOOKMARK @${object.metadata.resourceVersion}` : `${type} ${object.metadata.name}`,
  );
}
