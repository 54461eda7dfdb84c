import { type Observer, type Packet, TestWorld } from "../../kernel/testing/test-world.ts";
import type { MemberId, RaftConfig } from "../../raft/types.ts";
import { storeMember } from "../index.ts";
import type { ClientMessage, MemberConfig, MemberState, MemberTypes, RaftRules, StoreState } from "../types.ts";

export type StorePacket = Packet<MemberTypes["message"]>;
export type StoreObserver = Observer<MemberTypes>;

/** The configuration of the tests. Durations in microseconds. */
export function testConfig(
  id: MemberId,
  voters: readonly MemberId[],
  over: Partial<MemberConfig> = {},
  raftOver: Partial<RaftConfig> = {},
): MemberConfig {
  return {
    kind: "member",
    raft: {
      id,
      initialConfiguration: { voters, votersOutgoing: [], learners: [], learnersNext: [] },
      heartbeatIntervalUs: 100_000,
      electionTimeoutUs: 1_000_000,
      electionTimeoutMaxUs: 2_000_000,
      preVote: true,
      checkQuorum: true,
      readMode: "readIndex",
      clockDriftBound: 1.1,
      pipelining: true,
      inflightAppendsMax: 16,
      entriesPerAppendMax: 16,
      fastBackup: true,
      snapshotEntries: 0,
      snapshotCatchUpEntries: 1,
      pendingProposalsMax: 16,
      promotionLagMax: 2,
      forwardReads: true,
      autoLeave: true,
      ...raftOver,
    },
    forwardProposals: true,
    requestTimeoutUs: 5_000_000,
    readRetryIntervalUs: 500_000,
    backendBatchIntervalUs: 100_000,
    backendBatchLimit: 1000,
    scrubDelayUs: 50_000,
    leaseCheckIntervalUs: 500_000,
    leaseCheckpointIntervalUs: 0,
    leaseTtlMinUs: 2_000_000,
    watchSyncIntervalUs: 100_000,
    watchProgressIntervalUs: 10_000_000,
    watchWindow: 16,
    watchBatchRevisionsMax: 16,
    watchFragmentEvents: 2,
    watchStreamTimeoutUs: 20_000_000,
    txnOpsMax: 16,
    ...over,
  };
}

/** Members of a store whose messages, timers and disks are in the hands of a test, and so are their clients. */
export class StoreCluster extends TestWorld<MemberTypes> {
  constructor(rules: RaftRules, observe: StoreObserver) {
    super(storeMember(rules), observe);
  }

  /** Starts members that form a cluster. */
  form(ids: readonly MemberId[], over: Partial<MemberConfig> = {}, raftOver: Partial<RaftConfig> = {}): void {
    for (const id of ids) this.start(id, testConfig(id, ids, over, raftOver));
  }

  /** A crash takes some time: what a member calls its own requests goes by when it has booted. */
  override crash(id: MemberId): void {
    this.now++;
    super.crash(id);
  }

  /** A client says something to a member. */
  tell(member: MemberId, client: string, message: ClientMessage, effectsMax?: number): void {
    this.receive(member, client, message, effectsMax);
  }

  /** A member that takes itself for the leader, of the highest term. */
  leader(): MemberState | null {
    let leader: MemberState | null = null;
    for (const state of this.states.values())
      if (state.raft.leader !== null && (leader === null || state.raft.currentTerm > leader.raft.currentTerm))
        leader = state;
    return leader;
  }

  /** The store as a member has applied it. */
  store(member: MemberId): StoreState {
    return this.state(member).raft.application;
  }
}
