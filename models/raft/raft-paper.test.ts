import { describe, expect, it } from "vitest";
import type { Effect, Input, Step } from "../kernel/index.ts";
import {
  type ChainState,
  type Configuration,
  chain,
  type Entry,
  lastIndex,
  type RaftConfig,
  type RaftDurable,
  type RaftMessage,
  type RaftState,
  raft,
  simpleConfiguration,
  termAt,
} from "./index.ts";
import { replaceFrom } from "./log.ts";
import { TestCluster, type Types, testConfig } from "./testing/cluster.ts";
import { renderEffect } from "./testing/render.ts";

type Message = RaftMessage<ChainState>;

const machine = raft(chain);
const ABC = simpleConfiguration(["a", "b", "c"]);
/** Later than any promise of the boot. */
const NOW = 5_000_000;

interface Given {
  readonly terms?: readonly number[];
  readonly entries?: readonly Entry[];
  readonly currentTerm?: number;
  readonly votedFor?: string;
  readonly configuration?: Configuration;
  readonly options?: Partial<RaftConfig>;
}

/** Member `a`, restarted from a disk with a log of these terms. */
function member({ terms = [], entries, currentTerm, votedFor, configuration = ABC, options }: Given): State {
  const log = replaceFrom(machine.disk.empty.log, 1, entries ?? terms.map(command));
  const hardState = { currentTerm: currentTerm ?? terms.at(-1) ?? 0, votedFor: votedFor ?? null };
  const durable: RaftDurable<ChainState> = { hardState, snapshot: null, log };
  return machine.boot(durable, testConfig("a", configuration, options ?? {}), { now: 0, wall: 0, hostBoots: 1 }).state;
}

type State = RaftState<ChainState>;

function command(term: number): Entry {
  return { kind: "command", term, command: `x${term}` };
}

function receive(state: State, from: string, message: Message, now = NOW): Step<Types> {
  return machine.step(state, { kind: "receive", from, message, now, wall: now });
}

function timer(state: State, name: string, now = NOW): Step<Types> {
  return machine.step(state, { kind: "timer", name, now, wall: now });
}

function rendered({ effects }: Step<Types>): readonly string[] {
  return effects.filter(isNoNote).map(renderEffect);
}

function isNoNote(effect: Effect<Types>): boolean {
  return effect.kind !== "note";
}

function requestVote(term: number, lastLogIndex: number, lastLogTerm: number, transfer = false): Message {
  return { kind: "requestVote", term, lastLogIndex, lastLogTerm, transfer };
}

function appendEntries(term: number, prev: readonly [number, number], terms: readonly number[], commit = 0): Message {
  const [prevLogIndex, prevLogTerm] = prev;
  const entries = terms.map(command);
  return { kind: "appendEntries", term, prevLogIndex, prevLogTerm, entries, leaderCommit: commit, round: 1 };
}

/** The terms of the entries in a log. */
function termsOf({ log }: State): readonly number[] {
  return Array.from({ length: lastIndex(log) - log.prevIndex }, (_, i) => termAt(log, log.prevIndex + 1 + i));
}

/** Member `a` as leader of term 1, its no-op entry committed. */
function leader(options: Partial<RaftConfig> = {}, ids: readonly string[] = ["a", "b", "c"]): TestCluster {
  const cluster = new TestCluster();
  cluster.form(ids, options);
  cluster.elect("a");
  return cluster;
}

