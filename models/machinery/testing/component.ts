import { type ClockReading, type Effect, type Input, type MachineTypes, mapEntries } from "../../kernel/index.ts";
import type { ApiMessage, ApiRequest } from "../api.ts";
import { API_DEFAULTS, API_TIMER, Api } from "../client/api.ts";
import type { ApiConfig, ApiState, InformerSpec, News, Tag } from "../client/types.ts";
import { Turn } from "../turn.ts";

/** The types of a component that does nothing but talk with API servers. */
export interface ComponentTypes extends MachineTypes {
  readonly message: ApiMessage;
}

export const PODS: InformerSpec = Object.freeze({
  resource: "pods",
  labelSelector: "",
  fieldSelector: "",
  indexes: Object.freeze(["byNode", "byController"] as const),
  resyncUs: 0,
});

export function apiConfig(id: string, servers: readonly string[], informers: readonly InformerSpec[]): ApiConfig {
  return { id, user: `system:${id}`, servers, informers, ...API_DEFAULTS };
}

/** A component in a test: it keeps its state and its clock, and says what it does. */
export class Component {
  readonly config: ApiConfig;
  state: ApiState;
  now: number;
  /** When its timer fires; null: it is not set. */
  timerAt: number | null = null;
  /** What it has sent, to whom. */
  readonly sent: { readonly to: string; readonly message: ApiMessage }[] = [];
  readonly notes: string[] = [];

  constructor(config: ApiConfig, now = 0) {
    this.config = config;
    this.now = now;
    this.state = Api.boot(config, now);
  }

  start(): void {
    this.#step((api) => api.start());
  }

  call(request: ApiRequest, tag: Tag): void {
    this.#step((api) => api.call(request, tag));
  }

  stop(): void {
    this.#step((api) => api.stop());
  }

  receive(from: string, message: ApiMessage): News | null {
    return this.take({ kind: "receive", from, message, ...this.#clock() });
  }

  /** Lets the timer fire, at its time. */
  fire(): News | null {
    this.now = Math.max(this.now, this.timerAt ?? 0);
    this.timerAt = null;
    return this.take({ kind: "timer", name: API_TIMER, ...this.#clock() });
  }

  take(input: Input<ComponentTypes>): News | null {
    return this.#step((api) => api.take(input));
  }

  api(): Api<ComponentTypes> {
    return new Api<ComponentTypes>(this.config, this.state, new Turn<ComponentTypes>(this.#clock()));
  }

  /** What its cache of pods has, key and version of each. */
  cached(): readonly string[] {
    return mapEntries(this.state.informers[0]!.objects).map(
      ([key, object]) => `${key}@${object.metadata.resourceVersion}`,
    );
  }

  #clock(): ClockReading {
    return { now: this.now, wall: this.now };
  }

  #step<R>(run: (api: Api<ComponentTypes>) => R): R {
    const turn = new Turn<ComponentTypes>(this.#clock());
    const api = new Api<ComponentTypes>(this.config, this.state, turn);
    const result = run(api);
    this.state = api.state;
    for (const effect of turn.effects) this.#carryOut(effect);
    return result;
  }

  #carryOut(effect: Effect<ComponentTypes>): void {
    if (effect.kind === "send") this.sent.push({ to: effect.to, message: effect.message });
    else if (effect.kind === "setTimer") this.timerAt = this.now + effect.minUs;
    else if (effect.kind === "cancelTimer") this.timerAt = null;
    else if (effect.kind === "note") this.notes.push(effect.name);
  }
}
