import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import { weighted } from "../shared/arbitrary.ts";
import { ACCOUNTS, type Stage, VALUE } from "./doing.ts";
import type { RevisionSpec, StoreOperation, TxnOpSpec } from "./scenario.ts";

/** What a run may have beside puts. */
export const OPERATION_KINDS = [
  "get",
  "delete",
  "txn",
  "increment",
  "transfer",
  "set",
  "queue",
  "lock",
  "leaseHold",
  "lease",
  "watch",
  "compact",
  "defragment",
  "moveLeader",
] as const;

export type OperationKind = (typeof OPERATION_KINDS)[number];

const COUNTERS = ["counter/1", "counter/2"] as const;
const LOCKS = ["lock/a", "lock/a", "lock/b"] as const;
/** Leases that clients name themselves, all of them the same few. */
const LEASES = [1, 2, 3] as const;

/** An operation somewhere in the chaos. */
export function operation(kinds: readonly OperationKind[], stage: Stage, chaosMs: number): Arbitrary<StoreOperation> {
  const of = operationsOf(stage, chaosMs, kinds.includes("lease"));
  return fc.oneof(
    { weight: 3, arbitrary: of.put },
    ...kinds.map((kind) => ({ weight: kind === "defragment" || kind === "moveLeader" ? 1 : 2, arbitrary: of[kind] })),
  );
}

function operationsOf(
  stage: Stage,
  chaosMs: number,
  leases: boolean,
): Record<OperationKind | "put", Arbitrary<StoreOperation>> {
  const atMs = fc.integer({ min: 0, max: chaosMs });
  const member = fc.constantFrom(...stage.members);
  const asked = fc.record({
    atMs,
    client: fc.constantFrom(...stage.clients),
    session: fc.integer({ min: 0, max: stage.sessions - 1 }),
  });
  // Clients go to any member, as their turn comes; some know whom they want.
  const to = fc.oneof(
    { weight: 6, arbitrary: fc.constant(null) },
    { weight: 2, arbitrary: fc.constantFrom("leader", "staleLeader", "follower") },
    { weight: 1, arbitrary: member },
  );
  const called = fc.tuple(asked, to).map(([place, name]) => (name === null ? place : { ...place, to: name }));
  const by = <P extends object, R extends object>(place: Arbitrary<P>, rest: Arbitrary<R>): Arbitrary<P & R> =>
    fc.tuple(place, rest).map(([a, b]) => ({ ...a, ...b }));
  const is = <K extends string>(kind: K) => fc.constant(kind);
  const key = fc.constantFrom(...stage.keys);
  const count = weighted([3, 1], [1, 3], [1, 8]);
  const lease = fc.constantFrom(...LEASES);
  const ttlMs = fc.constantFrom(500, 1000, 2000, 5000);
  const { put, get, remove, ranged } = txnOps(key, leases ? fc.constantFrom(0, 0, 0, ...LEASES) : fc.constant(0));
  const txnOp = fc.oneof<Arbitrary<TxnOpSpec>[]>(put, put, get, remove);
  const holding = { name: fc.constantFrom(...LOCKS), ttlMs, holdMs: fc.constantFrom(0, 200, 1000, 3000) };
  return {
    put: by(called, by(put, fc.record({ count }))),
    get: by(called, get),
    delete: by(called, remove),
    txn: by(
      called,
      fc.record({
        kind: is("txn"),
        compare: fc.array(compare(key), { maxLength: 2 }),
        success: fc.array(txnOp, { maxLength: 5 }),
        failure: fc.array(txnOp, { maxLength: 2 }),
      }),
    ),
    increment: by(asked, fc.record({ kind: is("increment"), key: fc.constantFrom(...COUNTERS), count })),
    transfer: by(
      asked,
      fc.record({
        kind: is("transfer"),
        fromKey: fc.constantFrom(...ACCOUNTS),
        toKey: fc.constantFrom(...ACCOUNTS),
        amount: fc.constantFrom(1, 30, 120),
      }),
    ),
    set: fc.oneof(
      by(asked, fc.record({ kind: is("setAdd"), set: is("set"), element: is(VALUE), count })),
      by(asked, fc.record({ kind: is("setRead"), set: is("set") })),
    ),
    queue: fc.oneof(
      by(asked, fc.record({ kind: is("enqueue"), queue: is("queue"), value: is(VALUE), count })),
      by(asked, fc.record({ kind: is("dequeue"), queue: is("queue"), count })),
    ),
    lock: fc.oneof(
      by(asked, fc.record({ kind: is("lock"), ...holding })),
      by(asked, fc.record({ kind: is("campaign"), value: is(VALUE), ...holding })),
    ),
    leaseHold: by(
      asked,
      fc.record({
        kind: is("leaseHold"),
        keys: fc.subarray([...stage.keys], { minLength: 1, maxLength: 2 }),
        ttlMs,
        keepMs: fc.constantFrom(0, 1000, 4000),
      }),
    ),
    lease: fc.oneof(
      { weight: 4, arbitrary: by(called, fc.record({ kind: is("grant"), lease, ttlMs })) },
      { weight: 2, arbitrary: by(called, fc.record({ kind: is("revoke"), lease })) },
      { weight: 3, arbitrary: by(called, fc.record({ kind: is("keepAlive"), lease })) },
      { weight: 2, arbitrary: by(called, fc.record({ kind: is("timeToLive"), lease })) },
    ),
    watch: by(
      asked,
      by(
        ranged,
        fc.record({
          kind: is("watch"),
          startRevision: fc.constantFrom<RevisionSpec>(0, 0, 1, 5, "seen-3", "seen+1", "seen+3"),
          prevKv: fc.boolean(),
          filters: fc.constantFrom<("noPut" | "noDelete")[][]>([], [], [], ["noPut"], ["noDelete"]),
          progressNotify: fc.boolean(),
          fragment: fc.boolean(),
          forMs: fc.constantFrom(0, 0, 3000),
        }),
      ),
    ),
    compact: fc.oneof(
      by(asked, fc.record({ kind: is("compactTo"), keep: fc.integer({ min: 0, max: 6 }) })),
      by(
        called,
        fc.record({ kind: is("compact"), revision: fc.constantFrom<RevisionSpec>("seen", "seen-2", "seen+1", 3) }),
      ),
    ),
    defragment: fc.record({
      kind: is("defragment"),
      atMs,
      to: fc.oneof(member, fc.constantFrom("leader", "follower")),
    }),
    moveLeader: fc.record({ kind: is("moveLeader"), atMs, to: is("leader"), target: member }),
  };
}

