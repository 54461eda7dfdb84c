import { assert, type Effect, type Input, type Micros, type ProcessId } from "../../kernel/index.ts";
import type {
  Command,
  ErrorCode,
  Key,
  KeyValue,
  LeaseId,
  RangeRequest,
  Revision,
  StoreEvent,
  StoreMessage,
  StoreRequest,
  StoreResponse,
  TxnRequest,
  WatchResponse,
} from "../../store/types.ts";
import type { ClientConfig, ClientRequest, ClientResponse, ClientTypes } from "../index.ts";
import { TestClient, testConfig } from "./harness.ts";

/** What the walk needs of a store. It is handed in, as a model has nothing but types of another. */
export interface WalkStore {
  readonly revision: Revision;
  readonly compactRevision: Revision;
  readonly changes: readonly (readonly KeyValue[])[];
  readonly terms: ReadonlyMap<LeaseId, { readonly ttlUs: Micros }>;
  apply(command: Command): StoreResponse;
  range(request: RangeRequest): StoreResponse;
  txn(request: TxnRequest): StoreResponse;
}

/** From a boot to a crash or the end: what a client was given. */
export interface Life {
  readonly config: ClientConfig;
  readonly bootedAt: Micros;
  readonly inputs: Input<ClientTypes>[];
}

/** What came of a walk. */
export interface WalkResult {
  readonly lives: readonly Life[];
  readonly asked: ReadonlyMap<string, ClientRequest>;
  /** Requests of a client that crashed have none. */
  readonly answered: ReadonlyMap<string, ClientResponse>;
  readonly abandoned: ReadonlySet<string>;
  readonly notes: ReadonlySet<string>;
  /** All that a watch has handed on, by its work. */
  readonly seen: ReadonlyMap<string, readonly StoreEvent[]>;
  /** Revisions that a watch had to skip, as they were compacted. */
  readonly skipped: ReadonlyMap<string, ReadonlySet<Revision>>;
  /** For each watch that was open at the end: behind which revision it has seen all. */
  readonly nextRevisions: ReadonlyMap<string, Revision>;
}

interface Happening {
  readonly at: Micros;
  readonly order: number;
  readonly run: () => void;
}

interface Stream {
  readonly client: number;
  readonly watchId: string;
  readonly prefix: Key;
  readonly filtered: (key: Key) => boolean;
  nextRevision: Revision;
  sequence: number;
}

const MEMBERS = ["a", "b", "c"] as const;
/** How fast the clients' clocks run, against the store's. */
const RATES = [1, 1.1, 0.9] as const;
const TROUBLE_US = 30_000_000;
const END_US = 90_000_000;

/**
 * Walks at random through what clients of one linearizable store can meet: lost and late messages, refusals, commands
 * that happen without an answer, or later, or never, streams that break, compactions, crashes, clocks that drift. After a
 * time the trouble ends, and everything has to.
 */
export function walk(seed: number, store: WalkStore, check: (run: Walk) => void): WalkResult {
  const run = new Walk(seed, store, check);
  return run.go();
}

/** A walk under way. */
export class Walk {
  now: Micros = 0;
  readonly clients: TestClient[] = [];
  readonly store: WalkStore;
  readonly #check: (run: Walk) => void;
  readonly #configs: ClientConfig[] = [];
  readonly #lives: Life[] = [];
  readonly #current: Life[] = [];
  readonly #asked = new Map<string, ClientRequest>();
  readonly #answered = new Map<string, ClientResponse>();
  readonly #abandoned = new Set<string>();
  readonly #notes = new Set<string>();
  readonly #seen = new Map<string, StoreEvent[]>();
  readonly #skipped = new Map<string, Set<Revision>>();
  readonly #expiresAt = new Map<LeaseId, Micros>();
  readonly #streams: Record<string, Stream[]> = { a: [], b: [], c: [] };
  /** The last arrival on each link: what goes over a connection comes in order. */
  readonly #arrivals = new Map<string, Micros>();
  #happenings: Happening[] = [];
  #orders = 0;
  #random: number;

