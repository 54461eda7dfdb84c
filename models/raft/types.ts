import type { Effect, MachineTypes, Micros, ProcessId, RequestId, Vector } from "../kernel/index.ts";

/** Members are processes. */
export type MemberId = ProcessId;
/** "Time is divided into terms of arbitrary length, numbered with consecutive integers." The first leader has term 1. */
export type Term = number;
/** The position of an entry in the log. The first entry has index 1. */
export type Index = number;

/**
 * Who decides. While `votersOutgoing` is not empty the configuration is joint, and "agreement (for elections and entry
 * commitment) requires separate majorities from both the old and new configurations" (Raft 6). The fields are those of
 * etcd's ConfState.
 */
export interface Configuration {
  readonly voters: readonly MemberId[];
  readonly votersOutgoing: readonly MemberId[];
  /** They receive the log but have no vote. */
  readonly learners: readonly MemberId[];
  /** Voters of the outgoing half that become learners when the joint configuration is left. */
  readonly learnersNext: readonly MemberId[];
}

/** An entry of the log; its index is its position. */
export type Entry =
  | { readonly kind: "command"; readonly term: Term; readonly command: string }
  /** What a leader appends at the start of its term, to be able to commit (Raft 8). */
  | { readonly kind: "noop"; readonly term: Term }
  /** In force as soon as it is in the log, committed or not (Raft 6). */
  | { readonly kind: "configuration"; readonly term: Term; readonly configuration: Configuration };

/** The log after the last compacted entry. */
export interface Log {
  /** Index and term of the entry just before the first one here: those of the last compacted entry, or 0. */
  readonly prevIndex: Index;
  readonly prevTerm: Term;
  readonly entries: Vector<Entry>;
}

/** The state machine's state after the entry at `index`, which replaces the log up to there. */
export interface Snapshot<App> {
  readonly index: Index;
  readonly term: Term;
  /** The latest configuration in the log up to `index`. */
  readonly configuration: Configuration;
  readonly application: App;
}

/** "Updated on stable storage before responding to RPCs" (Raft fig. 2). */
export interface HardState {
  readonly currentTerm: Term;
  readonly votedFor: MemberId | null;
}

/** What one write to disk holds. */
export type RaftRecord<App> =
  | { readonly kind: "hardState"; readonly hardState: HardState }
  /** Entries from `firstIndex` on; whatever was there before from that index on is gone. */
  | { readonly kind: "entries"; readonly firstIndex: Index; readonly entries: readonly Entry[] }
  /** Replaces the log up to the snapshot's index, or all of it if it does not hold the entry of that index and term. */
  | { readonly kind: "snapshot"; readonly snapshot: Snapshot<App> };

/** What the disk holds. */
export interface RaftDurable<App> {
  readonly hardState: HardState;
  /** null before the first snapshot. */
  readonly snapshot: Snapshot<App> | null;
  readonly log: Log;
}

/** What a leader knows of a peer (etcd raft, tracker.Progress). */
export interface Progress {
  readonly id: MemberId;
  readonly matchIndex: Index;
  readonly nextIndex: Index;
  /** probe: one append at a time until it matches. replicate: pipelined. snapshot: waits for one to be installed. */
  readonly mode: "probe" | "replicate" | "snapshot";
  /** In probe: an append was sent and not yet answered. */
  readonly paused: boolean;
  /** In replicate: last index of each append in flight, oldest first. */
  readonly inflight: readonly Index[];
  /** In snapshot: the index of the snapshot that was sent. */
  readonly pendingSnapshot: Index;
  /** The latest heartbeat round that the peer answered. */
  readonly ackedRound: number;
  /** Heard from since the last quorum check. */
  readonly recentActive: boolean;
}

/** A linearizable read that waits for a quorum to confirm the leader, or for the entry it must see to be applied. */
export interface PendingRead {
  readonly id: RequestId;
  /** Who asked: this member's own client, or a follower that forwarded its client's read. */
  readonly from: MemberId;
  /** The leader's commitIndex when the read arrived. -1 while it is not known. */
  readonly readIndex: Index;
  /** The heartbeat round that has to be acknowledged by a quorum. -1 where none is needed any more. */
  readonly round: number;
}

/** A proposal that this member accepted as leader, and that it has not answered yet. */
export interface PendingProposal {
  readonly id: RequestId;
  readonly index: Index;
  readonly term: Term;
}