/** What may stand in a transaction, or alone. */
function txnOps(key: Arbitrary<string>, lease: Arbitrary<number>) {
  const rest = { prefix: fc.constant(false), rangeEnd: fc.constant("") };
  const ranged = fc.oneof(
    { weight: 4, arbitrary: fc.record({ key, ...rest }) },
    { weight: 2, arbitrary: fc.record({ key: fc.constantFrom("", "k"), ...rest, prefix: fc.constant(true) }) },
    { weight: 1, arbitrary: fc.record({ key, ...rest, rangeEnd: fc.constantFrom("k3", "k9", "\0") }) },
  );
  const by = <A extends object, B extends object>(a: Arbitrary<A>, b: Arbitrary<B>): Arbitrary<A & B> =>
    fc.tuple(a, b).map(([left, right]) => ({ ...left, ...right }));
  const put = fc.record({
    kind: fc.constant("put" as const),
    key,
    value: fc.constant(VALUE),
    lease,
    prevKv: fc.boolean(),
  });
  const get = by(
    ranged,
    fc.record({
      kind: fc.constant("get" as const),
      revision: fc.constantFrom<RevisionSpec>(0, 0, 0, 0, "seen", "seen-2", "seen-5", "seen+1"),
      limit: fc.constantFrom(0, 0, 0, 1, 2),
      serializable: weighted([3, false], [1, true]),
      keysOnly: weighted([5, false], [1, true]),
      countOnly: weighted([5, false], [1, true]),
    }),
  );
  const remove = by(ranged, fc.record({ kind: fc.constant("delete" as const), prevKv: fc.boolean() }));
  return { put, get, remove, ranged };
}

function compare(key: Arbitrary<string>) {
  const result = fc.constantFrom("equal" as const, "notEqual" as const, "greater" as const, "less" as const);
  return fc.oneof(
    fc.record({ key, target: fc.constant("value" as const), result, operand: fc.constantFrom("v0", "v5") }),
    fc.record({
      key,
      target: fc.constantFrom("version" as const, "create" as const, "mod" as const, "lease" as const),
      result,
      operand: fc.integer({ min: 0, max: 4 }),
    }),
  );
}