  constructor(seed: number, store: WalkStore, check: (run: Walk) => void) {
    this.#random = seed | 0;
    this.store = store;
    this.#check = check;
    for (let at = 0; at < 3; at++) {
      this.#configs.push(testConfig(`c${at + 1}`, { attemptsMax: 12 }));
      this.#boot(at);
    }
  }

  go(): WalkResult {
    // Several at a time, so that they meet.
    for (let n = 0; n < 60; n++) this.#later(this.#below(15) * 2_000_000 + this.#below(30_000), () => this.#ask(n));
    for (let n = 0; n < 2; n++) this.#later(this.#below(TROUBLE_US), () => this.#crash(this.#below(3)));
    for (let us = 0; us < END_US; us += 250_000) this.#later(us, () => this.#tick());
    while (this.#happenings.length > 0) {
      this.#happenings.sort((left, right) => left.at - right.at || left.order - right.order);
      const { at, run } = this.#happenings.shift()!;
      if (at > END_US) break;
      this.now = at;
      run();
    }
    const nextRevisions = new Map<string, Revision>();
    for (const { state } of this.clients)
      for (const { work, nextRevision } of state.watches) nextRevisions.set(work, nextRevision);
    return {
      lives: this.#lives,
      asked: this.#asked,
      answered: this.#answered,
      abandoned: this.#abandoned,
      notes: this.#notes,
      seen: this.#seen,
      skipped: this.#skipped,
      nextRevisions,
    };
  }

  /** What a client's clock shows. */
  clock(client: number): Micros {
    return Math.floor(this.now * RATES[client]!);
  }

  #below(bound: number): number {
    // mulberry32
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#random ^ (this.#random >>> 15), 1 | this.#random);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  }

