/** A hand-driven store, to show a property what it should see and what it should not. */
import type {
  Attempt,
  ClientRequest,
  ClientResponse,
  ClientTypes,
  StoreWorldTypes,
  Work,
} from "../../models/client/types.ts";
import { appendAll, emptyOrderedMap, slice, vectorFrom } from "../../models/kernel/index.ts";
import type { Log } from "../../models/raft/types.ts";
import { applyCommand } from "../../models/store/apply.ts";
import { INITIAL_STORE } from "../../models/store/state.ts";
import type {
  Command,
  MemberTypes,
  PutRequest,
  RangeRequest,
  StoreMessage,
  StoreRequest,
  StoreResponse,
  StoreState,
} from "../../models/store/types.ts";
import type { Monitor } from "../../src/checkers/property.ts";
import type { ProcessView } from "../../src/simulator/system.ts";
import { configurationOf, logOf } from "../raft/testing.ts";
import type { Client, ClientState, Member, MemberState, StoreInput, StoreProperty } from "./store-property.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What a step changes in a member. */
export interface MemberChanges {
  readonly raft?: Partial<MemberState["raft"]>;
  readonly server?: Partial<MemberState["server"]>;
}

/** A write of one key. */
export function putOf(key: string, value: string, more: Partial<PutRequest> = {}): PutRequest {
  return { kind: "put", key, value, lease: 0, prevKv: false, ...more };
}

/** A linearizable read of a key, or up to `rangeEnd`. */
export function rangeOf(key: string, more: Partial<RangeRequest> = {}): RangeRequest {
  return {
    kind: "range",
    key,
    rangeEnd: "",
    limit: 0,
    revision: 0,
    serializable: false,
    keysOnly: false,
    countOnly: false,
    ...more,
  };
}

/** A piece of work that its session has just begun. */
export function newWork(id: string, request: Work["request"]): Work {
  const none = { attempts: 0, failures: 0, code: null, memo: {}, doubtful: false };
  return { id, request, step: "", call: null, ...none };
}

const TICK: StoreInput = { kind: "timer", now: 0, wall: 0, name: "tick" };

/** A store of members and clients whose steps are dictated, and the monitor of one property that watches it. */
export class StoreDrill {
  /** Explanations of all violations, in their order. */
  readonly violations: string[] = [];
  reached = false;
  /** Why the property could not be decided, or null. */
  undecided: string | null = null;
  now = 0;
  /** What the members agree on: the log, and what came of each of its commands. */
  #log: Log = logOf();
  readonly #contents: StoreState[] = [INITIAL_STORE];
  readonly #responses: (StoreResponse | null)[] = [null];
  readonly #processes: Mutable<Member | Client>[];
  readonly #monitor: Monitor<StoreWorldTypes>;

