/** A hand-driven cluster, to show a property what it should see and what it should not. */
import { emptyVector, type Input, slice, vectorFrom } from "../../models/kernel/index.ts";
import type {
  Configuration,
  Entry,
  LeaderState,
  Log,
  Progress,
  RaftConfig,
  RaftDurable,
  RaftMessage,
  RaftRequest,
  RaftResponse,
  RaftTypes,
  Snapshot,
} from "../../models/raft/types.ts";
import type { Monitor } from "../../src/checkers/property.ts";
import type { Member, MemberState, RaftProperty } from "./raft-property.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type RaftInput = Input<RaftTypes<unknown>>;

/** A configuration; joint when there are outgoing voters. */
export function configurationOf(
  voters: readonly string[],
  votersOutgoing: readonly string[] = [],
  learners: readonly string[] = [],
): Configuration {
  return { voters, votersOutgoing, learners, learnersNext: [] };
}

/** A log of commands with these terms, from index 1 on, or of the given entries. Equal indexes and terms are equal entries. */
export function logOf(...items: readonly (number | Entry)[]): Log {
  const entries = items.map((item, i) => (typeof item === "number" ? commandOf(item, `c${i + 1}.${item}`) : item));
  return { prevIndex: 0, prevTerm: 0, entries: entries.length === 0 ? emptyVector<Entry>() : vectorFrom(entries) };
}

/** A command of a term. */
export function commandOf(term: number, command: string): Entry {
  return { kind: "command", term, command };
}

/** An entry with a configuration. */
export function configurationEntry(term: number, configuration: Configuration): Entry {
  return { kind: "configuration", term, configuration };
}

/** The log without its entries up to an index. */
export function compacted(log: Log, index: number): Log {
  const kept = slice(log.entries, index - log.prevIndex, log.entries.length);
  const last = slice(log.entries, index - log.prevIndex - 1, index - log.prevIndex)[0]!;
  return { prevIndex: index, prevTerm: last.term, entries: vectorFrom(kept) };
}

/** A snapshot of a cluster of these voters. */
export function snapshotOf(
  index: number,
  term: number,
  voters: readonly string[],
  application: unknown = 0,
): Snapshot<unknown> {
  return { index, term, configuration: configurationOf(voters), application };
}

/** What a leader has in memory, when it knows how far each peer matches. */
export function leaderOf(matchIndexes: Readonly<Record<string, number>> = {}): LeaderState {
  const progress = Object.entries(matchIndexes).map(
    ([id, matchIndex]): Progress => ({
      id,
      matchIndex,
      nextIndex: matchIndex + 1,
      mode: "replicate",
      paused: false,
      inflight: [],
      pendingSnapshot: 0,
      ackedRound: 0,
      recentActive: true,
    }),
  );
  return {
    progress,
    round: 0,
    roundSentAt: [],
    leaseUntil: 0,
    pendingReads: [],
    leadTransferee: null,
    leaseForfeited: false,
  };
}

/** Something arrives from a member. */
export function received(from: string, message: RaftMessage<unknown>): RaftInput {
  return { kind: "receive", now: 0, wall: 0, from, message };
}

const TICK: RaftInput = { kind: "timer", now: 0, wall: 0, name: "election" };

/** A cluster of members whose steps are dictated, and the monitor of one property that watches it. */
export class Drill {
  /** Explanations of all violations, in their order. */
  readonly violations: string[] = [];
  reached = false;
  now = 0;
  readonly #members: Mutable<Member>[];
  readonly #monitor: Monitor<RaftTypes<unknown>>;