export interface LeaderState {
  /** One for each other member of the configuration, in the order of {@link memberIds}. */
  readonly progress: readonly Progress[];
  /** The number of the last heartbeat round that was sent. */
  readonly round: number;
  /**
   * For lease reads, when each round that is not yet acknowledged by a quorum was sent: `roundSentAt[i]` for round
   * `round - length + 1 + i`.
   */
  readonly roundSentAt: readonly Micros[];
  /** Lease reads may be served before this time of the local monotonic clock. */
  readonly leaseUntil: Micros;
  readonly pendingReads: readonly PendingRead[];
  /** To whom leadership is being transferred, or null. */
  readonly leadTransferee: MemberId | null;
  /** timeoutNow was sent in this term: the promise that leases rest on no longer holds, for good. */
  readonly leaseForfeited: boolean;
}

/** What is in memory. */
export interface RaftState<App> {
  readonly config: RaftConfig;
  readonly role: "follower" | "preCandidate" | "candidate" | "leader";
  readonly currentTerm: Term;
  readonly votedFor: MemberId | null;
  readonly leaderId: MemberId | null;
  readonly log: Log;
  readonly snapshot: Snapshot<App> | null;
  readonly commitIndex: Index;
  readonly lastApplied: Index;
  readonly application: App;
  /** The configurations in the log after the snapshot, oldest first, before them the snapshot's own. The last is in force. */
  readonly configurations: readonly { readonly index: Index; readonly configuration: Configuration }[];
  /** Candidates: who answered, and how. */
  readonly votes: readonly { readonly from: MemberId; readonly granted: boolean }[];
  /** null unless leader. */
  readonly leader: LeaderState | null;
  readonly pendingProposals: readonly PendingProposal[];
  /** Reads of this member's own clients that were forwarded to the leader, or that wait to be applied. */
  readonly forwardedReads: readonly PendingRead[];
  /** Local monotonic time of the last word from a leader of the current term, or of the boot. */
  readonly leaderContactAt: Micros;
}

/** What a member is started with. Durations are microseconds. */
export interface RaftConfig {
  readonly id: MemberId;
  /** The configuration of the cluster when it was formed. A member that joins later starts with none (all empty). */
  readonly initialConfiguration: Configuration;
  readonly heartbeatIntervalUs: Micros;
  /** Election timeouts are drawn from [electionTimeoutUs, electionTimeoutMaxUs]. */
  readonly electionTimeoutUs: Micros;
  readonly electionTimeoutMaxUs: Micros;
  /** Ask before campaigning, so that a member that was cut off does not raise the term (Raft thesis 9.6). */
  readonly preVote: boolean;
  /** A leader that does not hear from a quorum steps down; members ignore votes while they hear from a leader. */
  readonly checkQuorum: boolean;
  /** readIndex: confirm leadership for each read (thesis 6.4). lease: rely on the clock (thesis 6.4.1); needs checkQuorum. */
  readonly readMode: "readIndex" | "lease";
  /** How much faster than another the clock of a member may run: 1.1 is 10 %. Shortens leases. */
  readonly clockDriftBound: number;
  /** Send further appends before the earlier ones are answered. */
  readonly pipelining: boolean;
  readonly inflightAppendsMax: number;
  readonly entriesPerAppendMax: number;
  /** Whether a follower's rejection names a term to skip (Raft 5.3, last paragraph), or the leader backs up one by one. */
  readonly fastBackup: boolean;
  /** Take a snapshot when this many entries were applied since the last; 0: never. */
  readonly snapshotEntries: number;
  /** Entries kept behind a snapshot for slow followers. */
  readonly snapshotCatchUpEntries: number;
  /** Proposals accepted and not yet committed; further ones are refused as busy. */
  readonly pendingProposalsMax: number;
  /** A learner may be promoted when it lacks at most this many of the leader's entries. */
  readonly promotionLagMax: number;
  /** Followers hand their clients' reads to the leader, or refuse them. */
  readonly forwardReads: boolean;
  /** The leader leaves a joint configuration by itself as soon as it is committed. */
  readonly autoLeave: boolean;
}

/** Vote requests name their sender's log; `transfer` marks one that a leader has asked for, which ignores leases. */
interface VoteRequest {
  readonly term: Term;
  readonly lastLogIndex: Index;
  readonly lastLogTerm: Term;
  readonly transfer: boolean;
}

