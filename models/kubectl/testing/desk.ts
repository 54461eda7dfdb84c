/** A person with kubectl in front of an API that stands in for the real one. For tests only. */

import { type ContractBreach, contractBreach } from "../../kernel/contract.ts";
import type { Effect, Input, Micros } from "../../kernel/index.ts";
import type { ApiRequest, ApiResponse } from "../../machinery/api.ts";
import type { KubeObject } from "../../machinery/kinds/index.ts";
import { FakeApi } from "../../machinery/testing/fake-api.ts";
import { kubectl } from "../index.ts";
import type { Command, KubectlConfig, KubectlResponse, KubectlState, KubectlTypes } from "../types.ts";

/** How a request is answered: by the API, by this, or not at all although it has happened. */
type Answering = (request: ApiRequest, number: number) => ApiResponse | "api" | "lost";

export const CONFIG: KubectlConfig = {
  kind: "kubectl",
  api: {
    id: "kubectl",
    user: "admin",
    servers: ["api-1", "api-2"],
    requestTimeoutUs: 2_000_000,
    pingAfterUs: 30_000_000,
    pingTimeoutUs: 15_000_000,
    backoffUs: 800_000,
    backoffMaxUs: 30_000_000,
    watchTimeoutUs: 300_000_000,
    informers: [],
  },
  sessions: 2,
  retryUs: 1_000_000,
  attemptsMax: 5,
  evictionRetryUs: 5_000_000,
  drainPollUs: 1_000_000,
  objects: [],
};

export class Desk {
  now: Micros = 1_000_000;
  readonly api = new FakeApi(() => this.now);
  readonly requests: ApiRequest[] = [];
  readonly replies = new Map<string, KubectlResponse>();
  readonly notes: string[] = [];
  answering: Answering = () => "api";
  state: KubectlState;
  readonly #config: KubectlConfig;
  readonly #inputs: Input<KubectlTypes>[] = [];
  readonly #timers = new Map<string, Micros>();
  #asked = 0;

  constructor(objects: readonly KubeObject[] = []) {
    this.#config = { ...CONFIG, objects };
    const step = kubectl.boot({ started: false }, this.#config, { now: this.now, wall: this.now, hostBoots: 1 });
    this.state = step.state;
    this.#carryOut(step.effects);
    this.run();
  }

  /** Asks, runs until nothing is left to do, and gives the answer, if there is one. */
  ask(command: Command, session = 0): KubectlResponse | undefined {
    const id = this.begin(command, session);
    this.run();
    return this.replies.get(id);
  }

  begin(command: Command, session = 0): string {
    const id = `q${++this.#asked}`;
    this.#take({ kind: "request", now: this.now, wall: this.now, id, body: { session, command } });
    return id;
  }

  /** Lets the time pass that its timers wait for. */
  run(seconds = 600): void {
    const until = this.now + seconds * 1_000_000;
    for (;;) {
      const [name, due] = [...this.#timers].sort((a, b) => a[1] - b[1])[0] ?? ["", Number.POSITIVE_INFINITY];
      if (due > until) return;
      this.#timers.delete(name);
      this.now = Math.max(this.now, due);
      this.#take({ kind: "timer", now: this.now, wall: this.now, name });
    }
  }

  /** The verbs of the requests so far, with what they are about. */
  said(): readonly string[] {
    return this.requests.map((request) => {
      const subresource = "subresource" in request && request.subresource !== "" ? `/${request.subresource}` : "";
      return `${request.verb} ${request.resource}${subresource}`;
    });
  }

  breach(): ContractBreach | null {
    const clock = { now: 1_000_000, wall: 1_000_000 };
    return contractBreach(kubectl, { durable: { started: false }, config: this.#config, clock, inputs: this.#inputs });
  }

  #take(input: Input<KubectlTypes>): void {
    this.#inputs.push(input);
    const step = kubectl.step(this.state, input);
    this.state = step.state;
    this.#carryOut(step.effects);
  }

  #carryOut(effects: readonly Effect<KubectlTypes>[]): void {
    for (const effect of effects) {
      if (effect.kind === "setTimer") this.#timers.set(effect.name, this.now + effect.minUs);
      if (effect.kind === "cancelTimer") this.#timers.delete(effect.name);
      if (effect.kind === "reply") this.replies.set(effect.id, effect.response);
      if (effect.kind === "note") this.notes.push(effect.name);
      if (effect.kind !== "send" || effect.message.kind !== "apiCall") continue;
      const { id, request } = effect.message;
      this.requests.push(request);
      const instead = this.answering(request, this.requests.length);
      const response = typeof instead === "string" ? this.api.call(request) : instead;
      if (instead === "lost" || response === null) continue;
      this.now += 1000;
      this.#take({
        kind: "receive",
        now: this.now,
        wall: this.now,
        from: effect.to,
        message: { kind: "apiAnswer", id, response },
      });
    }
  }
}