  constructor(property: RaftProperty, ids: readonly string[], configuration: Configuration = configurationOf(ids)) {
    this.#members = ids.map((id, index) => newMember(id, index, configuration));
    this.#monitor = property.monitor({
      processes: this.#members,
      now: () => this.now,
      violate: (explanation) => this.violations.push(explanation),
      reach: () => {
        this.reached = true;
      },
      undecided: () => {},
    });
    for (const member of this.#members) this.#monitor.onBoot?.(member);
  }

  /** A member takes a step to a changed state, which is then on its disk. */
  step(id: string, changes: Partial<MemberState>, input: RaftInput = TICK): this {
    this.stepUnwritten(id, changes, input);
    return this.write(id);
  }

  /** A member takes a step whose effects are not carried out. */
  stepUnwritten(id: string, changes: Partial<MemberState>, input: RaftInput = TICK): this {
    const member = this.member(id);
    const before = member.state;
    member.state = { ...before, ...changes };
    this.#monitor.onStep?.(member, before, member.state, input);
    return this;
  }

  /** What a member has in memory is written to its disk. */
  write(id: string): this {
    const member = this.member(id);
    member.durable = durableOf(member.state);
    return this;
  }

  /** Of a member's log, this much is on its disk. */
  writeLog(id: string, log: Log): this {
    const member = this.member(id);
    member.durable = { ...member.durable, log };
    return this;
  }

  /** A member becomes leader of a term, with its log as it is. */
  lead(id: string, term: number, changes: Partial<MemberState> = {}): this {
    return this.step(id, {
      role: "leader",
      currentTerm: term,
      votedFor: id,
      leaderId: id,
      leader: leaderOf(),
      ...changes,
    });
  }

  /** A member follows a leader in a term. */
  follow(id: string, leaderId: string | null, term: number, changes: Partial<MemberState> = {}): this {
    return this.step(id, { role: "follower", currentTerm: term, leaderId, leader: null, ...changes });
  }

  /** A member crashes; its disk holds what it holds. */
  crash(id: string): this {
    const member = this.member(id);
    member.status = "down";
    member.incarnation++;
    this.#monitor.onCrash?.(member);
    return this;
  }

  /** A member starts from its disk, with a state that the test may change. */
  boot(id: string, changes: Partial<MemberState> = {}): this {
    const member = this.member(id);
    const { hardState, log, snapshot } = member.durable;
    const index = snapshot?.index ?? 0;
    member.status = "up";
    member.state = {
      ...newState(member.config),
      currentTerm: hardState.currentTerm,
      votedFor: hardState.votedFor,
      log,
      snapshot,
      commitIndex: index,
      lastApplied: index,
      application: snapshot?.application ?? 0,
      configurations: member.state.configurations,
      ...changes,
    };
    this.#monitor.onBoot?.(member);
    return this;
  }

  send(from: string, to: string, message: RaftMessage<unknown>): this {
    this.#monitor.onSend?.(this.member(from), to, message);
    return this;
  }

  /** A member grants its vote. */
  grant(from: string, to: string, term: number): this {
    return this.send(from, to, { kind: "requestVoteReply", term, voteGranted: true });
  }

  request(to: string, id: string, body: RaftRequest): this {
    this.#monitor.onRequest?.(this.member(to), id, body);
    return this;
  }

  propose(to: string, id: string, command: string): this {
    return this.request(to, id, { kind: "propose", command });
  }

  reply(from: string, id: string, response: RaftResponse): this {
    this.#monitor.onReply?.(this.member(from), id, response);
    return this;
  }

  committed(from: string, id: string, index: number, term: number): this {
    return this.reply(from, id, { kind: "committed", index, term, result: "" });
  }

  note(id: string, name: string): this {
    this.#monitor.onNote?.(this.member(id), name);
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
    const found = this.#members.find((member) => member.id === id);
    if (found === undefined) throw new Error(`no member ${id}`);
    return found;
  }
}

function newMember(id: string, index: number, configuration: Configuration): Mutable<Member> {
  const config: RaftConfig = {
    id,
    initialConfiguration: configuration,
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
  };
  const state = newState(config);
  return { id, index, host: id, status: "up", incarnation: 0, state, durable: durableOf(state), config };
}

function newState(config: RaftConfig): MemberState {
  return {
    config,
    role: "follower",
    currentTerm: 0,
    votedFor: null,
    leaderId: null,
    log: logOf(),
    snapshot: null,
    commitIndex: 0,
    lastApplied: 0,
    application: 0,
    configurations: [{ index: 0, configuration: config.initialConfiguration }],
    votes: [],
    leader: null,
    pendingProposals: [],
    forwardedReads: [],
    leaderContactAt: 0,
  };
}

function durableOf({ currentTerm, votedFor, snapshot, log }: MemberState): RaftDurable<unknown> {
  return { hardState: { currentTerm, votedFor }, snapshot, log };
}
