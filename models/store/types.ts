import type {
  ClockReading,
  DiskFormat,
  Input,
  MachineTypes,
  Micros,
  OrderedMap,
  ProcessId,
  RequestId,
  Step,
  Vector,
} from "../kernel/index.ts";
import type {
  Application,
  MemberId,
  RaftConfig,
  RaftDurable,
  RaftMessage,
  RaftRecord,
  RaftState,
  RaftTypes,
  Term,
} from "../raft/types.ts";

export type Key = string;

/** Grows by one with each write transaction that changes something. A store that was never written to has revision 1. */
export type Revision = number;

/** Names a lease; chosen by who grants it. 0 is no lease. */
export type LeaseId = number;

/** A version of a key (etcd, mvccpb.KeyValue). A tombstone has version 0, an empty value and create revision 0. */
export interface KeyValue {
  readonly key: Key;
  readonly value: string;
  /** The revision of the write that created the key, the last time that it was created. */
  readonly createRevision: Revision;
  /** The revision of the write that made this version. */
  readonly modRevision: Revision;
  /** 1 when the key is created, and one more with each put. */
  readonly version: number;
  readonly lease: LeaseId;
}

/** A change of a key, as watchers are told (etcd, mvccpb.Event). */
export interface StoreEvent {
  readonly type: "put" | "delete";
  /** The version after the change; a tombstone for a delete. */
  readonly kv: KeyValue;
  /** The version before, where the watcher asked for it and the key existed. */
  readonly prevKv: KeyValue | null;
}

// ---- Requests and responses. The fields are those of etcd's rpc.proto; durations are microseconds.

/**
 * A range of keys: the one key where `rangeEnd` is empty; from `key` on, without end, where it is "\0"; else from `key` up
 * to and without `rangeEnd`. Keys are ordered by their UTF-16 units.
 */
export interface KeyRange {
  readonly key: Key;
  readonly rangeEnd: Key;
}

export interface PutRequest {
  readonly kind: "put";
  readonly key: Key;
  readonly value: string;
  readonly lease: LeaseId;
  readonly prevKv: boolean;
}

export interface RangeRequest extends KeyRange {
  readonly kind: "range";
  /** The most keys to return; 0: all. */
  readonly limit: number;
  /** At which revision; 0: the current one. */
  readonly revision: Revision;
  /** Answer from what this member has, which may be stale. */
  readonly serializable: boolean;
  readonly keysOnly: boolean;
  readonly countOnly: boolean;
}

export interface DeleteRangeRequest extends KeyRange {
  readonly kind: "deleteRange";
  readonly prevKv: boolean;
}

export type TxnOp = PutRequest | RangeRequest | DeleteRangeRequest;

/** Compares one key. One that does not exist has version, revisions and lease 0, and no value: comparing it fails. */
export interface Compare {
  readonly key: Key;
  readonly target: "version" | "create" | "mod" | "value" | "lease";
  readonly result: "equal" | "notEqual" | "greater" | "less";
  /** A string where the target is the value, else a number. */
  readonly operand: string | number;
}

/** If all compares hold, `success` is carried out, else `failure`: all of it at one revision, or none. */
export interface TxnRequest {
  readonly kind: "txn";
  readonly compare: readonly Compare[];
  readonly success: readonly TxnOp[];
  readonly failure: readonly TxnOp[];
}

/** Forgets what is older than `revision`, but for the versions that are current at it. */
export interface CompactRequest {
  readonly kind: "compact";
  readonly revision: Revision;
}

export interface LeaseGrantRequest {
  readonly kind: "leaseGrant";
  readonly id: LeaseId;
  readonly ttlUs: Micros;
}

export interface LeaseRevokeRequest {
  readonly kind: "leaseRevoke";
  readonly id: LeaseId;
}

export interface LeaseKeepAliveRequest {
  readonly kind: "leaseKeepAlive";
  readonly id: LeaseId;
}

export interface LeaseTimeToLiveRequest {
  readonly kind: "leaseTimeToLive";
  readonly id: LeaseId;
}

