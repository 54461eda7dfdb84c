import * as Schema from "effect/Schema";
import { PointSchema, scenarioFields } from "../../harness/scenario.ts";
import { defaulting, Milliseconds, whole, within } from "../../harness/schema.ts";
import { raftConfigFields } from "../shared/raft-config.ts";

/** How members are configured beside Raft; the fields are those of MemberConfig, with durations in milliseconds. */
const memberConfigFields = {
  forwardProposals: defaulting(Schema.Boolean, true),
  requestTimeoutMs: defaulting(within(1, 600_000), 7000),
  readRetryIntervalMs: defaulting(within(1, 600_000), 500),
  backendBatchIntervalMs: defaulting(within(1, 600_000), 100),
  backendBatchLimit: defaulting(whole(1, 1_000_000), 100),
  scrubDelayMs: defaulting(within(0, 600_000), 50),
  leaseCheckIntervalMs: defaulting(within(1, 600_000), 500),
  leaseCheckpointIntervalMs: defaulting(within(0, 600_000), 2000),
  leaseTtlMinMs: defaulting(within(1, 600_000), 1500),
  watchSyncIntervalMs: defaulting(within(1, 600_000), 100),
  watchProgressIntervalMs: defaulting(within(1, 600_000), 2000),
  watchWindow: defaulting(whole(1, 1_000_000), 8),
  watchBatchRevisionsMax: defaulting(whole(1, 1_000_000), 10),
  watchFragmentEvents: defaulting(whole(1, 1_000_000), 3),
  watchStreamTimeoutMs: defaulting(within(1, 600_000), 5000),
  txnOpsMax: defaulting(whole(1, 1_000_000), 128),
} as const;

/** How clients are configured; the fields are those of ClientConfig, with durations in milliseconds. */
const clientConfigFields = {
  sessions: defaulting(whole(1, 20), 3),
  requestTimeoutMs: defaulting(within(1, 600_000), 3000),
  backoffMs: defaulting(within(1, 600_000), 25),
  backoffMaxMs: defaulting(within(1, 600_000), 500),
  attemptsMax: defaulting(whole(1, 1_000_000), 12),
  watchSilenceMs: defaulting(within(1, 600_000), 2000),
} as const;

/**
 * A cluster and its clients: members m1, m2, …, all of them voters, and clients c1, c2, …. A client tries the members in
 * turn; the first goes to m1 first, the second to m2, and so on.
 */
export const SystemSchema = Schema.Struct({
  members: whole(1, 9),
  clients: defaulting(whole(1, 10), 3),
  config: defaulting(Schema.Struct({ ...raftConfigFields, ...memberConfigFields }), {}),
  client: defaulting(Schema.Struct(clientConfigFields), {}),
});

/** `client` is a client's id, or `self`: the client that reached the point in `on`. */
const asked = {
  atMs: defaulting(Milliseconds, 0),
  on: Schema.optionalKey(PointSchema),
  client: defaulting(Schema.String, "c1"),
  session: defaulting(whole(0, 19), 0),
};
/** `to` is a member's id, a role such as `leader`, or `self`. Left out: whichever member the client tries next. */
const called = { ...asked, to: Schema.optionalKey(Schema.String) };
/** What an operator asks of a member. */
const operated = {
  atMs: defaulting(Milliseconds, 0),
  on: Schema.optionalKey(PointSchema),
  to: defaulting(Schema.String, "leader"),
};
/** How many of the same kind; what is written becomes `x`, `x.1`, … */
const counted = { count: defaulting(whole(1, 1000), 1) };

/**
 * A revision: a number, or the latest that the client has seen when it is asked, and so many more or less: `seen`,
 * `seen-3`, `seen+1`. 0 is the current one.
 */
const RevisionSchema = Schema.Union([
  whole(0, 1_000_000_000),
  Schema.String.check(
    Schema.isPattern(/^seen([+-]\d{1,6})?$/, { expected: 'a whole number, or "seen", "seen-3", "seen+1"' }),
  ),
]);

/** One key, all keys that begin with it (`prefix`; all there are, where it is empty), or up to and without `rangeEnd`. */
const ranged = {
  key: Schema.String,
  prefix: defaulting(Schema.Boolean, false),
  rangeEnd: defaulting(Schema.String, ""),
};
const lease = whole(1, 1_000_000);

const put = {
  kind: Schema.Literal("put"),
  key: Schema.String,
  value: Schema.String,
  lease: defaulting(whole(0, 1_000_000), 0),
  prevKv: defaulting(Schema.Boolean, false),
};
const get = {
  kind: Schema.Literal("get"),
  ...ranged,
  revision: defaulting(RevisionSchema, 0),
  limit: defaulting(whole(0, 1_000_000), 0),
  /** Whatever the member has, which may be old. */
  serializable: defaulting(Schema.Boolean, false),
  keysOnly: defaulting(Schema.Boolean, false),
  countOnly: defaulting(Schema.Boolean, false),
};
const remove = { kind: Schema.Literal("delete"), ...ranged, prevKv: defaulting(Schema.Boolean, false) };

export const TxnOpSchema = Schema.Union([Schema.Struct(put), Schema.Struct(get), Schema.Struct(remove)]);