  constructor(
    property: StoreProperty,
    { members = ["m1", "m2", "m3"], clients = ["c1", "c2"] }: { members?: string[]; clients?: string[] } = {},
  ) {
    this.#processes = [
      ...members.map((id, index) => newMember(id, index, members)),
      ...clients.map((id, index) => newClient(id, members.length + index, members)),
    ];
    this.#monitor = property.monitor({
      processes: this.#processes as ProcessView<StoreWorldTypes>[],
      now: () => this.now,
      violate: (explanation) => this.violations.push(explanation),
      reach: () => {
        this.reached = true;
      },
      undecided: (reason) => {
        this.undecided ??= reason;
      },
    });
    for (const process of this.#processes) this.#monitor.onBoot?.(process);
  }

  // ---- Members

  /** The members agree on one more command. Nobody has applied it yet. */
  commit(op: Command["op"], id = `x${this.lastIndex + 1}`, term = 1): this {
    const command: Command = { id, op };
    const index = this.lastIndex + 1;
    const entry = { kind: "command" as const, term, command: JSON.stringify(command) };
    this.#log = { ...this.#log, entries: appendAll(this.#log.entries, [entry]) };
    const applied = applyCommand(this.contentAt(index - 1), command, index);
    this.#contents[index] = applied.state;
    this.#responses[index] = applied.response;
    return this;
  }

  /** A member applies what was agreed on, up to an index, in one step. */
  apply(id: string, upTo = this.lastIndex, changes: MemberChanges["raft"] = {}): this {
    const raft = {
      log: this.#log,
      commitIndex: upTo,
      lastApplied: upTo,
      application: this.contentAt(upTo),
      ...changes,
    };
    return this.step(id, { raft });
  }

  /** One more command is agreed on, and all members that are up apply it. */
  run(op: Command["op"], id?: string): this {
    this.commit(op, id);
    for (const process of this.#processes)
      if (process.config.kind === "member" && process.status === "up") this.apply(process.id);
    return this;
  }

  get lastIndex(): number {
    return this.#contents.length - 1;
  }

  /** The content after the command at an index. */
  contentAt(index = this.lastIndex): StoreState {
    return this.#contents[index]!;
  }

  /** What came of the command at an index. */
  responseAt(index = this.lastIndex): StoreResponse {
    return this.#responses[index]!;
  }

  /** A member takes a step to a changed state, of which Raft's part is then on its disk. */
  step(id: string, changes: MemberChanges, input: StoreInput = TICK): this {
    const member = this.member(id);
    const before = member.state;
    member.state = {
      kind: "member",
      config: before.config,
      raft: { ...before.raft, ...changes.raft },
      server: { ...before.server, ...changes.server },
    };
    this.#monitor.onStep?.(member, before, member.state, input);
    const { currentTerm, votedFor, snapshot, log } = member.state.raft;
    member.durable = { ...member.durable, raft: { hardState: { currentTerm, votedFor }, snapshot, log } };
    return this;
  }

  /** A member becomes leader of a term. */
  lead(id: string, term: number): this {
    return this.step(id, { raft: { role: "leader", currentTerm: term, leaderId: id } });
  }

  /** What a member has applied is committed to its backend. */
  commitBackend(id: string): this {
    const member = this.member(id);
    const content = member.state.raft.application;
    member.durable = { ...member.durable, backend: { consistentIndex: content.consistentIndex, content } };
    return this;
  }

  /** A member starts from its disk: Raft from the beginning of its log, the content as the backend has it. */
  boot(id: string, changes: MemberChanges = {}): this {
    const member = this.member(id);
    const { raft, backend } = member.durable;
    const fresh = newMemberState(member.config);
    member.status = "up";
    member.state = {
      kind: "member",
      config: member.config,
      raft: {
        ...fresh.raft,
        currentTerm: raft.hardState.currentTerm,
        votedFor: raft.hardState.votedFor,
        log: raft.log,
        snapshot: raft.snapshot,
        application: backend?.content ?? INITIAL_STORE,
        ...changes.raft,
      },
      server: { ...fresh.server, ...changes.server },
    };
    this.#monitor.onBoot?.(member);
    return this;
  }

  // ---- Clients

  /** A client sends a call to a member, from its first session. */
  call(client: string, member: string, id: string, request: StoreRequest): this {
    const attempt: Attempt = { id, endpoint: member, request, sentAt: this.now };
    this.#attempt(client, attempt, TICK);
    return this.send(client, member, { kind: "call", id, request });
  }

  /** A member answers a call, and the client takes the answer. */
  answer(member: string, client: string, id: string, response: StoreResponse): this {
    const message: StoreMessage = { kind: "answer", id, response };
    this.send(member, client, message);
    return this.take(client, member, message);
  }

  /** A client takes a message. An answer to the call of its first session ends that. */
  take(client: string, from: string, message: StoreMessage): this {
    const { attempt } = this.client(client).state.sessions[0]!;
    const answered = message.kind === "answer" && attempt?.id === message.id;
    return this.#attempt(client, answered ? null : attempt, { kind: "receive", now: 0, wall: 0, from, message });
  }

  /** A member refuses a call, or does not know what came of it. */
  refuse(
    member: string,
    client: string,
    id: string,
    code: "timeout" | "leaderChanged" | "notLeader" | "noLeader",
  ): this {
    return this.answer(member, client, id, { kind: "error", code, leaderHint: null });
  }

  /** A client sends a call, and is answered when all members have applied it. */
  write(client: string, member: string, id: string, op: StoreRequest & Command["op"]): this {
    return this.call(client, member, id, op).run(op, id).answer(member, client, id, this.responseAt());
  }

  /** A client stops waiting for an answer. */
  giveUp(client: string): this {
    return this.#attempt(client, null, TICK);
  }

  /** A client takes a step to a changed state. */
  stepClient(id: string, changes: Partial<ClientState>, input: StoreInput = TICK): this {
    const client = this.client(id);
    const before = client.state;
    client.state = { ...before, ...changes };
    this.#monitor.onStep?.(client, before, client.state, input);
    return this;
  }

  /** A client is asked to do a piece of work. */
  ask(client: string, id: string, body: ClientRequest): this {
    this.#monitor.onRequest?.(this.process(client), id, body);
    return this;
  }

  /** A client tells what came of a piece of work. */
  done(
    client: string,
    id: string,
    result: ClientResponse["result"] = null,
    outcome: ClientResponse["outcome"] = "ok",
  ): this {
    this.#monitor.onReply?.(this.process(client), id, { kind: "done", outcome, code: null, result, answer: null });
    return this;
  }

  #attempt(id: string, attempt: Attempt | null, input: StoreInput): this {
    const [first, ...others] = this.client(id).state.sessions;
    return this.stepClient(id, { sessions: [{ ...first!, attempt }, ...others] }, input);
  }

  // ---- All

  send(from: string, to: string, message: StoreMessage): this {
    this.#monitor.onSend?.(this.process(from), to, message);
    return this;
  }

  /** A process crashes; its disk holds what it holds. A client that crashes starts again at once, with nothing. */
  crash(id: string): this {
    const process = this.process(id);
    process.status = "down";
    process.incarnation++;
    this.#monitor.onCrash?.(process);
    if (process.config.kind === "client") {
      process.status = "up";
      process.state = newClientState(process.config);
      this.#monitor.onBoot?.(process);
    }
    return this;
  }

  note(id: string, name: string): this {
    this.#monitor.onNote?.(this.process(id), name);
    return this;
  }

  atEnd(): this {
    this.#monitor.atEnd?.();
    return this;
  }

  /** What is pending, or null. */
  get pending(): string | null {
    return this.#monitor.pending?.() ?? null;
  }

  /** The first violation, or null. */
  get violated(): string | null {
    return this.violations[0] ?? null;
  }

  member(id: string): Mutable<Member> {
    return this.process(id) as Mutable<Member>;
  }

  client(id: string): Mutable<Client> {
    return this.process(id) as Mutable<Client>;
  }

  process(id: string): Mutable<Member | Client> {
    const found = this.#processes.find((process) => process.id === id);
    if (found === undefined) throw new Error(`no process ${id}`);
    return found;
  }
}