export type RaftMessage<App> =
  | ({ readonly kind: "requestPreVote" } & VoteRequest)
  | { readonly kind: "requestPreVoteReply"; readonly term: Term; readonly voteGranted: boolean }
  | ({ readonly kind: "requestVote" } & VoteRequest)
  | { readonly kind: "requestVoteReply"; readonly term: Term; readonly voteGranted: boolean }
  | {
      readonly kind: "appendEntries";
      readonly term: Term;
      readonly prevLogIndex: Index;
      readonly prevLogTerm: Term;
      readonly entries: readonly Entry[];
      readonly leaderCommit: Index;
      /** The heartbeat round in which it was sent; echoed in the reply. */
      readonly round: number;
    }
  | {
      readonly kind: "appendEntriesReply";
      readonly term: Term;
      readonly success: boolean;
      /** On success: the last index known to match. On failure: the prevLogIndex that was refused. */
      readonly matchIndex: Index;
      /** On failure: where the follower's log may agree (etcd's RejectHint and LogTerm). 0 on success. */
      readonly hintIndex: Index;
      readonly hintTerm: Term;
      readonly round: number;
    }
  | { readonly kind: "installSnapshot"; readonly term: Term; readonly snapshot: Snapshot<App>; readonly round: number }
  | {
      readonly kind: "installSnapshotReply";
      readonly term: Term;
      readonly matchIndex: Index;
      readonly round: number;
    }
  | { readonly kind: "timeoutNow"; readonly term: Term }
  | { readonly kind: "readIndex"; readonly term: Term; readonly id: RequestId }
  | { readonly kind: "readIndexReply"; readonly term: Term; readonly id: RequestId; readonly readIndex: Index };

/** One change of the membership, or several at once by joint consensus. */
export type MembershipChange =
  | { readonly kind: "addVoter"; readonly member: MemberId }
  | { readonly kind: "addLearner"; readonly member: MemberId }
  | { readonly kind: "promoteLearner"; readonly member: MemberId }
  | { readonly kind: "demoteVoter"; readonly member: MemberId }
  | { readonly kind: "removeMember"; readonly member: MemberId };

export type RaftRequest =
  | { readonly kind: "propose"; readonly command: string }
  | { readonly kind: "read" }
  /** A single change takes one step (thesis 4.1), several, or `joint`, go through joint consensus (Raft 6). */
  | { readonly kind: "changeMembership"; readonly changes: readonly MembershipChange[]; readonly joint: boolean }
  /** Leave the joint configuration, where autoLeave is off. */
  | { readonly kind: "leaveJoint" }
  | { readonly kind: "transferLeadership"; readonly to: MemberId };

export type RaftResponse =
  /** The proposal is committed and applied at this index. */
  | { readonly kind: "committed"; readonly index: Index; readonly term: Term; readonly result: string }
  /** Another entry was committed in its place: it never happened, and never will. */
  | { readonly kind: "superseded"; readonly index: Index; readonly term: Term }
  /** Its fate is not known to this member: a snapshot covered its index. */
  | { readonly kind: "unknown"; readonly index: Index; readonly term: Term }
  /** The state machine's answer as of `readIndex` or later. */
  | { readonly kind: "read"; readonly readIndex: Index; readonly appliedIndex: Index; readonly result: string }
  | { readonly kind: "transferStarted"; readonly to: MemberId }
  /** Nothing happened, and why. */
  | { readonly kind: "notLeader"; readonly leaderHint: MemberId | null }
  | { readonly kind: "refused"; readonly reason: string };

/** What is replicated: a deterministic state machine. Its state is plain data, its functions are pure. */
export interface Application<App> {
  readonly initial: App;
  /**
   * The state after one committed command, and what its proposer is told. Where nobody waits for the result (`wanted` is
   * false, as on followers) it is thrown away and may be empty; the state must not depend on `wanted`.
   */
  apply(state: App, command: string, index: Index, wanted: boolean): { readonly state: App; readonly result: string };
  /** What a read is told. */
  read(state: App): string;
}

export interface RaftTypes<App> extends MachineTypes {
  readonly state: RaftState<App>;
  readonly message: RaftMessage<App>;
  readonly request: RaftRequest;
  readonly response: RaftResponse;
  readonly record: RaftRecord<App>;
  readonly durable: RaftDurable<App>;
  readonly config: RaftConfig;
}

/** The output list of one step, made by that step: the only thing that a rule writes to. */
export type Effects<App> = Effect<RaftTypes<App>>[];
