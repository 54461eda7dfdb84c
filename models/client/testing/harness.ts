import { assert, type Effect, type Input, type Micros, type RequestId } from "../../kernel/index.ts";
import { type ClientConfig, type ClientRequest, type ClientState, type ClientTypes, storeClient } from "../index.ts";

/** The configuration of the tests. Durations in microseconds. */
export function testConfig(id: string, over: Partial<ClientConfig> = {}): ClientConfig {
  return {
    kind: "client",
    id,
    endpoints: ["a", "b", "c"],
    sessions: 2,
    requestTimeoutUs: 1_000_000,
    backoffUs: 100_000,
    backoffMaxUs: 1_000_000,
    attemptsMax: 6,
    watchSilenceUs: 2_000_000,
    clockDriftBound: 1.25,
    ...over,
  };
}

/** What the tests see of each step. */
export type Observer = (
  before: ClientState | null,
  after: ClientState,
  effects: readonly Effect<ClientTypes>[],
  input: Input<ClientTypes> | null,
) => void;

/**
 * One client whose messages and timers are in the hands of a test. It exists for the tests of this model; campaigns run in
 * the simulator.
 */
export class TestClient {
  now: Micros;
  state: ClientState;
  /** When each timer that is set may fire first. */
  readonly timers = new Map<string, Micros>();
  readonly #observe: Observer;

  constructor(config: ClientConfig, now: Micros, observe: Observer) {
    this.now = now;
    this.#observe = observe;
    const { state, effects } = storeClient.boot(null, config, { ...this.#clock(), hostBoots: 1 });
    this.state = state;
    observe(null, state, effects, null);
  }

  request(id: RequestId, body: ClientRequest): void {
    this.take({ kind: "request", id, body, ...this.#clock() });
  }

  receive(from: string, message: ClientTypes["message"]): void {
    this.take({ kind: "receive", from, message, ...this.#clock() });
  }

  /** Has a timer fire, and moves time on to when it may. */
  fire(name: string): void {
    const earliest = this.timers.get(name);
    assert(earliest !== undefined, `${name} is not set`);
    this.timers.delete(name);
    this.now = Math.max(this.now, earliest);
    this.take({ kind: "timer", name, ...this.#clock() });
  }

  take(input: Input<ClientTypes>): void {
    const before = this.state;
    const { state, effects } = storeClient.step(before, input);
    this.state = state;
    for (const effect of effects)
      if (effect.kind === "setTimer") this.timers.set(effect.name, this.now + effect.minUs);
      else if (effect.kind === "cancelTimer") this.timers.delete(effect.name);
    this.#observe(before, state, effects, input);
  }

  #clock(): { readonly now: number; readonly wall: number } {
    return { now: this.now, wall: this.now };
  }
}
