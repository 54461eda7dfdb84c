import { assert, difference, type Effect } from "../../kernel/index.ts";
import {
  type ChainState,
  chainHash,
  type Entry,
  entryAt,
  type MemberId,
  type MembershipChange,
  type RaftConfig,
  type RaftState,
  simpleConfiguration,
} from "../index.ts";
import { compactTo, lastIndex, termAt } from "../log.ts";
import { type Observer, TestCluster, type Types, testConfig } from "./cluster.ts";

/** What a walk starts with. */
export interface WalkSetup {
  readonly members: number;
  /** Which features are on: {@link featuresOf}. */
  readonly features: number;
  /** Each number is one thing that happens. */
  readonly choices: readonly number[];
}

/** What a walk came to. */
export interface WalkResult {
  readonly committed: number;
  readonly terms: number;
  readonly reads: number;
  readonly notes: ReadonlySet<string>;
}

/**
 * Walks at random through what a cluster can do: delivers in any order, loses and doubles messages, has timers fire when
 * they may or later, crashes members between any two effects, restarts them, proposes, reads, changes the membership and
 * transfers leadership. Throws at the first step that breaks safety.
 */
export function walk(setup: WalkSetup, makeCluster: (observe: Observer) => TestCluster = newCluster): WalkResult {
  const run = new Walk(setup, makeCluster);
  for (const choice of setup.choices) run.take(choice);
  return run.result();
}

function newCluster(observe: Observer): TestCluster {
  return new TestCluster(observe);
}

/** The features that are on, one for each bit of a number. */
export function featuresOf(bits: number): Partial<RaftConfig> {
  const on = (bit: number): boolean => ((bits >>> bit) & 1) === 1;
  return {
    preVote: on(0),
    checkQuorum: on(1),
    readMode: on(2) ? "lease" : "readIndex",
    pipelining: on(3),
    fastBackup: on(4),
    autoLeave: on(5),
    forwardReads: on(6),
    snapshotEntries: on(7) ? (on(8) ? 4 : 12) : 0,
    snapshotCatchUpEntries: on(9) ? 3 : 0,
    promotionLagMax: on(10) ? 8 : 0,
    pendingProposalsMax: on(11) ? 16 : 2,
  };
}

class Walk {
  readonly #cluster: TestCluster;
  readonly #ids: readonly MemberId[];
  readonly #leaderOf = new Map<number, MemberId>();
  /** The entries that were committed, and the state of the chain after each; null where only a snapshot showed them. */
  readonly #committed: (Entry | null)[] = [];
  readonly #hashes: (number | null)[] = [];
  readonly #readsFrom = new Map<string, number>();
  readonly #notes = new Set<string>();
  #requests = 0;
  #reads = 0;

  constructor({ members, features }: WalkSetup, makeCluster: (observe: Observer) => TestCluster) {
    this.#ids = Array.from({ length: members + 2 }, (_, i) => `m${i + 1}`);
    this.#cluster = makeCluster((member, before, after, effects) => this.#check(member, before, after, effects));
    const initial = this.#ids.slice(0, members);
    for (const id of this.#ids)
      this.#cluster.add(testConfig(id, simpleConfiguration(initial.includes(id) ? initial : []), featuresOf(features)));
  }

  result(): WalkResult {
    return {
      committed: this.#committed.length,
      terms: this.#leaderOf.size,
      reads: this.#reads,
      notes: this.#notes,
    };
  }

  /** A choice is a number of 32 bits: the low ones say what happens, the others to whom. */
  take(choice: number): void {
    const what = choice % 100;
    const which = Math.floor(choice / 100);
    if (what < 70) this.#deliver(what, which);
    else if (what < 82) this.#fire(which);
    else if (what < 90) this.#request(which);
    else if (what < 93) this.#crash(which);
    else this.#restart(which);
  }

  #deliver(what: number, which: number): void {
    const { network } = this.#cluster;
    if (network.length === 0) {
      this.#fire(which);
      return;
    }
    this.#cluster.now += 1_000;
    // Mostly in order: a network that reorders all of them gets nowhere.
    const packet = network[what < 50 ? 0 : which % Math.min(network.length, 12)]!;
    if (what >= 68) this.#cluster.drop(packet);
    else this.#cluster.deliver(packet, what >= 64);
  }