/** The log without its entries up to an index. */
export function logAfter(log: Log, index: number): Log {
  const entries = vectorFrom(slice(log.entries, index - log.prevIndex, log.entries.length));
  return { prevIndex: index, prevTerm: 1, entries };
}

function newMember(id: string, index: number, ids: readonly string[]): Mutable<Member> {
  const config: MemberTypes["config"] = {
    kind: "member",
    raft: {
      id,
      initialConfiguration: configurationOf(ids),
      heartbeatIntervalUs: 10_000,
      electionTimeoutUs: 100_000,
      electionTimeoutMaxUs: 200_000,
      preVote: true,
      checkQuorum: true,
      readMode: "readIndex",
      clockDriftBound: 1.1,
      pipelining: true,
      inflightAppendsMax: 8,
      entriesPerAppendMax: 8,
      fastBackup: true,
      snapshotEntries: 0,
      snapshotCatchUpEntries: 0,
      pendingProposalsMax: 64,
      promotionLagMax: 8,
      forwardReads: true,
      autoLeave: true,
    },
    forwardProposals: true,
    requestTimeoutUs: 1_000_000,
    readRetryIntervalUs: 100_000,
    backendBatchIntervalUs: 100_000,
    backendBatchLimit: 100,
    scrubDelayUs: 100_000,
    leaseCheckIntervalUs: 100_000,
    leaseCheckpointIntervalUs: 1_000_000,
    leaseTtlMinUs: 300_000,
    watchSyncIntervalUs: 100_000,
    watchProgressIntervalUs: 1_000_000,
    watchWindow: 16,
    watchBatchRevisionsMax: 16,
    watchFragmentEvents: 16,
    watchStreamTimeoutUs: 1_000_000,
    txnOpsMax: 128,
  };
  const durable: Member["durable"] = {
    raft: { hardState: { currentTerm: 0, votedFor: null }, snapshot: null, log: logOf() },
    backend: null,
  };
  return { id, index, host: id, status: "up", incarnation: 0, state: newMemberState(config), durable, config };
}

function newMemberState(config: MemberTypes["config"]): MemberState {
  return {
    kind: "member",
    config,
    raft: {
      config: config.raft,
      role: "follower",
      currentTerm: 0,
      votedFor: null,
      leaderId: null,
      log: logOf(),
      snapshot: null,
      commitIndex: 0,
      lastApplied: 0,
      application: INITIAL_STORE,
      configurations: [{ index: 0, configuration: config.raft.initialConfiguration }],
      votes: [],
      leader: null,
      pendingProposals: [],
      forwardedReads: [],
      leaderContactAt: 0,
    },
    server: {
      bootedAt: 0,
      ids: 0,
      waits: [],
      reads: { asked: null, waiting: [] },
      lessor: { primaryTerm: 0, clocks: [], confirming: null },
      watchers: [],
      forwarded: { term: 0, ids: emptyOrderedMap<true>(), earlier: emptyOrderedMap<true>() },
      committedIndex: 0,
      timers: [],
    },
  };
}

function newClient(id: string, index: number, endpoints: readonly string[]): Mutable<Client> {
  const config: ClientTypes["config"] = {
    kind: "client",
    id,
    endpoints,
    sessions: 2,
    requestTimeoutUs: 1_000_000,
    backoffUs: 10_000,
    backoffMaxUs: 100_000,
    attemptsMax: 10,
    watchSilenceUs: 1_000_000,
    clockDriftBound: 1.1,
  };
  const state = newClientState(config);
  return { id, index, host: id, status: "up", incarnation: 0, state, durable: null, config };
}

function newClientState(config: ClientTypes["config"]): ClientState {
  const session = { work: null, attempt: null, queue: [], endpoint: 0, lease: null };
  return {
    kind: "client",
    config,
    bootedAt: 0,
    ids: 0,
    leases: 0,
    sessions: Array.from({ length: config.sessions }, () => session),
    watches: [],
    seenRevision: 1,
  };
}