describe("Raft 5.1, terms", () => {
  it("a member that meets a higher term becomes follower, and persists the term before it answers", () => {
    const step = receive(member({ currentTerm: 1 }), "b", appendEntries(3, [0, 0], []));
    expect(step.state).toMatchObject({ role: "follower", currentTerm: 3, votedFor: null, leaderId: "b" });
    expect(rendered(step)).toEqual([
      "persist currentTerm=3 votedFor=none",
      "set election 1000..2000 ms",
      "send b appendEntriesReply term=3 match=0 round=1",
    ]);
  });

  it("rejects a request with a stale term", () => {
    const state = member({ currentTerm: 5 });
    const told = (message: Message) => rendered(receive(state, "b", message));
    expect(told(appendEntries(4, [0, 0], [4]))).toEqual([
      "send b appendEntriesReply term=5 refused=0 hint=0/0 round=0",
    ]);
    expect(told(requestVote(4, 9, 4))).toEqual(["send b requestVoteReply term=5 granted=false"]);
    const snapshot = { index: 3, term: 2, configuration: ABC, application: { count: 0, hash: 0 } };
    const install: Message = { kind: "installSnapshot", term: 4, snapshot, round: 2 };
    expect(told(install)).toEqual(["send b installSnapshotReply term=5 match=0 round=0"]);
  });

  it("etcd#8501: answers even a stale pre-vote, so that its sender learns the term", () => {
    const preVote: Message = { kind: "requestPreVote", term: 4, lastLogIndex: 9, lastLogTerm: 4, transfer: false };
    const state = member({ currentTerm: 5 });
    expect(rendered(receive(state, "b", preVote))).toEqual(["send b requestPreVoteReply term=5 granted=false"]);
    const candidate = timer(member({ currentTerm: 3 }), "election").state;
    const refusal: Message = { kind: "requestPreVoteReply", term: 5, voteGranted: false };
    expect(receive(candidate, "b", refusal).state).toMatchObject({ role: "follower", currentTerm: 5 });
  });
});

describe("Raft 5.2, leader election", () => {
  it("election timeouts are random: drawn from a range that is no point", () => {
    const { effects } = timer(member({}), "election");
    expect(effects).toContainEqual({ kind: "setTimer", name: "election", minUs: 1_000_000, maxUs: 2_000_000 });
  });

  it("a candidate votes for itself, and persists that before it asks others", () => {
    const step = timer(member({ options: { preVote: false } }), "election");
    expect(step.state).toMatchObject({ role: "candidate", currentTerm: 1, votedFor: "a" });
    expect(rendered(step)).toEqual([
      "set election 1000..2000 ms",
      "persist currentTerm=1 votedFor=a",
      "send b requestVote term=1 lastLog=0/0",
      "send c requestVote term=1 lastLog=0/0",
    ]);
  });

  it("a server votes for at most one candidate in a term, first come first served, and persists its vote first", () => {
    const first = receive(member({ currentTerm: 1 }), "b", requestVote(2, 0, 0));
    expect(rendered(first)).toEqual([
      "persist currentTerm=2 votedFor=b",
      "set election 1000..2000 ms",
      "send b requestVoteReply term=2 granted=true",
    ]);
    expect(rendered(receive(first.state, "c", requestVote(2, 0, 0)))).toEqual([
      "send c requestVoteReply term=2 granted=false",
    ]);
    // The answer may be lost: who has the vote is told again, and nothing is written.
    expect(rendered(receive(first.state, "b", requestVote(2, 0, 0)))).toEqual([
      "set election 1000..2000 ms",
      "send b requestVoteReply term=2 granted=true",
    ]);
  });

  it("a restarted member remembers its vote", () => {
    const state = member({ currentTerm: 2, votedFor: "b" });
    expect(rendered(receive(state, "c", requestVote(2, 0, 0)))).toEqual([
      "send c requestVoteReply term=2 granted=false",
    ]);
  });

  it("votes of an earlier term do not count", () => {
    const options = { preVote: false };
    const fourOthers = simpleConfiguration(["a", "b", "c", "d", "e"]);
    let state = timer(member({ options, configuration: fourOthers }), "election").state;
    const grant = (term: number): Message => ({ kind: "requestVoteReply", term, voteGranted: true });
    state = receive(state, "b", grant(1)).state;
    state = timer(state, "election").state;
    expect(state).toMatchObject({ currentTerm: 2, votes: [{ from: "a", granted: true }] });
    state = receive(state, "c", grant(1)).state;
    state = receive(state, "b", grant(1)).state;
    expect(state.role).toBe("candidate");
    state = receive(state, "b", grant(2)).state;
    state = receive(state, "b", grant(2)).state;
    expect(state.role).toBe("candidate");
    expect(receive(state, "c", grant(2)).state.role).toBe("leader");
  });

  it("a candidate that hears from the leader of its term returns to follower", () => {
    const state = timer(member({ options: { preVote: false } }), "election").state;
    const step = receive(state, "b", appendEntries(1, [0, 0], []));
    expect(step.state).toMatchObject({ role: "follower", currentTerm: 1, votedFor: "a", leaderId: "b" });
  });

  it("a sole voter leads when its vote is durable, and commits when its entry is", () => {
    const cluster = leader({}, ["a"]);
    expect(cluster.state("a")).toMatchObject({ role: "leader", commitIndex: 1 });
    const before = cluster.state("a");
    const body = { kind: "propose" as const, command: "x" };
    const step = machine.step(before, { kind: "request", id: "r", body, now: NOW, wall: NOW });
    expect(step.state.commitIndex).toBe(1);
    expect(rendered(step)).toEqual([
      "persist entries from 2 [1:x]",
      "send a appendEntriesReply term=1 match=2 round=1",
    ]);
    cluster.request("a", "r", body);
    expect(cluster.state("a").commitIndex).toBe(2);
  });
});