  #fire(which: number): void {
    const { timers } = this.#cluster;
    if (timers.length === 0) return;
    const due = [...timers].sort((left, right) => left.earliest - right.earliest);
    const timer = due[which % 3 === 0 ? which % due.length : 0]!;
    this.#cluster.now += which % 10_000;
    this.#cluster.fire(timer.member, timer.name);
  }

  #request(which: number): void {
    const leader = this.#cluster.leader();
    const running = [...this.#cluster.states.keys()];
    if (running.length === 0) return;
    const member = leader === null || which % 8 === 0 ? running[which % running.length]! : leader.config.id;
    const id = `r${++this.#requests}`;
    const kind = (which >>> 4) % 12;
    const target = this.#ids[(which >>> 8) % this.#ids.length]!;
    if (kind < 6) this.#cluster.request(member, id, { kind: "propose", command: id });
    else if (kind < 9) this.#read(member, id);
    else if (kind < 10) this.#cluster.request(member, id, { kind: "transferLeadership", to: target });
    else if (kind === 10) this.#cluster.request(member, id, { kind: "leaveJoint" });
    else {
      const other = this.#ids[(which >>> 12) % this.#ids.length]!;
      const changes = [changeOf(which >>> 16, target)];
      if (which % 2 === 0 && other !== target) changes.push(changeOf(which >>> 18, other));
      this.#cluster.request(member, id, { kind: "changeMembership", changes, joint: which % 3 === 0 });
    }
  }

  #read(member: MemberId, id: string): void {
    this.#readsFrom.set(id, this.#committed.length);
    this.#cluster.request(member, id, { kind: "read" });
  }

  /** A crash between two effects of a step: the delivery of a message, or a timer. */
  #crash(which: number): void {
    const running = [...this.#cluster.states.keys()];
    // At most a minority is down, so that the walk goes on.
    if (running.length <= this.#ids.length / 2 + 1) {
      this.#restart(which);
      return;
    }
    const packet = this.#cluster.network.find(({ to }) => this.#cluster.states.has(to));
    if (packet === undefined || which % 4 === 0) {
      this.#cluster.crash(running[which % running.length]!);
      return;
    }
    this.#cluster.drop(packet);
    const { from, to, message } = packet;
    const { now } = this.#cluster;
    this.#cluster.take(to, { kind: "receive", from, message, now, wall: now }, which % 5);
  }

  #restart(which: number): void {
    const down = this.#ids.filter((id) => !this.#cluster.states.has(id));
    if (down.length > 0) this.#cluster.restart(down[which % down.length]!);
  }

  #check(
    member: MemberId,
    before: RaftState<ChainState> | null,
    after: RaftState<ChainState>,
    effects: readonly Effect<Types>[],
  ): void {
    if (after.role === "leader") this.#checkLeader(member, before, after);
    for (let index = (before?.lastApplied ?? 0) + 1; index <= after.lastApplied; index++)
      this.#checkApplied(member, index, entryAt(after.log, index) ?? appendedAt(before, effects, index));
    const { hash } = after.application;
    if (after.lastApplied > 0) {
      const known = this.#hashes[after.lastApplied - 1];
      if (known === null) this.#hashes[after.lastApplied - 1] = hash;
      else assert(known === hash, `${member} applied something else up to ${after.lastApplied}`);
    }
    for (const effect of effects) {
      if (effect.kind === "note") this.#notes.add(effect.name);
      if (effect.kind !== "reply" || effect.response.kind !== "read") continue;
      this.#reads++;
      const { readIndex, appliedIndex } = effect.response;
      assert(readIndex >= this.#readsFrom.get(effect.id)!, `${effect.id}: stale read at ${readIndex}`);
      assert(appliedIndex >= readIndex, `${effect.id}: read before ${readIndex} was applied`);
    }
    if (before !== null) this.#checkDisk(member, after);
    checkOrder(member, effects);
  }

  /** Raft fig. 3, Election Safety and Leader Completeness. */
  #checkLeader(member: MemberId, before: RaftState<ChainState> | null, after: RaftState<ChainState>): void {
    const { currentTerm, log } = after;
    const other = this.#leaderOf.get(currentTerm);
    assert(other === undefined || other === member, `${other} and ${member} lead in term ${currentTerm}`);
    this.#leaderOf.set(currentTerm, member);
    if (before?.role === "leader") return;
    for (let index = log.prevIndex + 1; index <= this.#committed.length; index++) {
      const committed = this.#committed[index - 1]!;
      assert(
        committed === null ? index <= lastIndex(log) : termAt(log, index) === committed.term,
        `${member} leads in term ${currentTerm} without the committed entry ${index}`,
      );
    }
  }

  /** Raft fig. 3, State Machine Safety. */
  #checkApplied(member: MemberId, index: number, entry: Entry | undefined): void {
    if (index > this.#committed.length) {
      const hash = index === 1 ? 0 : this.#hashes[index - 2]!;
      this.#committed.push(entry ?? null);
      this.#hashes.push(entry === undefined || hash === null ? null : hashAfter(hash, entry, index));
      return;
    }
    const committed = this.#committed[index - 1]!;
    if (entry === undefined || committed === null) return;
    const differs = difference(entry, committed, `${member} entry ${index}`);
    assert(differs === null, differs ?? "");
  }

  /** What a member would restart from is what it has in memory. */
  #checkDisk(member: MemberId, after: RaftState<ChainState>): void {
    const { hardState, snapshot, log } = this.#cluster.disks.get(member)!;
    const { currentTerm, votedFor } = after;
    const inMemory = snapshot === null ? after.log : compactTo(after.log, snapshot.index);
    assert(lastIndex(log) === lastIndex(after.log), `${member}: the log on disk ends elsewhere`);
    const differs = difference(
      { hardState, snapshot, log: plain(log) },
      { hardState: { currentTerm, votedFor }, snapshot: after.snapshot, log: plain(inMemory) },
      `disk of ${member}`,
    );
    assert(differs === null, differs ?? "");
  }
}

