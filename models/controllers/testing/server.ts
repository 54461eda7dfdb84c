import type { Effect, Input, Machine, Micros, Step } from "../../kernel/index.ts";
import type { ApiClientMessage, ApiMessage, ApiServerMessage, ResourceName, WatchId } from "../../machinery/api.ts";
import type { KubeObject } from "../../machinery/kinds/index.ts";
import { keyOf } from "../../machinery/meta.ts";
import { FakeApi } from "../../machinery/testing/fake-api.ts";
import type { ControllerManagerConfig, ControllerManagerState, ControllerManagerTypes } from "../types.ts";

type Types = ControllerManagerTypes;

const SERVER = "api-1";
const LATENCY_US = 1_000;

interface Watch {
  readonly to: string;
  readonly resource: ResourceName;
  readonly known: Map<string, KubeObject>;
  sequence: number;
}

/** Controller managers and one small API server in one virtual time: everything arrives after a millisecond, in order. */
export class ManagerBench {
  readonly api: FakeApi;
  /** What each manager was told, to try the contract of machines on. */
  readonly inputs = new Map<string, Input<Types>[]>();
  readonly notes: string[] = [];
  /** While it is cut, nothing passes between a manager and the server. */
  readonly cut = new Set<string>();
  now: Micros = 1_000_000;
  readonly #machine: Machine<Types>;
  readonly #states = new Map<string, ControllerManagerState>();
  readonly #timers = new Map<string, Map<string, Micros>>();
  readonly #watches = new Map<WatchId, Watch>();
  #mail: { readonly at: Micros; readonly to: string; readonly from: string; readonly message: ApiMessage }[] = [];

  constructor(machine: Machine<Types>) {
    this.#machine = machine;
    this.api = new FakeApi(() => this.now);
  }

  start(config: ControllerManagerConfig): void {
    this.inputs.set(config.id, []);
    this.#timers.set(config.id, new Map());
    this.#take(config.id, this.#machine.boot(null, config, { now: this.now, wall: this.now, hostBoots: 1 }));
  }

  state(id: string): ControllerManagerState {
    return this.#states.get(id)!;
  }

  /** Lets time pass. */
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

  #next(): { readonly at: Micros; readonly act: () => void } | null {
    let next: { readonly at: Micros; readonly act: () => void } | null = null;
    for (const [id, timers] of this.#timers)
      for (const [name, at] of timers)
        if (next === null || at < next.at) next = { at, act: () => this.#fire(id, name) };
    const [mail] = this.#mail;
    if (mail !== undefined && (next === null || mail.at <= next.at)) next = { at: mail.at, act: () => this.#deliver() };
    return next;
  }

  #fire(id: string, name: string): void {
    this.#timers.get(id)!.delete(name);
    this.#input(id, { kind: "timer", name, now: this.now, wall: this.now });
  }

  #deliver(): void {
    const { to, from, message } = this.#mail.shift()!;
    if (this.cut.has(to) || this.cut.has(from)) return;
    if (to === SERVER) this.#serve(from, message as ApiClientMessage);
    else this.#input(to, { kind: "receive", from, message, now: this.now, wall: this.now });
  }

  #input(id: string, input: Input<Types>): void {
    this.inputs.get(id)!.push(input);
    this.#take(id, this.#machine.step(this.#states.get(id)!, input));
  }

  #take(id: string, { state, effects }: Step<Types>): void {
    this.#states.set(id, state);
    for (const effect of effects) this.#carryOut(id, effect);
  }

  #carryOut(id: string, effect: Effect<Types>): void {
    const timers = this.#timers.get(id)!;
    if (effect.kind === "send") this.#send(id, effect.to, effect.message);
    else if (effect.kind === "setTimer") timers.set(effect.name, this.now + effect.maxUs);
    else if (effect.kind === "cancelTimer") timers.delete(effect.name);
    else if (effect.kind === "note") this.notes.push(`${id} ${effect.name}`);
  }

  #send(from: string, to: string, message: ApiMessage): void {
    this.#mail.push({ at: this.now + LATENCY_US, to, from, message });
  }

  #serve(from: string, message: ApiClientMessage): void {
    switch (message.kind) {
      case "apiCall": {
        const response = this.api.call(message.request);
        if (response !== null) this.#send(SERVER, from, { kind: "apiAnswer", id: message.id, response });
        return;
      }
      case "apiWatch": {
        // It begins at what is there now; the bench's lists are never behind.
        const { resource, resourceVersion } = message.request;
        const known = this.api
          .list(resource)
          .filter(({ metadata }) => Number(metadata.resourceVersion) <= Number(resourceVersion));
        this.#watches.set(message.watchId, {
          to: from,
          resource,
          known: new Map(known.map((object) => [keyOf(object), object])),
          sequence: 0,
        });
        return;
      }
      case "apiWatchStop":
        this.#watches.delete(message.watchId);
        return;
      case "apiPing": {
        const watch = this.#watches.get(message.watchId);
        const sequence = watch?.sequence ?? 0;
        this.#send(SERVER, from, { kind: "apiPong", watchId: message.watchId, sequence });
        return;
      }
    }
  }

  /** Tells every watch what has changed. */
  #publish(): void {
    for (const [watchId, watch] of this.#watches) {
      const events: { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: KubeObject }[] = [];
      const live = new Map(this.api.list(watch.resource).map((object) => [keyOf(object), object]));
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
      if (events.length === 0) continue;
      const message: ApiServerMessage = { kind: "apiWatchEvents", watchId, sequence: watch.sequence++, events };
      this.#send(SERVER, watch.to, message);
    }
  }
}
