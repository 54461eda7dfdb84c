import { assert } from "../../kernel/index.ts";
import {
  TestWorld,
  type Observer as WorldObserver,
  type Packet as WorldPacket,
} from "../../kernel/testing/test-world.ts";
import {
  type ChainState,
  type Configuration,
  chain,
  type MemberId,
  type RaftConfig,
  type RaftState,
  type RaftTypes,
  raft,
  simpleConfiguration,
} from "../index.ts";

export type Types = RaftTypes<ChainState>;

export type Packet = WorldPacket<Types["message"]>;
export type Observer = WorldObserver<Types>;

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

/** Members of a cluster whose messages, timers and disks are in the hands of a test. */
export class TestCluster extends TestWorld<Types> {
  constructor(observe: Observer = ignore) {
    super(raft(chain), observe);
  }

  /** Starts members that form a cluster. */
  form(ids: readonly MemberId[], over: Partial<RaftConfig> = {}, learners: readonly MemberId[] = []): void {
    const voters = ids.filter((id) => !learners.includes(id));
    for (const id of ids) this.add(testConfig(id, simpleConfiguration(voters, learners), over));
  }

  /** Starts a member with an empty disk. */
  add(config: RaftConfig): void {
    this.start(config.id, config);
  }

  /** A member that takes itself for the leader, of the highest term. */
  leader(): RaftState<ChainState> | null {
    let leader: RaftState<ChainState> | null = null;
    for (const state of this.states.values())
      if (state.role === "leader" && (leader === null || state.currentTerm > leader.currentTerm)) leader = state;
    return leader;
  }

  /** Elects a member by having its election timer fire, and delivers all. */
  elect(id: MemberId): void {
    this.fire(id, "election");
    this.settle();
    assert(this.state(id).role === "leader", `${id} was not elected`);
  }
}

function ignore(): void {}