  #trouble(percent: number): boolean {
    return this.now < TROUBLE_US && this.#below(100) < percent;
  }

  #later(us: Micros, run: () => void): void {
    this.#happenings.push({ at: this.now + us, order: this.#orders++, run });
  }

  #overLink(from: string, to: string, run: () => void): void {
    if (this.#trouble(4)) return;
    const us = this.#trouble(3) ? this.#below(2_000_000) : 500 + this.#below(20_000);
    const at = Math.max(this.now + us, this.#arrivals.get(from + to) ?? 0);
    this.#arrivals.set(from + to, at);
    this.#later(at - this.now, run);
  }

  #boot(at: number): void {
    const config = this.#configs[at]!;
    const bootedAt = this.clock(at);
    const life: Life = { config, bootedAt, inputs: [] };
    this.#lives.push(life);
    this.#current[at] = life;
    this.clients[at] = new TestClient(config, bootedAt, (before, after, effects, input) => {
      if (input !== null) life.inputs.push(input);
      for (const watch of after.watches) {
        const earlier = before?.watches.find(({ work }) => work === watch.work);
        if (effects.some((effect) => effect.kind === "note" && effect.name === "client/watch/compacted"))
          this.#skip(watch.work, earlier?.nextRevision ?? 0, watch.nextRevision);
        if (watch.batches === (earlier?.batches ?? 0)) continue;
        this.#seen.set(watch.work, [...(this.#seen.get(watch.work) ?? []), ...watch.batch]);
      }
      for (const effect of effects) this.#carryOut(at, life, effect);
    });
  }

  #skip(work: string, from: Revision, to: Revision): void {
    const skipped = this.#skipped.get(work) ?? new Set();
    for (let revision = from; revision < to; revision++) skipped.add(revision);
    this.#skipped.set(work, skipped);
  }

  #crash(at: number): void {
    for (const { work, queue } of this.clients[at]!.state.sessions)
      for (const { id } of work === null ? queue : [work, ...queue]) this.#abandoned.add(id);
    for (const { work } of this.clients[at]!.state.watches) this.#abandoned.add(work);
    this.#boot(at);
  }

  /** Gives a client an input, at the time that its clock shows. */
  #give(at: number, give: (client: TestClient) => void): void {
    const client = this.clients[at]!;
    client.now = this.clock(at);
    give(client);
    this.#check(this);
  }

  #carryOut(at: number, life: Life, effect: Effect<ClientTypes>): void {
    switch (effect.kind) {
      case "send": {
        const { to, message } = effect;
        this.#overLink(life.config.id, to, () => this.#serve(to, at, message));
        return;
      }
      case "setTimer": {
        const local = effect.minUs + this.#below(effect.maxUs - effect.minUs + 1);
        const due = this.clock(at) + local;
        this.#later(Math.ceil(local / RATES[at]!) + 1, () => this.#fire(at, life, effect.name, due));
        this.#due.set(`${at} ${effect.name}`, due);
        return;
      }
      case "cancelTimer":
        this.#due.delete(`${at} ${effect.name}`);
        return;
      case "reply":
        assert(!this.#answered.has(effect.id), `${effect.id} is answered twice`);
        this.#answered.set(effect.id, effect.response);
        return;
      case "note":
        this.#notes.add(effect.name);
        return;
      default:
        assert(false, "a client writes nothing");
    }
  }

  readonly #due = new Map<string, Micros>();

  #fire(at: number, life: Life, name: string, due: Micros): void {
    if (this.#current[at] !== life || this.#due.get(`${at} ${name}`) !== due) return;
    this.#due.delete(`${at} ${name}`);
    this.#give(at, (client) => client.fire(name));
  }

  #ask(n: number): void {
    const at = this.#below(3);
    const id = `r${n}`;
    const body = this.#request(n);
    this.#asked.set(id, body);
    this.#give(at, (client) => client.request(id, body));
  }

  #request(n: number): ClientRequest {
    const session = this.#below(4) - 1;
    switch (this.#below(13)) {
      case 0:
        return { kind: "setAdd", session, set: "s", element: `e${n}` };
      case 1:
        return { kind: "setRead", session, set: "s" };
      case 2:
      case 3:
        return { kind: "enqueue", session, queue: "q", value: `v${n}` };
      case 4:
        return { kind: "dequeue", session, queue: "q" };
      case 5:
        return { kind: "transfer", session, from: "x", to: "y", amount: this.#below(3) };
      case 6:
      case 7: {
        const proclaim = this.#below(2) === 0 ? `p${n}` : null;
        return { kind: "lock", session, name: "l", ttlUs: 3_000_000, holdUs: this.#below(4_000_000), proclaim };
      }
      case 8:
        return { kind: "leaseHold", session, ttlUs: 2_000_000, keys: [`h${n}`, "h"], keepUs: this.#below(4_000_000) };
      case 9: {
        const rest = { prevKv: false, filters: [], progressNotify: true, fragment: true };
        const create = { key: "a", rangeEnd: "z", startRevision: this.#below(2), ...rest };
        return { kind: "watch", session, create, forUs: this.#below(2) * 20_000_000 };
      }
      case 10:
        return { kind: "compactTo", session, keep: this.#below(6) };
      default:
        return { kind: "increment", session, key: "n" };
    }
  }

  /** A member takes what a client says. */
  #serve(member: ProcessId, at: number, message: StoreMessage): void {
    const streams = this.#streams[member]!;
    switch (message.kind) {
      case "call":
        this.#call(member, at, message.id, message.request);
        return;
      case "watchCreate": {
        if (this.#trouble(10)) return;
        const { watchId, create } = message;
        const { key, rangeEnd, startRevision } = create;
        const nextRevision = startRevision === 0 ? this.store.revision + 1 : startRevision;
        const filtered = (candidate: Key): boolean => candidate >= key && candidate < rangeEnd;
        const stream = { client: at, watchId, prefix: key, filtered, nextRevision, sequence: 0 };
        streams.push(stream);
        this.#push(member, stream, { created: true });
        return;
      }
      case "watchCancel":
        this.#streams[member] = streams.filter(({ watchId }) => watchId !== message.watchId);
        return;
      case "watchProgress":
      case "watchAck": {
        const stream = streams.find(({ watchId }) => watchId === message.watchId);
        if (stream === undefined) {
          const none = { client: at, watchId: message.watchId, prefix: "", filtered: () => false };
          this.#push(member, { ...none, nextRevision: 0, sequence: 0 }, { canceled: true });
        } else if (message.kind === "watchProgress") {
          this.#feed(member, stream);
          if (stream.nextRevision > this.store.revision) this.#push(member, stream, {});
        }
        return;
      }
      default:
        assert(false, `a client said ${message.kind}`);
    }
  }

  /** A member forgets its streams, leases expire, watchers are told. */
  #tick(): void {
    for (const [id, expiresAt] of this.#expiresAt) {
      if (this.now < expiresAt) continue;
      this.#expiresAt.delete(id);
      this.store.apply({ id: "expiry", op: { kind: "leaseRevoke", id } });
    }
    for (const member of MEMBERS) {
      if (this.#trouble(1)) this.#streams[member] = [];
      if (this.#trouble(20)) continue;
      for (const stream of [...this.#streams[member]!]) this.#feed(member, stream);
    }
  }

  #feed(member: ProcessId, stream: Stream): void {
    const { store } = this;
    if (stream.nextRevision <= store.revision && stream.nextRevision < store.compactRevision) {
      this.#push(member, stream, { canceled: true, compactRevision: store.compactRevision });
      this.#streams[member] = this.#streams[member]!.filter((other) => other !== stream);
      return;
    }
    const events: StoreEvent[] = [];
    for (; stream.nextRevision <= store.revision; stream.nextRevision++)
      for (const kv of store.changes[stream.nextRevision]!)
        if (stream.filtered(kv.key)) events.push({ type: kv.version === 0 ? "delete" : "put", kv, prevKv: null });
    for (let from = 0; from < events.length; from += 2)
      this.#push(member, stream, { events: events.slice(from, from + 2), fragment: from + 2 < events.length });
  }

  #push(member: ProcessId, stream: Stream, said: Partial<WatchResponse>): void {
    const message: WatchResponse = {
      kind: "watchResponse",
      watchId: stream.watchId,
      sequence: stream.sequence++,
      created: false,
      canceled: false,
      compactRevision: 0,
      revision: this.store.revision,
      events: [],
      fragment: false,
      ...said,
    };
    this.#send(member, stream.client, message);
  }

  #send(member: ProcessId, at: number, message: StoreMessage): void {
    const life = this.#current[at]!;
    this.#overLink(member, life.config.id, () => {
      if (this.#current[at] === life) this.#give(at, (client) => client.receive(member, message));
    });
  }

  #call(member: ProcessId, at: number, id: string, request: StoreRequest): void {
    const answer = (response: StoreResponse): void => this.#send(member, at, { kind: "answer", id, response });
    const error = (code: ErrorCode): void =>
      answer({ kind: "error", code, leaderHint: this.#below(2) === 0 ? null : MEMBERS[this.#below(3)]! });
    if (this.#trouble(15)) error((["noLeader", "notLeader", "tooManyRequests"] as const)[this.#below(3)]!);
    else if (this.#trouble(3)) error("timeout");
    else if (this.#trouble(6)) {
      // It happens, but later, when its client may know no more of it.
      this.#later(this.#below(4_000_000), () => answer(this.#carryOutCall(request)));
    } else {
      const response = this.#carryOutCall(request);
      if (this.#trouble(3)) error("leaderChanged");
      else answer(response);
    }
  }

  #carryOutCall(request: StoreRequest): StoreResponse {
    const { store } = this;
    switch (request.kind) {
      case "range":
        return store.range(request);
      case "txn":
        return store.txn(request);
      case "leaseKeepAlive": {
        const term = store.terms.get(request.id);
        if (term === undefined) return { kind: "error", code: "leaseNotFound", leaderHint: null };
        this.#expiresAt.set(request.id, this.now + term.ttlUs);
        return { kind: "leaseKeepAlive", revision: store.revision, id: request.id, ttlUs: term.ttlUs };
      }
      case "leaseTimeToLive":
      case "defragment":
      case "moveLeader":
        return assert(false, `no client asks for ${request.kind}`) as never;
      default: {
        const response = store.apply({ id: "", op: request });
        if (response.kind === "leaseGrant") this.#expiresAt.set(response.id, this.now + response.ttlUs);
        return response;
      }
    }
  }
}
