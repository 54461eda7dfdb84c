import { deepFreeze } from "../../../kernel/contract.ts";
import type { Effect, Input, Machine, MachineTypes, Micros, ProcessId } from "../../../kernel/index.ts";
import type { ApiClientMessage, ApiMessage, ResourceName, WatchEvent, WatchId } from "../../api.ts";
import type { KubeObject } from "../../kinds/index.ts";
import { keyOf } from "../../meta.ts";
import { matchesLabels, parseLabelSelector } from "../../selectors.ts";
import { FakeApi } from "../../testing/fake-api.ts";

// biome-ignore lint/suspicious/noExplicitAny: machines of all kinds stand side by side.
type Any = any;

interface AnyTypes extends MachineTypes {
  readonly message: Any;
  readonly state: Any;
  readonly config: Any;
  readonly durable: Any;
}

interface Process {
  readonly machine: Machine<AnyTypes>;
  readonly config: AnyTypes["config"];
  state: AnyTypes["state"];
  durable: AnyTypes["durable"];
  isUp: boolean;
  readonly timers: Map<string, Micros>;
  readonly inputs: Input<AnyTypes>[];
}

interface Watch {
  readonly to: ProcessId;
  readonly resource: ResourceName;
  readonly labelSelector: string;
  readonly known: Map<string, KubeObject>;
  sequence: number;
}

/** Somebody who is no machine: what it answers to a message. */
export type Stub = (from: ProcessId, message: AnyTypes["message"]) => AnyTypes["message"] | null;

const SERVER = "api-1";
const LATENCY_US = 1_000;

/** Machines of several kinds, and one small API server `api-1`, in one virtual time: all arrives after a millisecond. */
export class NetworkBench {
  readonly api: FakeApi;
  readonly notes: string[] = [];
  readonly stubs = new Map<ProcessId, Stub>();
  /** Nothing passes to or from these. */
  readonly cut = new Set<ProcessId>();
  now: Micros = 1_000_000;
  hostBoots = 1;
  readonly #processes = new Map<ProcessId, Process>();
  readonly #watches = new Map<WatchId, Watch>();
  #mail: { readonly at: Micros; readonly to: ProcessId; readonly from: ProcessId; readonly message: unknown }[] = [];

  constructor() {
    this.api = new FakeApi(() => this.now);
  }