/** Raft fig. 2: what others may rely on is "updated on stable storage before responding to RPCs". */
function checkOrder(member: MemberId, effects: readonly Effect<Types>[]): void {
  let promised: string | null = null;
  let committed = 0;
  for (const effect of effects) {
    if (effect.kind === "persist" && effect.record.kind !== "snapshot")
      assert(promised === null, `${member} has sent ${promised} before it wrote ${effect.record.kind}`);
    if (effect.kind === "persist" && effect.record.kind === "entries")
      assert(effect.record.firstIndex > committed, `${member} has answered for ${committed} before it wrote it`);
    if (effect.kind === "reply" && effect.response.kind === "committed") committed = effect.response.index;
    if (effect.kind === "send" && PROMISES.includes(effect.message.kind)) promised = effect.message.kind;
  }
}

const PROMISES = ["requestVote", "requestVoteReply", "appendEntriesReply", "installSnapshotReply"];

function hashAfter(hash: number, entry: Entry, index: number): number {
  return entry.kind === "command" ? chainHash(hash, entry.command, index) : hash;
}

/** An entry that was compacted in the step that applied it: from the log before, or from what the step wrote. */
function appendedAt(
  before: RaftState<ChainState> | null,
  effects: readonly Effect<Types>[],
  index: number,
): Entry | undefined {
  let found = before === null ? undefined : entryAt(before.log, index);
  for (const effect of effects) {
    // What a snapshot of another member replaced was never committed here.
    if (effect.kind === "note" && effect.name === "snapshot/installed") return undefined;
    if (effect.kind !== "persist" || effect.record.kind !== "entries") continue;
    const { firstIndex, entries } = effect.record;
    if (index >= firstIndex) found = entries[index - firstIndex];
  }
  return found;
}

function plain(log: RaftState<ChainState>["log"]): readonly unknown[] {
  const entries: unknown[] = [log.prevIndex, log.prevTerm];
  for (let index = log.prevIndex + 1; index <= lastIndex(log); index++) entries.push(entryAt(log, index));
  return entries;
}

function changeOf(choice: number, member: MemberId): MembershipChange {
  switch (choice % 5) {
    case 0:
      return { kind: "addVoter", member };
    case 1:
      return { kind: "addLearner", member };
    case 2:
      return { kind: "promoteLearner", member };
    case 3:
      return { kind: "demoteVoter", member };
    default:
      return { kind: "removeMember", member };
  }
}