const CompareSchema = Schema.Struct({
  key: Schema.String,
  target: defaulting(Schema.Literals(["version", "create", "mod", "value", "lease"]), "value"),
  result: defaulting(Schema.Literals(["equal", "notEqual", "greater", "less"]), "equal"),
  /** Text where the target is the value, else a number. */
  operand: Schema.Union([Schema.String, Schema.Int]),
});

/** What clients do, and the operators of the cluster. */
export const OperationSchema = Schema.Union([
  Schema.Struct({ ...called, ...put, ...counted }),
  Schema.Struct({ ...called, ...get }),
  Schema.Struct({ ...called, ...remove }),
  /** If all compares hold, `success`, else `failure`. */
  Schema.Struct({
    kind: Schema.Literal("txn"),
    ...called,
    compare: defaulting(Schema.Array(CompareSchema), []),
    success: defaulting(Schema.Array(TxnOpSchema), []),
    failure: defaulting(Schema.Array(TxnOpSchema), []),
  }),
  Schema.Struct({ kind: Schema.Literal("increment"), ...asked, key: Schema.String, ...counted }),
  Schema.Struct({
    kind: Schema.Literal("transfer"),
    ...asked,
    fromKey: Schema.String,
    toKey: Schema.String,
    amount: whole(0, 1_000_000),
  }),
  Schema.Struct({ kind: Schema.Literal("setAdd"), ...asked, set: Schema.String, element: Schema.String, ...counted }),
  Schema.Struct({ kind: Schema.Literal("setRead"), ...asked, set: Schema.String }),
  Schema.Struct({ kind: Schema.Literal("enqueue"), ...asked, queue: Schema.String, value: Schema.String, ...counted }),
  Schema.Struct({ kind: Schema.Literal("dequeue"), ...asked, queue: Schema.String, ...counted }),
  /** Takes a lock, holds it for a while, and gives it up. */
  Schema.Struct({
    kind: Schema.Literal("lock"),
    ...asked,
    name: Schema.String,
    ttlMs: defaulting(Milliseconds, 2000),
    holdMs: defaulting(Milliseconds, 1000),
  }),
  /** Takes a lock as one who wants to lead, and proclaims a value while it holds it. */
  Schema.Struct({
    kind: Schema.Literal("campaign"),
    ...asked,
    name: Schema.String,
    value: Schema.String,
    ttlMs: defaulting(Milliseconds, 2000),
    holdMs: defaulting(Milliseconds, 1000),
  }),
  /** Grants a lease, attaches keys, keeps it alive for a while, and leaves it to expire. */
  Schema.Struct({
    kind: Schema.Literal("leaseHold"),
    ...asked,
    keys: Schema.Array(Schema.String),
    ttlMs: defaulting(Milliseconds, 2000),
    keepMs: defaulting(Milliseconds, 2000),
  }),
  Schema.Struct({ kind: Schema.Literal("grant"), ...called, lease, ttlMs: defaulting(Milliseconds, 2000) }),
  Schema.Struct({ kind: Schema.Literal("revoke"), ...called, lease }),
  Schema.Struct({ kind: Schema.Literal("keepAlive"), ...called, lease }),
  Schema.Struct({ kind: Schema.Literal("timeToLive"), ...called, lease }),
  Schema.Struct({
    kind: Schema.Literal("watch"),
    ...asked,
    ...ranged,
    startRevision: defaulting(RevisionSchema, 0),
    prevKv: defaulting(Schema.Boolean, false),
    filters: defaulting(Schema.Array(Schema.Literals(["noPut", "noDelete"])), []),
    progressNotify: defaulting(Schema.Boolean, false),
    fragment: defaulting(Schema.Boolean, false),
    /** 0: to the end of the run. */
    forMs: defaulting(Milliseconds, 0),
  }),
  /** Compacts all but the `keep` latest revisions that the client has seen. */
  Schema.Struct({ kind: Schema.Literal("compactTo"), ...asked, keep: defaulting(whole(0, 1_000_000), 0) }),
  Schema.Struct({ kind: Schema.Literal("compact"), ...called, revision: RevisionSchema }),
  Schema.Struct({ kind: Schema.Literal("defragment"), ...operated }),
  /** Asks the leader to hand over to a member, or to who has a role. */
  Schema.Struct({ kind: Schema.Literal("moveLeader"), ...operated, target: Schema.String }),
]);

export const StoreScenarioSchema = Schema.Struct({
  ...scenarioFields,
  suite: Schema.Literal("store"),
  system: SystemSchema,
  workload: defaulting(Schema.Array(OperationSchema), []),
});

export type StoreSystemSpec = typeof SystemSchema.Type;
export type StoreOperation = typeof OperationSchema.Type;
export type StoreScenario = typeof StoreScenarioSchema.Type;
export type TxnOpSpec = typeof TxnOpSchema.Type;
export type RevisionSpec = typeof RevisionSchema.Type;

/** The ids of all members of a scenario, in the order of their processes. */
export function memberIdsOf({ members }: Pick<StoreSystemSpec, "members">): string[] {
  return Array.from({ length: members }, (_, i) => `m${i + 1}`);
}

/** The ids of all clients of a scenario, in the order of their processes: they come after the members. */
export function clientIdsOf({ clients }: Pick<StoreSystemSpec, "clients">): string[] {
  return Array.from({ length: clients }, (_, i) => `c${i + 1}`);
}

/** Whether an id is that of a client, not of a member. */
export function isClientId(id: string): boolean {
  return /^c\d/.test(id);
}