describe("Raft 5.3, log replication", () => {
  it("fig. 7: a follower's log is made to match, whatever it holds", () => {
    const leaderTerms = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
    const followers = [
      [1, 1, 1, 4, 4, 5, 5, 6, 6],
      [1, 1, 1, 4],
      [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
      [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
      [1, 1, 1, 4, 4, 4, 4],
      [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
    ];
    for (const fastBackup of [true, false])
      for (const terms of followers) {
        const cluster = new TestCluster();
        const ids = ["a", "b", "c"];
        const options = { fastBackup, preVote: false, checkQuorum: false };
        const logs = [leaderTerms, terms, leaderTerms];
        ids.forEach((id, i) => {
          cluster.configs.set(id, testConfig(id, ABC, options));
          const log = replaceFrom(machine.disk.empty.log, 1, logs[i]!.map(command));
          cluster.disks.set(id, { hardState: { currentTerm: 7, votedFor: null }, snapshot: null, log });
          cluster.restart(id);
        });
        cluster.fire("a", "election");
        cluster.settle();
        expect(termsOf(cluster.state("b"))).toEqual([...leaderTerms, 8]);
        expect(cluster.state("b").commitIndex).toBe(11);
      }
  });

  it("a follower refuses an append that does not follow its log", () => {
    const state = member({ terms: [1, 1, 2] });
    expect(rendered(receive(state, "b", appendEntries(3, [5, 2], [3])))).toContain(
      "send b appendEntriesReply term=3 refused=5 hint=3/2 round=1",
    );
    expect(rendered(receive(state, "b", appendEntries(3, [3, 1], [3])))).toContain(
      "send b appendEntriesReply term=3 refused=3 hint=2/1 round=1",
    );
  });

  it("fig. 2, 3: only a conflict truncates: a delayed append leaves what follows it", () => {
    const state = member({ terms: [1, 1, 2, 2] });
    const old = receive(state, "b", appendEntries(2, [1, 1], [1]));
    expect(termsOf(old.state)).toEqual([1, 1, 2, 2]);
    expect(rendered(old)).toEqual(["set election 1000..2000 ms", "send b appendEntriesReply term=2 match=2 round=1"]);
    const conflict = receive(state, "b", appendEntries(3, [1, 1], [3]));
    expect(termsOf(conflict.state)).toEqual([1, 3]);
    expect(rendered(conflict)).toContain("persist entries from 2 [3:x3]");
  });

  it("fig. 2, 5: a follower commits no further than the last new entry, and never back", () => {
    const state = member({ terms: [1, 1, 1] });
    const step = receive(state, "b", appendEntries(2, [2, 1], [], 3));
    expect(step.state).toMatchObject({ commitIndex: 2, lastApplied: 2 });
    expect(receive(step.state, "b", appendEntries(2, [1, 1], [], 3)).state.commitIndex).toBe(2);
  });

  it("entries are durable before they are acknowledged", () => {
    const effects = rendered(receive(member({ currentTerm: 1 }), "b", appendEntries(1, [0, 0], [1])));
    expect(effects.indexOf("persist entries from 1 [1:x1]")).toBe(1);
    expect(effects.indexOf("send b appendEntriesReply term=1 match=1 round=1")).toBe(2);
  });
});

describe("Raft 5.4, safety", () => {
  it("5.4.1: the voter denies its vote if its own log is more up-to-date", () => {
    const state = member({ terms: [1, 2, 2] });
    const granted = (index: number, term: number) =>
      receive(state, "b", requestVote(3, index, term)).state.votedFor === "b";
    expect(granted(9, 1)).toBe(false);
    expect(granted(2, 2)).toBe(false);
    expect(granted(3, 2)).toBe(true);
    expect(granted(1, 3)).toBe(true);
  });

  it("5.4.2: the leader commits an entry of an earlier term only together with one of its own", () => {
    const cluster = new TestCluster();
    const state = member({ terms: [1, 1], currentTerm: 2, options: { preVote: false, checkQuorum: false } });
    const grant: Message = { kind: "requestVoteReply", term: 3, voteGranted: true };
    const elected = receive(timer(state, "election").state, "b", grant).state;
    expect(elected).toMatchObject({ role: "leader", commitIndex: 0 });
    const reply = (matchIndex: number): Message => ({
      kind: "appendEntriesReply",
      term: 3,
      success: true,
      matchIndex,
      hintIndex: 0,
      hintTerm: 0,
      round: 1,
    });
    const counted = receive(elected, "b", reply(2));
    expect(counted.state.commitIndex).toBe(0);
    expect(receive(counted.state, "b", reply(3)).state.commitIndex).toBe(3);
    expect(cluster.states.size).toBe(0);
  });
});

describe("Raft 6 and thesis 4, membership", () => {
  const options = { checkQuorum: false };

  it("raft-dev 2015: no change before an entry of the current term is committed", () => {
    const cluster = new TestCluster();
    cluster.form(["a", "b", "c"], options);
    cluster.fire("a", "election");
    cluster.settle(({ message }) => message.kind === "appendEntries");
    expect(cluster.state("a")).toMatchObject({ role: "leader", commitIndex: 0 });
    const body = { kind: "changeMembership" as const, changes: [{ kind: "removeMember" as const, member: "c" }] };
    const input: Input<Types> = { kind: "request", id: "r", body: { ...body, joint: false }, now: NOW, wall: NOW };
    expect(rendered(machine.step(cluster.state("a"), input))).toEqual([
      "reply r refused: no entry of this term is committed yet",
    ]);
  });

  it("the joint configuration is left once, however many commits come while its leave is in flight", () => {
    const cluster = leader(options);
    cluster.add(testConfig("d", simpleConfiguration([]), options));
    const changes = [
      { kind: "addVoter" as const, member: "d" },
      { kind: "removeMember" as const, member: "c" },
    ];
    cluster.request("a", "change", { kind: "changeMembership", changes, joint: false });
    cluster.settle(() => cluster.state("a").configurations.length === 3);
    for (const id of ["p1", "p2", "p3"]) cluster.request("a", id, { kind: "propose", command: id });
    cluster.settle();
    const { log, configurations } = cluster.state("a");
    expect(configurations.map(({ index }) => index)).toEqual([0, 2, 3]);
    expect(configurations.at(-1)!.configuration).toEqual(simpleConfiguration(["a", "b", "d"]));
    expect(lastIndex(log)).toBe(6);
  });

  it("raft e515a67: a snapshot restores the joint configuration", () => {
    const configuration = { voters: ["a", "d"], votersOutgoing: ["a", "b"], learners: [], learnersNext: ["b"] };
    const snapshot = { index: 9, term: 1, configuration, application: { count: 9, hash: 1 } };
    const { state } = receive(member({}), "b", { kind: "installSnapshot", term: 1, snapshot, round: 1 });
    expect(state.configurations).toEqual([{ index: 9, configuration }]);
  });

  it("raft db54973: a learner votes when it is asked, but does not campaign", () => {
    const state = member({ configuration: simpleConfiguration(["b", "c"], ["a"]) });
    expect(receive(state, "b", requestVote(1, 0, 0)).state.votedFor).toBe("b");
    expect(timer(state, "election").state.role).toBe("follower");
    const step = receive(state, "b", { kind: "timeoutNow", term: 0 });
    expect(step.state.role).toBe("follower");
  });
});

describe("Raft 7, log compaction", () => {
  it("etcd raft 80615be: a snapshot that the log already holds only moves commitIndex", () => {
    const state = member({ terms: [1, 1, 1, 1] });
    const snapshot = { index: 2, term: 1, configuration: ABC, application: { count: 2, hash: 1 } };
    const step = receive(state, "b", { kind: "installSnapshot", term: 1, snapshot, round: 1 });
    expect(termsOf(step.state)).toEqual([1, 1, 1, 1]);
    expect(step.state).toMatchObject({ commitIndex: 2, lastApplied: 2, snapshot: null });
    expect(rendered(step)).toEqual([
      "set election 1000..2000 ms",
      "send b installSnapshotReply term=1 match=2 round=1",
    ]);
  });

  it("a snapshot that conflicts with the log replaces all of it, on disk first", () => {
    const state = member({ terms: [1, 1, 1, 1] });
    const snapshot = { index: 2, term: 2, configuration: ABC, application: { count: 2, hash: 1 } };
    const step = receive(state, "b", { kind: "installSnapshot", term: 2, snapshot, round: 1 });
    expect(termsOf(step.state)).toEqual([]);
    expect(rendered(step).slice(-2)).toEqual([
      "persist snapshot 2/2",
      "send b installSnapshotReply term=2 match=2 round=1",
    ]);
  });
});

describe("Raft 8 and thesis 6.4, reads", () => {
  it("etcd-io/raft#397: an answer to a round before the read's confirms nothing", () => {
    const cluster = leader({ checkQuorum: false });
    cluster.fire("a", "heartbeat");
    const earlier = cluster.network.filter(({ to }) => to === "b");
    cluster.request("a", "r", { kind: "read" });
    for (const packet of earlier) cluster.deliver(packet);
    for (const packet of cluster.network.filter(({ from }) => from === "b")) cluster.deliver(packet, true);
    expect(cluster.state("a").leader!.pendingReads).toHaveLength(1);
    cluster.settle();
    expect(cluster.state("a").leader!.pendingReads).toHaveLength(0);
  });

  it("thesis 6.4.1: without check-quorum there is no lease", () => {
    const cluster = leader({ checkQuorum: false, readMode: "lease" });
    cluster.request("a", "r", { kind: "read" });
    expect(cluster.state("a").leader!.pendingReads).toHaveLength(1);
  });

  it("a lease ends an election timeout by the fastest clock after its round was sent", () => {
    const cluster = leader({ readMode: "lease", clockDriftBound: 2 });
    const electedAt = cluster.now;
    expect(cluster.state("a").leader!.leaseUntil).toBe(electedAt + 500_000);
  });

  it("a restarted member ignores votes for as long as it may have promised to", () => {
    const state = member({ currentTerm: 1 });
    const early = receive(state, "b", requestVote(2, 0, 0), 999_999);
    expect(early.state).toBe(state);
    expect(rendered(early)).toEqual([]);
    expect(receive(state, "b", requestVote(2, 0, 0), 1_000_000).state.votedFor).toBe("b");
    expect(receive(state, "b", requestVote(2, 0, 0, true), 999_999).state.votedFor).toBe("b");
  });
});

describe("disk", () => {
  it("a torn write of entries leaves the first of them", () => {
    const { disk } = machine;
    const entries = [command(1), command(1), command(2)];
    const pieces = disk.pieces({ kind: "entries", firstIndex: 1, entries });
    expect(pieces).toHaveLength(3);
    const torn = disk.write(disk.write(disk.empty, pieces[0]!), pieces[1]!);
    expect(lastIndex(torn.log)).toBe(2);
    const over = disk.write(torn, { kind: "entries", firstIndex: 2, entries: [command(3)] });
    expect([lastIndex(over.log), termAt(over.log, 2)]).toEqual([2, 3]);
  });
});
