import { describe, expect, test } from "vitest";
import type { Effect } from "../../kernel/index.ts";
import type { ApiClientMessage, ApiMessage } from "../api.ts";
import type { Lease } from "../kinds/index.ts";
import { apiConfig, type ComponentTypes } from "../testing/component.ts";
import { FakeServer, FakeStore } from "../testing/fake-server.ts";
import { Turn } from "../turn.ts";
import { API_TIMER, Api } from "./api.ts";
import { bootElection, ELECTION_DEFAULTS, ELECTION_TIMER, Election, type ElectionState } from "./election.ts";
import type { ApiConfig, ApiState } from "./types.ts";

const CONFIG = { namespace: "kube-system", name: "kube-scheduler", ...ELECTION_DEFAULTS };
const KEY = "kube-system/kube-scheduler";

/** Candidates of one lease on one server; each message takes a millisecond, unless its candidate is cut off. */
class Polls {
  readonly store = new FakeStore();
  readonly server = new FakeServer("api-1", this.store);
  now = 0;
  readonly candidates: Candidate[];
  readonly agenda: { readonly at: number; readonly run: () => void }[] = [];

  constructor(names: readonly string[]) {
    this.candidates = names.map((name) => new Candidate(this, name));
    for (const candidate of this.candidates) candidate.step((election) => election.start());
  }

  run(untilUs: number): void {
    for (;;) {
      const timers = this.candidates.flatMap((candidate) =>
        [...candidate.timers].map(([name, at]) => ({ at, run: () => candidate.fire(name) })),
      );
      const next = [...this.agenda, ...timers].sort((one, two) => one.at - two.at)[0];
      if (next === undefined || next.at > untilUs) break;
      this.now = Math.max(this.now, next.at);
      const index = this.agenda.indexOf(next);
      if (index >= 0) this.agenda.splice(index, 1);
      next.run();
    }
    this.now = untilUs;
  }

  get leaders(): readonly string[] {
    return this.candidates.filter(({ election }) => election.leading).map(({ name }) => name);
  }

  get lease(): Lease {
    return this.store.objects.get(KEY) as Lease;
  }
}

class Candidate {
  readonly polls: Polls;
  readonly name: string;
  readonly config: ApiConfig;
  api: ApiState;
  election: ElectionState;
  readonly timers = new Map<string, number>();
  cutOff = false;

  constructor(polls: Polls, name: string) {
    this.polls = polls;
    this.name = name;
    this.config = apiConfig(name, ["api-1"], []);
    this.api = Api.boot(this.config, 0);
    this.election = bootElection(name, { now: 0, wall: 0 });
  }

  fire(name: string): void {
    this.timers.delete(name);
    this.step((election, api) => {
      const input = { kind: "timer", name, now: this.polls.now, wall: 0 } as const;
      if (election.take(input)) return;
      for (const answer of api.take(input)!.answers) election.answered(answer);
    });
  }

  receive(message: ApiMessage): void {
    this.step((election, api) => {
      const input = { kind: "receive", from: "api-1", message, now: this.polls.now, wall: 0 } as const;
      for (const answer of api.take(input)!.answers) expect(election.answered(answer)).toBe(true);
    });
  }

  step(run: (election: Election<ComponentTypes>, api: Api<ComponentTypes>) => void): void {
    const turn = new Turn<ComponentTypes>({ now: this.polls.now, wall: this.polls.now });
    const api = new Api<ComponentTypes>(this.config, this.api, turn);
    const election = new Election<ComponentTypes>(CONFIG, this.election, api, turn);
    run(election, api);
    this.api = api.state;
    this.election = election.state;
    for (const effect of turn.effects) this.#carryOut(effect);
  }

  #carryOut(effect: Effect<ComponentTypes>): void {
    const { now } = this.polls;
    if (effect.kind === "setTimer") this.timers.set(effect.name, now + effect.maxUs);
    if (effect.kind !== "send" || this.cutOff) return;
    this.polls.agenda.push({
      at: now + 1000,
      run: () => {
        this.polls.server.receive(this.name, effect.message as ApiClientMessage);
        for (const { message } of this.polls.server.out.splice(0))
          if (!this.cutOff) this.polls.agenda.push({ at: this.polls.now + 1000, run: () => this.receive(message) });
      },
    });
  }
}

describe("leader election", () => {
  test("one creates the lease and leads; the other waits as long as it is renewed", () => {
    const polls = new Polls(["a", "b"]);
    polls.run(100_000_000);
    expect(polls.leaders).toEqual(["a"]);
    expect(polls.lease.spec).toMatchObject({
      holderIdentity: polls.candidates[0]!.election.identity,
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
      acquireTime: "2026-01-01T00:00:00.002000Z",
    });
    expect(polls.lease.spec!.renewTime! > "2026-01-01T00:01:37").toBe(true);
  });

  test("a leader that is cut off leads no more after 12 s, before another can take over", () => {
    const polls = new Polls(["a", "b"]);
    polls.run(10_000_000);
    polls.candidates[0]!.cutOff = true;
    const renewed = polls.candidates[0]!.election.observedAt;
    let both = 0;
    let none: number | null = null;
    let next: number | null = null;
    for (let now = 10_000_000; now < 60_000_000; now += 50_000) {
      polls.run(now);
      if (polls.leaders.length > 1) both++;
      if (polls.leaders.length === 0) none ??= now;
      if (polls.leaders[0] === "b") next ??= now;
    }
    expect(both).toBe(0);
    expect((none! - renewed) / 1_000_000).toBeCloseTo(12, 0);
    expect((next! - renewed) / 1_000_000).toBeGreaterThan(14);
    expect((next! - renewed) / 1_000_000).toBeLessThan(22);
    expect(polls.lease.spec!.leaseTransitions).toBe(1);
  });

  test("a leader whose lease was changed by somebody looks, and goes on", () => {
    const polls = new Polls(["a"]);
    polls.run(10_000_000);
    polls.store.put({ ...polls.lease, metadata: { ...polls.lease.metadata, labels: { x: "1" } } });
    polls.run(20_000_000);
    expect(polls.leaders).toEqual(["a"]);
    expect(polls.lease.metadata.labels).toEqual({ x: "1" });
    expect(polls.lease.spec!.leaseTransitions).toBe(0);
  });

  test("the lease's own times decide nothing: they are of another one's clock", () => {
    const polls = new Polls(["a"]);
    const late = { holderIdentity: "other", leaseDurationSeconds: 15, renewTime: "2020-01-01T00:00:00.000000Z" };
    polls.store.put({
      apiVersion: "v1",
      kind: "Lease",
      metadata: { name: CONFIG.name, namespace: CONFIG.namespace },
      spec: late,
    } as Lease);
    polls.run(14_000_000);
    expect(polls.leaders).toEqual([]);
    polls.run(20_000_000);
    expect(polls.leaders).toEqual(["a"]);
  });

  test("timers are its own and the client's", () => {
    const polls = new Polls(["a"]);
    polls.run(10_000_000);
    expect([...polls.candidates[0]!.timers.keys()].sort()).toEqual([API_TIMER, ELECTION_TIMER]);
  });
});
