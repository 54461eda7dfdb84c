import { assert, type Effect, type Input, type Machine } from "../../kernel/index.ts";
import {
  type ChainState,
  type Configuration,
  chain,
  type MemberId,
  type RaftConfig,
  type RaftDurable,
  type RaftMessage,
  type RaftRequest,
  type RaftState,
  type RaftTypes,
  raft,
  simpleConfiguration,
} from "../index.ts";

export type Types = RaftTypes<ChainState>;

/** A message under way. */
export interface Packet {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly message: RaftMessage<ChainState>;
}

/** A timer that is set. It fires at `earliest` or later. */
export interface ArmedTimer {
  readonly member: MemberId;
  readonly name: string;
  readonly earliest: number;
}

/** The configuration of the tests; all features on. Durations in microseconds. */
export function testConfig(id: MemberId, initialConfiguration: Configuration, over: Partial<RaftConfig>): RaftConfig {
  return {
    id,
    initialConfiguration,
    heartbeatIntervalUs: 100_000,
    electionTimeoutUs: 1_000_000,
    electionTimeoutMaxUs: 2_000_000,
    preVote: true,
    checkQuorum: true,
    readMode: "readIndex",
    clockDriftBound: 1.1,
    pipelining: true,
    inflightAppendsMax: 4,
    entriesPerAppendMax: 3,
    fastBackup: true,
    snapshotEntries: 0,
    snapshotCatchUpEntries: 2,
    pendingProposalsMax: 16,
    promotionLagMax: 2,
    forwardReads: true,
    autoLeave: true,
    ...over,
  };
}

/** What the tests see of each step. */
export type Observer = (
  member: MemberId,
  before: RaftState<ChainState> | null,
  after: RaftState<ChainState>,
  effects: readonly Effect<Types>[],
) => void;

/**
 * Members in one process: an in-memory network of which each packet is delivered, lost or doubled by hand, timers that
 * fire by hand, and disks. It exists for the tests of this model; campaigns run in the simulator.
 */
export class TestCluster {
  now = 0;
  readonly machine: Machine<Types> = raft(chain);
  readonly states = new Map<MemberId, RaftState<ChainState>>();
  readonly disks = new Map<MemberId, RaftDurable<ChainState>>();
  readonly configs = new Map<MemberId, RaftConfig>();
  network: Packet[] = [];
  timers: ArmedTimer[] = [];
  readonly #observe: Observer;

  constructor(observe: Observer = ignore) {
    this.#observe = observe;
  }

  /** Starts members that form a cluster. */
  form(ids: readonly MemberId[], over: Partial<RaftConfig> = {}, learners: readonly MemberId[] = []): void {
    const voters = ids.filter((id) => !learners.includes(id));
    for (const id of ids) this.add(testConfig(id, simpleConfiguration(voters, learners), over));
  }

  /** Starts a member with an empty disk. */
  add(config: RaftConfig): void {
    this.configs.set(config.id, config);
    this.disks.set(config.id, this.machine.disk.empty);
    this.restart(config.id);
  }

  /** Starts a member from its disk. */
  restart(id: MemberId): void {
    const step = this.machine.boot(this.disks.get(id)!, this.configs.get(id)!, this.#clock());
    this.states.set(id, step.state);
    this.#observe(id, null, step.state, step.effects);
    for (const effect of step.effects) this.#carryOut(id, effect);
  }

  /** Stops a member: its memory and timers are gone, its disk and what it has sent are not. */
  crash(id: MemberId): void {
    this.states.delete(id);
    this.timers = this.timers.filter((timer) => timer.member !== id);
  }

  state(id: MemberId): RaftState<ChainState> {
    const state = this.states.get(id);
    assert(state !== undefined, `${id} is not running`);
    return state;
  }

  /** A member that takes itself for the leader, of the highest term. */
  leader(): RaftState<ChainState> | null {
    let leader: RaftState<ChainState> | null = null;
    for (const state of this.states.values())
      if (state.role === "leader" && (leader === null || state.currentTerm > leader.currentTerm)) leader = state;
    return leader;
  }

  request(member: MemberId, id: string, body: RaftRequest): void {
    this.take(member, { kind: "request", id, body, ...this.#clock() });
  }

  /** Has a timer fire, whether or not it is set, and moves time on to when it may. */
  fire(member: MemberId, name: string): void {
    const timer = this.timers.find((armed) => armed.member === member && armed.name === name);
    this.timers = this.timers.filter((armed) => armed !== timer);
    if (timer !== undefined) this.now = Math.max(this.now, timer.earliest);
    this.take(member, { kind: "timer", name, ...this.#clock() });
  }

  /** Delivers a packet; it is lost if its receiver is down. `copy` leaves it in the network. */
  deliver(packet: Packet, copy = false): void {
    if (!copy) this.drop(packet);
    if (!this.states.has(packet.to)) return;
    this.take(packet.to, { kind: "receive", from: packet.from, message: packet.message, ...this.#clock() });
  }

  drop(packet: Packet): void {
    const position = this.network.indexOf(packet);
    if (position >= 0) this.network.splice(position, 1);
  }

  /** Delivers the oldest packet until none is left, apart from those that `hold` keeps back. */
  settle(hold: (packet: Packet) => boolean = none): void {
    for (let count = 0; count < 10_000; count++) {
      const packet = this.network.find((candidate) => !hold(candidate));
      if (packet === undefined) return;
      this.deliver(packet);
    }
    assert(false, "the network does not come to rest");
  }

  /** Elects a member by having its election timer fire, and delivers all. */
  elect(id: MemberId): void {
    this.fire(id, "election");
    this.settle();
    assert(this.state(id).role === "leader", `${id} was not elected`);
  }

  /** Takes a step; a crash lets only the first `effectsMax` effects happen. */
  take(member: MemberId, input: Input<Types>, effectsMax = Number.POSITIVE_INFINITY): void {
    const before = this.state(member);
    const { state, effects } = this.machine.step(before, input);
    const crashes = effects.length > effectsMax;
    this.states.set(member, state);
    for (let i = 0; i < effects.length && i < effectsMax; i++) this.#carryOut(member, effects[i]!);
    if (crashes) {
      this.crash(member);
      return;
    }
    this.#observe(member, before, state, effects);
    // A message to itself arrives at once: its writes are durable.
    for (const effect of effects) {
      if (effect.kind !== "send" || effect.to !== member) continue;
      this.take(member, { kind: "receive", from: member, message: effect.message, ...this.#clock() });
    }
  }

  #carryOut(member: MemberId, effect: Effect<Types>): void {
    switch (effect.kind) {
      case "send":
        if (effect.to !== member) this.network.push({ from: member, to: effect.to, message: effect.message });
        return;
      case "persist":
        for (const piece of this.machine.disk.pieces(effect.record))
          this.disks.set(member, this.machine.disk.write(this.disks.get(member)!, piece));
        return;
      case "setTimer":
        this.#unset(member, effect.name);
        this.timers.push({ member, name: effect.name, earliest: this.now + effect.minUs });
        return;
      case "cancelTimer":
        this.#unset(member, effect.name);
        return;
      case "reply":
      case "note":
        return;
    }
  }

  #unset(member: MemberId, name: string): void {
    this.timers = this.timers.filter((timer) => timer.member !== member || timer.name !== name);
  }

  #clock(): { readonly now: number; readonly wall: number } {
    return { now: this.now, wall: this.now };
  }
}

function none(): boolean {
  return false;
}

function ignore(): void {}
