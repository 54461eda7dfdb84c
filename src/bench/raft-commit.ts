import type { Effect, Input, Machine, Step } from "../../models/kernel/index.ts";
import {
  type ChainState,
  chain,
  isLeader,
  type RaftConfig,
  type RaftMessage,
  type RaftState,
  type RaftTypes,
  raft,
  simpleConfiguration,
} from "../../models/raft/index.ts";

type Types = RaftTypes<ChainState>;

const MEMBERS = ["m1", "m2", "m3"];
const QUEUE_SIZE = 64;
const COMMANDS = 256;

/**
 * How many entries a second three members commit, on one core: the models alone, with all features of Raft on, but no
 * simulator. Messages go through a queue, disks are instant, and no timer fires but the one that starts the election.
 *
 * Entries of 16 bytes are proposed one at a time; the next one when the leader's client has its answer and all members
 * have applied the last.
 */
export function raftCommit(entries: number): { entries: number; messages: number; seconds: number } {
  const cluster = new Cluster(raft(chain));
  cluster.fireElection(0);
  const commands = Array.from({ length: COMMANDS }, (_, i) => ["command-", String(i).padStart(8, "0")].join(""));
  cluster.propose(commands[0]!);
  const messagesBefore = cluster.messages;
  const start = performance.now();
  for (let i = 0; i < entries; i++) cluster.propose(commands[i % COMMANDS]!);
  const seconds = (performance.now() - start) / 1000;
  cluster.check(entries + 1);
  return { entries, messages: cluster.messages - messagesBefore, seconds };
}

function configOf(id: string): RaftConfig {
  return {
    id,
    initialConfiguration: simpleConfiguration(MEMBERS),
    heartbeatIntervalUs: 100_000,
    electionTimeoutUs: 1_000_000,
    electionTimeoutMaxUs: 2_000_000,
    preVote: true,
    checkQuorum: true,
    readMode: "lease",
    clockDriftBound: 1.1,
    pipelining: true,
    inflightAppendsMax: 256,
    entriesPerAppendMax: 64,
    fastBackup: true,
    snapshotEntries: 10_000,
    snapshotCatchUpEntries: 5_000,
    pendingProposalsMax: 1_000,
    promotionLagMax: 100,
    forwardReads: true,
    autoLeave: true,
  };
}

/** Members are m1, m2, m3. */
function numberOf(id: string): number {
  return id.charCodeAt(1) - 49;
}

class Cluster {
  messages = 0;
  #now = 0;
  #committed = 0;
  #leader = 0;
  #head = 0;
  #tail = 0;
  readonly #machine: Machine<Types>;
  readonly #states: RaftState<ChainState>[];
  readonly #queuedTo: number[] = new Array(QUEUE_SIZE).fill(0);
  readonly #queuedFrom: number[] = new Array(QUEUE_SIZE).fill(0);
  readonly #queuedMessage: (RaftMessage<ChainState> | null)[] = new Array(QUEUE_SIZE).fill(null);

  constructor(machine: Machine<Types>) {
    this.#machine = machine;
    const clock = { now: 0, wall: 0, hostBoots: 1 };
    this.#states = MEMBERS.map((id) => machine.boot(machine.disk.empty, configOf(id), clock).state);
  }

  /** Has a member's election timer fire, and goes on until nothing is under way. */
  fireElection(member: number): void {
    this.#now = 2_000_000;
    this.#take(member, { kind: "timer", name: "election", now: this.#now, wall: 0 });
    this.#drain();
    this.#leader = this.#states.findIndex(isLeader);
    if (this.#leader < 0) throw new Error("no leader was elected");
  }

  /** Proposes a command to the leader, and goes on until all members know that it is committed. */
  propose(command: string): void {
    const before = this.#committed;
    const body = { kind: "propose" as const, command };
    this.#take(this.#leader, { kind: "request", id: "p", body, now: this.#now, wall: 0 });
    this.#drain();
    if (this.#committed !== before + 1) throw new Error("the proposal was not committed");
    const { lastApplied } = this.#states[this.#leader]!;
    for (const state of this.#states) if (state.lastApplied !== lastApplied) throw new Error("a member was not told");
  }

  /** Throws unless all members have applied the same `count` commands. */
  check(count: number): void {
    const { hash } = this.#states[0]!.application;
    for (const { application } of this.#states)
      if (application.count !== count || application.hash !== hash) throw new Error("members differ");
  }

  #take(member: number, input: Input<Types>): void {
    const { state, effects }: Step<Types> = this.#machine.step(this.#states[member]!, input);
    this.#states[member] = state;
    for (let i = 0; i < effects.length; i++) this.#carryOut(member, effects[i]!);
  }

  #carryOut(member: number, effect: Effect<Types>): void {
    if (effect.kind === "send") {
      const slot = this.#tail++ & (QUEUE_SIZE - 1);
      if (this.#tail - this.#head > QUEUE_SIZE) throw new Error("the queue is full");
      this.#queuedTo[slot] = numberOf(effect.to);
      this.#queuedFrom[slot] = member;
      this.#queuedMessage[slot] = effect.message;
      this.messages++;
    } else if (effect.kind === "reply" && effect.response.kind === "committed") this.#committed++;
  }

  #drain(): void {
    const now = this.#now;
    while (this.#head < this.#tail) {
      const slot = this.#head++ & (QUEUE_SIZE - 1);
      const message = this.#queuedMessage[slot]!;
      const from = MEMBERS[this.#queuedFrom[slot]!]!;
      this.#take(this.#queuedTo[slot]!, { kind: "receive", from, message, now, wall: 0 });
    }
  }
}