  start<T extends MachineTypes>(id: ProcessId, machine: Machine<T>, config: T["config"]): void {
    const any = machine as unknown as Machine<AnyTypes>;
    this.#processes.set(id, {
      machine: any,
      config: deepFreeze(config),
      state: null,
      durable: machine.disk.empty,
      isUp: false,
      timers: new Map(),
      inputs: [],
    });
    this.boot(id);
  }

  boot(id: ProcessId): void {
    const process = this.#process(id);
    process.isUp = true;
    process.inputs.length = 0;
    const reading = { now: this.now, wall: this.now, hostBoots: this.hostBoots };
    const { state, effects } = process.machine.boot(process.durable, process.config, reading);
    this.#take(id, state, effects);
  }

  /** It stops, with all it has sent still on its way. */
  crash(id: ProcessId): void {
    const process = this.#process(id);
    process.isUp = false;
    process.timers.clear();
    for (const [watchId, { to }] of this.#watches) if (to === id) this.#watches.delete(watchId);
  }

  state(id: ProcessId): Any {
    return this.#process(id).state;
  }

  inputs(id: ProcessId): readonly Input<AnyTypes>[] {
    return this.#process(id).inputs;
  }

  /** Sends a message as somebody who is no machine. */
  send(from: ProcessId, to: ProcessId, message: unknown): void {
    this.#mail.push({ at: this.now + LATENCY_US, to, from, message: deepFreeze(message) });
  }

  run(us: Micros): void {
    const end = this.now + us;
    for (;;) {
      this.#publish();
      const next = this.#next();
      if (next === null || next.at > end) break;
      this.now = Math.max(this.now, next.at);
      next.act();
    }
    this.now = end;
  }

  #process(id: ProcessId): Process {
    return this.#processes.get(id)!;
  }

  #next(): { readonly at: Micros; readonly act: () => void } | null {
    let next: { readonly at: Micros; readonly act: () => void } | null = null;
    for (const [id, { timers }] of this.#processes)
      for (const [name, at] of timers)
        if (next === null || at < next.at) next = { at, act: () => this.#fire(id, name) };
    const [mail] = this.#mail;
    if (mail !== undefined && (next === null || mail.at <= next.at)) next = { at: mail.at, act: () => this.#deliver() };
    return next;
  }

  #fire(id: ProcessId, name: string): void {
    this.#process(id).timers.delete(name);
    this.#input(id, { kind: "timer", name, now: this.now, wall: this.now });
  }

  #deliver(): void {
    const { to, from, message } = this.#mail.shift()!;
    if (this.cut.has(to) || this.cut.has(from)) return;
    const stub = this.stubs.get(to);
    if (to === SERVER) this.#serve(from, message as ApiClientMessage);
    else if (stub !== undefined) {
      const answer = stub(from, message);
      if (answer !== null) this.send(to, from, answer);
    } else if (this.#processes.get(to)?.isUp === true)
      this.#input(to, { kind: "receive", from, message, now: this.now, wall: this.now });
  }

  #input(id: ProcessId, input: Input<AnyTypes>): void {
    const process = this.#process(id);
    process.inputs.push(input);
    const { state, effects } = process.machine.step(process.state, deepFreeze(input));
    this.#take(id, state, effects);
  }

  #take(id: ProcessId, state: unknown, effects: readonly Effect<AnyTypes>[]): void {
    const process = this.#process(id);
    process.state = deepFreeze(state);
    for (const effect of effects) this.#carryOut(id, process, effect);
  }

  #carryOut(id: ProcessId, process: Process, effect: Effect<AnyTypes>): void {
    if (effect.kind === "send") this.send(id, effect.to, effect.message);
    else if (effect.kind === "setTimer") process.timers.set(effect.name, this.now + effect.maxUs);
    else if (effect.kind === "cancelTimer") process.timers.delete(effect.name);
    else if (effect.kind === "note") this.notes.push(`${id} ${effect.name}`);
    else if (effect.kind === "persist")
      process.durable = deepFreeze(process.machine.disk.write(process.durable, effect.record));
  }

  #serve(from: ProcessId, message: ApiClientMessage): void {
    switch (message.kind) {
      case "apiCall": {
        const response = this.api.call(message.request);
        if (response === null) return;
        const { request } = message;
        const selector = request.verb === "list" ? request.labelSelector : "";
        this.send(SERVER, from, {
          kind: "apiAnswer",
          id: message.id,
          response:
            response.kind === "list" && selector !== ""
              ? { ...response, items: response.items.filter((object) => matches(selector, object)) }
              : response,
        } satisfies ApiMessage);
        return;
      }
      case "apiWatch": {
        const { resource, resourceVersion, labelSelector } = message.request;
        const known = this.#matching(resource, labelSelector).filter(
          ({ metadata }) => Number(metadata.resourceVersion) <= Number(resourceVersion),
        );
        this.#watches.set(message.watchId, {
          to: from,
          resource,
          labelSelector,
          known: new Map(known.map((object) => [keyOf(object), object])),
          sequence: 0,
        });
        return;
      }
      case "apiWatchStop":
        this.#watches.delete(message.watchId);
        return;
      case "apiPing": {
        const sequence = this.#watches.get(message.watchId)?.sequence ?? 0;
        this.send(SERVER, from, { kind: "apiPong", watchId: message.watchId, sequence });
      }
    }
  }

  #matching(resource: ResourceName, selector: string): readonly KubeObject[] {
    return this.api.list(resource).filter((object) => selector === "" || matches(selector, object));
  }

  #publish(): void {
    for (const [watchId, watch] of this.#watches) {
      const events: WatchEvent[] = [];
      const live = new Map(
        this.#matching(watch.resource, watch.labelSelector).map((object) => [keyOf(object), object]),
      );
      for (const [key, object] of watch.known)
        if (!live.has(key)) {
          events.push({ type: "DELETED", object });
          watch.known.delete(key);
        }
      for (const [key, object] of live) {
        const before = watch.known.get(key);
        if (before === object) continue;
        events.push({ type: before === undefined ? "ADDED" : "MODIFIED", object });
        watch.known.set(key, object);
      }
      if (events.length > 0)
        this.send(SERVER, watch.to, { kind: "apiWatchEvents", watchId, sequence: watch.sequence++, events });
    }
  }
}

function matches(selector: string, object: KubeObject): boolean {
  const parsed = parseLabelSelector(selector);
  return parsed !== null && matchesLabels(parsed, object.metadata.labels);
}