/** Rewrites the member's own backend. */
export interface DefragmentRequest {
  readonly kind: "defragment";
}

/** Asks the leader to hand over. */
export interface MoveLeaderRequest {
  readonly kind: "moveLeader";
  readonly to: MemberId;
}

/** What goes through the log. */
export type WriteRequest =
  | PutRequest
  | DeleteRangeRequest
  | TxnRequest
  | CompactRequest
  | LeaseGrantRequest
  | LeaseRevokeRequest;

/** What only the leader knows: it alone counts down leases. */
export type LeaseRequest = LeaseKeepAliveRequest | LeaseTimeToLiveRequest;

export type StoreRequest = WriteRequest | RangeRequest | LeaseRequest | DefragmentRequest | MoveLeaderRequest;

/** `revision` is etcd's header.revision: that of the store when the request was carried out. */
export interface PutResponse {
  readonly kind: "put";
  readonly revision: Revision;
  readonly prevKv: KeyValue | null;
}

export interface RangeResponse {
  readonly kind: "range";
  readonly revision: Revision;
  readonly kvs: readonly KeyValue[];
  /** Keys in the range, beyond the limit, too. */
  readonly count: number;
  readonly more: boolean;
}

export interface DeleteRangeResponse {
  readonly kind: "deleteRange";
  readonly revision: Revision;
  readonly deleted: number;
  readonly prevKvs: readonly KeyValue[];
}

export type TxnOpResponse = PutResponse | RangeResponse | DeleteRangeResponse;

export interface TxnResponse {
  readonly kind: "txn";
  readonly revision: Revision;
  readonly succeeded: boolean;
  readonly responses: readonly TxnOpResponse[];
}

/** etcd's errors, by what a client does about them. Where {@link OUTCOME_UNKNOWN} has the code, it may have happened. */
export type ErrorCode =
  /** The revision asked for is compacted. */
  | "compacted"
  /** The revision asked for is still to come. */
  | "futureRevision"
  | "leaseNotFound"
  | "leaseExists"
  | "leaseTtlTooLarge"
  | "emptyKey"
  | "tooManyOps"
  | "duplicateKey"
  | "noLeader"
  | "notLeader"
  | "tooManyRequests"
  | "badTransferee"
  /** The member lost its leader, or its leadership, with the request under way. */
  | "leaderChanged"
  /** No outcome was seen in time. */
  | "timeout";

/** Codes that leave open whether the request was, or will be, carried out. */
export const OUTCOME_UNKNOWN: readonly ErrorCode[] = ["leaderChanged", "timeout"];

export interface ErrorResponse {
  readonly kind: "error";
  readonly code: ErrorCode;
  /** Who leads, as far as the member knows. */
  readonly leaderHint: MemberId | null;
}

export type StoreResponse =
  | PutResponse
  | RangeResponse
  | DeleteRangeResponse
  | TxnResponse
  | { readonly kind: "compact"; readonly revision: Revision }
  | { readonly kind: "leaseGrant"; readonly revision: Revision; readonly id: LeaseId; readonly ttlUs: Micros }
  | { readonly kind: "leaseRevoke"; readonly revision: Revision }
  /** To nobody: the leader's own command. */
  | { readonly kind: "leaseCheckpoint"; readonly revision: Revision }
  /** What is left: the full TTL. */
  | { readonly kind: "leaseKeepAlive"; readonly revision: Revision; readonly id: LeaseId; readonly ttlUs: Micros }
  | {
      readonly kind: "leaseTimeToLive";
      readonly revision: Revision;
      readonly id: LeaseId;
      readonly grantedTtlUs: Micros;
      /** What is left of it. */
      readonly ttlUs: Micros;
      readonly keys: readonly Key[];
    }
  | { readonly kind: "defragment"; readonly revision: Revision }
  | { readonly kind: "moveLeader"; readonly revision: Revision }
  | ErrorResponse;

// ---- Watches. Each is a stream of its own, named by its client.

/** Unique in a run. */
export type WatchId = string;

export interface WatchCreate extends KeyRange {
  /** The first revision of interest, compacted or not, or still to come; 0: from now on. */
  readonly startRevision: Revision;
  readonly prevKv: boolean;
  /** Leave these out. */
  readonly filters: readonly ("noPut" | "noDelete")[];
  /** Be told now and then up to which revision there was nothing. */
  readonly progressNotify: boolean;
  /** Split what is large into several responses. */
  readonly fragment: boolean;
}

/**
 * What a watcher is told. `sequence` numbers the responses of a stream from 0; a gap means that one was lost on its way,
 * so that the stream is broken, as a TCP connection is. All events of a revision come in one response, but for fragments:
 * of those, all but the last have `fragment`.
 */
export interface WatchResponse {
  readonly kind: "watchResponse";
  readonly watchId: WatchId;
  readonly sequence: number;
  /** The first response of a stream. */
  readonly created: boolean;
  /** The last response of a stream. */
  readonly canceled: boolean;
  /** Where the watch was canceled because its next revision is compacted: the lowest revision that is left. Else 0. */
  readonly compactRevision: Revision;
  /** header.revision. A response without events promises that all events up to it were sent before. */
  readonly revision: Revision;
  readonly events: readonly StoreEvent[];
  readonly fragment: boolean;
}

/** What a client says to a member. */
export type ClientMessage =
  /** `id` is unique in a run: a retry has another. */
  | { readonly kind: "call"; readonly id: RequestId; readonly request: StoreRequest }
  | { readonly kind: "watchCreate"; readonly watchId: WatchId; readonly create: WatchCreate }
  | { readonly kind: "watchCancel"; readonly watchId: WatchId }
  /** Asks to be told up to which revision there was nothing (etcd, WatchProgressRequest). */
  | { readonly kind: "watchProgress"; readonly watchId: WatchId }
  /** A response has been taken in; the stream may carry one more (flow control). */
  | { readonly kind: "watchAck"; readonly watchId: WatchId; readonly sequence: number };

/** What a member says to a client. */
export type ServerMessage =
  | { readonly kind: "answer"; readonly id: RequestId; readonly response: StoreResponse }
  | WatchResponse;

/** What members say to one another, beside Raft's messages. Taken only by the leader of that term. */
export type PeerMessage =
  /** A client's command for the leader's log (etcd raft, a forwarded MsgProp). */
  | { readonly kind: "forward"; readonly term: Term; readonly id: RequestId; readonly command: string }
  /** A client's question about a lease, for the leader (etcd, leaseHandler). */
  | { readonly kind: "leaseCall"; readonly term: Term; readonly id: RequestId; readonly request: LeaseRequest }
  | { readonly kind: "leaseAnswer"; readonly id: RequestId; readonly response: StoreResponse };

export type StoreMessage = RaftMessage<StoreState> | PeerMessage | ClientMessage | ServerMessage;

// ---- What is replicated

/** An entry of the log, as JSON text. `id` is that of the call, so that the member that took it can answer. */
export interface Command {
  readonly id: RequestId;
  readonly op: WriteRequest | LeaseCheckpoint;
}

/** What is left of leases, by their leader, so that the next one does not count from the start. 0: all of it. */
export interface LeaseCheckpoint {
  readonly kind: "leaseCheckpoint";
  readonly checkpoints: readonly { readonly id: LeaseId; readonly remainingTtlUs: Micros }[];
}

export interface Lease {
  readonly id: LeaseId;
  readonly ttlUs: Micros;
  /** What was left of it at its last checkpoint; 0: all of it. */
  readonly remainingTtlUs: Micros;
  /** The keys attached to it, in their order. */
  readonly keys: readonly Key[];
}

/** The state that every member has after applying the same commands, but for how far compaction has got on its disk. */
export interface StoreState {
  /** The index of the last command that is in here (etcd's consistent index). One at or below it is not applied again. */
  readonly consistentIndex: number;
  readonly revision: Revision;
  /** Requests below it are refused. 0: never compacted. */
  readonly compactRevision: Revision;
  /** Up to where history was removed; below `compactRevision` while that goes on. Differs among members. */
  readonly scrubbedRevision: Revision;
  /** The versions of each key, oldest first, tombstones included. */
  readonly keys: OrderedMap<readonly KeyValue[]>;
  /** What each revision changed, from `eventsFrom` on: `events[i]` at revision `eventsFrom + i`. */
  readonly events: Vector<readonly KeyValue[]>;
  readonly eventsFrom: Revision;
  /** By id, as text. */
  readonly leases: OrderedMap<Lease>;
}

// ---- A member

/** What one write to disk holds: one of Raft's, or a commit of the backend's batch. */
export type StoreRecord =
  | RaftRecord<StoreState>
  | { readonly kind: "backend"; readonly consistentIndex: number; readonly content: StoreState };

export interface StoreDurable {
  readonly raft: RaftDurable<StoreState>;
  /** What was last committed, and up to which index; null before the first commit. */
  readonly backend: { readonly consistentIndex: number; readonly content: StoreState } | null;
}

/** Who is answered: a client, a member that has passed on its client's lease call, the operator, or nobody. */
export interface Asker {
  readonly kind: "client" | "member" | "operator" | "nobody";
  /** Empty for an operator and for nobody. */
  readonly process: ProcessId;
}

/** A call whose command is in the log or on its way there, or that was passed on to the leader. */
export interface Wait {
  readonly id: RequestId;
  readonly asker: Asker;
  /** By the local monotonic clock. */
  readonly deadline: Micros;
  readonly what: "command" | "leaseCall" | "transfer" | "renewal";
  /** For a renewal, which begins once the command is applied: of which lease. Else 0. */
  readonly lease: LeaseId;
}

/** A read, or something that must wait for what a read waits for. */
export interface WaitingRead {
  readonly id: RequestId;
  readonly asker: Asker;
  readonly request: RangeRequest | TxnRequest | LeaseRequest;
  readonly deadline: Micros;
}

/** Linearizable reads go through Raft in batches (etcd, linearizableReadLoop). */
export interface ReadBatches {
  /** The Raft read under way, since when (local monotonic time), and what came before it began; null: there is none. */
  readonly asked: { readonly id: RequestId; readonly at: Micros; readonly reads: readonly WaitingRead[] } | null;
  /** What came since: for the next. */
  readonly waiting: readonly WaitingRead[];
}

/** What the leader knows of a lease. Times are of the local monotonic clock. */
export interface LeaseClock {
  readonly id: LeaseId;
  readonly expiresAt: Micros;
  /** Its revocation was proposed: do not propose it again before this. */
  readonly revokingUntil: Micros;
  /** When its remaining time is to be checkpointed. */
  readonly checkpointAt: Micros;
  /** A checkpoint that says that less than all of it is left is in the log, applied or not. */
  readonly checkpointed: boolean;
}

/** Counts down leases while this member leads (etcd, lessor). */
export interface Lessor {
  /** The term in which this member leads and has taken over the leases; 0: it does not. */
  readonly primaryTerm: Term;
  /** In the order of their ids. Empty unless primary. */
  readonly clocks: readonly LeaseClock[];
  /** The Raft read by which leadership is confirmed before leases are revoked or checkpointed, or null. */
  readonly confirming: RequestId | null;
}

/** A watch that a client has opened at this member. */
export interface Watcher {
  readonly watchId: WatchId;
  readonly client: ProcessId;
  readonly create: WatchCreate;
  /** It gets events as they are applied. If not, it is behind and catches up in the background. */
  readonly synced: boolean;
  /** Nothing below it is sent any more. While synced, neither is what was applied before. */
  readonly nextRevision: Revision;
  /** The number of the next response. */
  readonly sequence: number;
  /** Responses up to here were taken in. */
  readonly acked: number;
  /** Local monotonic time of the last sign of life. */
  readonly heardAt: Micros;
  /** It has asked for a progress notification and not got it. */
  readonly progressWanted: boolean;
}

/** What a member has in memory beside Raft. */
export interface ServerState {
  /** Makes ids unique over restarts: local monotonic time of the boot. */
  readonly bootedAt: Micros;
  /** Ids of the member's own made so far. */
  readonly ids: number;
  readonly waits: readonly Wait[];
  readonly reads: ReadBatches;
  readonly lessor: Lessor;
  readonly watchers: readonly Watcher[];
  /** What others have passed on to this member as leader lately, by id, and in which term; `earlier` before `ids`. */
  readonly forwarded: { readonly term: Term; readonly ids: OrderedMap<true>; readonly earlier: OrderedMap<true> };
  /** The consistent index of the last commit of the backend. */
  readonly committedIndex: number;
  /** Names of its timers that are set. */
  readonly timers: readonly string[];
}

export interface MemberState {
  readonly kind: "member";
  readonly config: MemberConfig;
  readonly raft: RaftState<StoreState>;
  readonly server: ServerState;
}

/** What a member is started with. Durations are microseconds; in brackets, etcd's defaults. */
export interface MemberConfig {
  readonly kind: "member";
  readonly raft: RaftConfig;
  /** Followers hand commands to the leader (etcd does), or name it. */
  readonly forwardProposals: boolean;
  /** A call that has no outcome after this is answered so [5 s + 2 election timeouts]. */
  readonly requestTimeoutUs: Micros;
  /** A read that Raft has not answered after this is asked again [500 ms]. */
  readonly readRetryIntervalUs: Micros;
  /** What was applied is committed to the backend after this time [100 ms], or so many commands [10,000]. */
  readonly backendBatchIntervalUs: Micros;
  readonly backendBatchLimit: number;
  /** After a compaction, how long history stays on disk. */
  readonly scrubDelayUs: Micros;
  /** How often the leader looks for expired leases [500 ms]. */
  readonly leaseCheckIntervalUs: Micros;
  /** How often what is left of a lease is checkpointed [5 min]; 0: never. */
  readonly leaseCheckpointIntervalUs: Micros;
  /** Shorter ones are made so long [3/2 election timeouts, in whole seconds]. */
  readonly leaseTtlMinUs: Micros;
  /** How often watchers that are behind get more [100 ms]. */
  readonly watchSyncIntervalUs: Micros;
  /** How often watchers that asked for it are told of progress [10 min]. */
  readonly watchProgressIntervalUs: Micros;
  /** Responses that a stream carries before the first is taken in [1,024, and what the connection holds]. */
  readonly watchWindow: number;
  /** Revisions that a watcher that is behind gets at a time [1,000]. */
  readonly watchBatchRevisionsMax: number;
  /** Events in one response of a watch that takes fragments; etcd goes by bytes [1.5 MB]. */
  readonly watchFragmentEvents: number;
  /** A stream that takes nothing in for this long is closed. */
  readonly watchStreamTimeoutUs: Micros;
  /** [128] */
  readonly txnOpsMax: number;
}

export interface MemberTypes extends MachineTypes {
  readonly state: MemberState;
  readonly message: StoreMessage;
  /** An operator at the member's own command line; clients come by messages. */
  readonly request: StoreRequest;
  readonly response: StoreResponse;
  readonly record: StoreRecord;
  readonly durable: StoreDurable;
  readonly config: MemberConfig;
}

/**
 * What the store needs of Raft. It is handed in, so that a member may stand on any implementation with these rules.
 */
export interface RaftRules {
  boot<App>(
    application: Application<App>,
    durable: RaftDurable<App>,
    config: RaftConfig,
    clock: ClockReading,
  ): Step<RaftTypes<App>>;
  step<App>(application: Application<App>, state: RaftState<App>, input: Input<RaftTypes<App>>): Step<RaftTypes<App>>;
  /** The state with its application's state replaced by one that is equal to whoever asks it. */
  withApplication<App>(state: RaftState<App>, application: App): RaftState<App>;
  disk<App>(): DiskFormat<RaftTypes<App>>;
}

/** How commands are written in the log: as JSON, and perhaps quicker, as who runs many members may remember them. */
export interface CommandText {
  read(text: string): Command;
  write(command: Command): string;
}

/** What a member needs to know: Raft, and how to read what is in its log. */
export interface MemberRules extends RaftRules {
  readonly commands: CommandText;
}
