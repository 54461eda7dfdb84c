import { describe, expect, it, test } from "vitest";
import { mapEntries } from "../kernel/index.ts";
import { applyCommand } from "./apply.ts";
import { leaseOf } from "./attachments.ts";
import { scrub } from "./compaction.ts";
import { eventsAt, previousVersion } from "./events.ts";
import { LEASE_TTL_MAX_US } from "./leases.ts";
import { restore } from "./restore.ts";
import { INITIAL_STORE, updateStore } from "./state.ts";
import { compare, del, get, grant, put, TestStore, txn } from "./testing/commands.ts";
import { isReadOnly, isSerializable, readTxn } from "./txn.ts";
import type { Command, Compare, ErrorCode, StoreRequest, TxnOp } from "./types.ts";
import { flawOf } from "./validate.ts";

function storeWith(...ops: readonly Command["op"][]): TestStore {
  const store = new TestStore();
  store.apply(...ops);
  return store;
}

describe("errors", () => {
  const before = [put("a", "1"), put("a", "2"), put("a", "3"), { kind: "compact", revision: 3 } as const, grant(1)];

  test.each<[text: string, op: Command["op"], code: ErrorCode]>([
    ["a put with a lease that is not there", put("b", "", { lease: 2 }), "leaseNotFound"],
    ["a compaction at the revision of the last one", { kind: "compact", revision: 3 }, "compacted"],
    ["a compaction below it", { kind: "compact", revision: 2 }, "compacted"],
    ["a compaction at no revision", { kind: "compact", revision: 0 }, "compacted"],
    ["a compaction that is still to come", { kind: "compact", revision: 5 }, "futureRevision"],
    ["a lease that exists", grant(1), "leaseExists"],
    ["a lease of too long a time", { ...grant(2), ttlUs: LEASE_TTL_MAX_US + 1_000_000 }, "leaseTtlTooLarge"],
    ["a lease to revoke that is not there", { kind: "leaseRevoke", id: 2 }, "leaseNotFound"],
    ["a transaction that reads what is compacted", txn([], [put("b", ""), get("a", { revision: 2 })]), "compacted"],
    ["one that reads what is to come", txn([], [put("b", ""), get("a", { revision: 5 })]), "futureRevision"],
    ["one that puts with an unknown lease", txn([], [put("b", ""), put("c", "", { lease: 2 })]), "leaseNotFound"],
    [
      "one with two errors: the first counts",
      txn([], [get("a", { revision: 9 }), put("c", "", { lease: 2 })]),
      "futureRevision",
    ],
  ])("%s is refused, and changes nothing but the index", (_, op, code) => {
    const store = storeWith(...before);
    const { state } = store;
    expect(store.apply(op)).toEqual({ kind: "error", code, leaderHint: null });
    expect(store.state).toEqual(updateStore(state, { consistentIndex: state.consistentIndex + 1 }));
  });

  it("errors in the branch that is not taken do not matter", () => {
    const bad: readonly TxnOp[] = [put("b", "", { lease: 2 }), get("a", { revision: 99 })];
    const request = txn([compare("a", "version", "equal", 3)], [put("b", "")], bad);
    expect(storeWith(...before).apply(request)).toMatchObject({ kind: "txn", succeeded: true, revision: 5 });
  });

  it("whether history was removed makes no difference to them (etcd#18667)", () => {
    const request = txn([], [get("a", { revision: 2 }), put("b", "")]);
    const late = storeWith(...before).state;
    const command = { id: "c", op: request };
    expect(applyCommand(late, command, 9).response).toEqual(applyCommand(scrub(late), command, 9).response);
  });
});

describe("revisions", () => {
  test.each<[text: string, op: Command["op"], grown: number]>([
    ["a put", put("a", "1"), 1],
    ["a put of the same value", put("k", "v"), 1],
    ["a deletion of what is there", del("k"), 1],
    ["a deletion of what is not", del("x", { rangeEnd: "z" }), 0],
    ["a transaction of three writes", txn([], [put("a", ""), put("b", ""), del("k")]), 1],
    ["a transaction that finds nothing to delete", txn([], [del("x"), get("k")]), 0],
    ["a transaction that reads", txn([], [get("k")]), 0],
    ["a transaction without operations", txn([], []), 0],
    ["a compaction", { kind: "compact", revision: 2 }, 0],
    ["a grant", grant(2), 0],
    ["the end of a lease with keys", { kind: "leaseRevoke", id: 1 }, 1],
    ["a checkpoint", { kind: "leaseCheckpoint", checkpoints: [{ id: 1, remainingTtlUs: 5 }] }, 0],
  ])("%s", (_, op, grown) => {
    const store = storeWith(grant(1), put("k", "v"), put("m", "", { lease: 1 }), put("l", "", { lease: 1 }));
    const response = store.apply(op);
    expect(store.state.revision).toBe(4 + grown);
    expect(response).toMatchObject({ revision: 4 + grown });
    expect(store.state.events.length).toBe(store.state.revision - 1);
  });

  it("within a transaction: revision 0 sees what it wrote, an explicit one what was; each response has its own", () => {
    const store = storeWith(put("a", "1"), put("b", "1"));
    const response = store.apply(
      txn([], [del("x"), get("a"), put("a", "2"), get("a"), get("a", { revision: 3 }), del("b"), get("b"), del("b")]),
    );
    expect(response).toMatchObject({
      revision: 4,
      responses: [
        { deleted: 0, revision: 3 },
        { kvs: [{ value: "1" }], revision: 3 },
        { kind: "put", revision: 4 },
        { kvs: [{ value: "2" }], revision: 4 },
        { kvs: [{ value: "1" }], revision: 4 },
        { deleted: 1, revision: 4 },
        { kvs: [], revision: 4 },
        { deleted: 0, revision: 4 },
      ],
    });
    expect(eventsAt(store.state, 4).map((kv) => [kv.key, kv.version])).toEqual([
      ["a", 2],
      ["b", 0],
    ]);
  });

  it("a revision of its own cannot be read within the transaction that makes it", () => {
    expect(storeWith().apply(txn([], [put("a", "1"), get("a", { revision: 2 })]))).toMatchObject({
      code: "futureRevision",
    });
  });

  it("a command is applied once; what came of it the first time is not known any more", () => {
    const { state } = storeWith(put("a", "1"), put("a", "2"));
    for (const index of [1, 2]) {
      const again = applyCommand(state, { id: "c", op: put("a", "3") }, index);
      expect(again.state).toBe(state);
      expect(again.response).toMatchObject({ code: "timeout" });
    }
    expect(applyCommand(state, { id: "c", op: put("a", "3") }, 7).state.consistentIndex).toBe(7);
  });
});

describe("compares", () => {
  const there = (target: Compare["target"], result: Compare["result"], operand: string | number, holds: boolean) =>
    ["k", target, result, operand, holds] as const;
  const missing = (target: Compare["target"], result: Compare["result"], operand: string | number, holds: boolean) =>
    ["x", target, result, operand, holds] as const;
  test.each([
    there("value", "equal", "v", true),
    there("value", "notEqual", "v", false),
    there("value", "greater", "u", true),
    there("value", "less", "u", false),
    there("value", "equal", "", false),
    there("version", "equal", 2, true),
    there("version", "greater", 2, false),
    there("create", "equal", 3, true),
    there("mod", "equal", 4, true),
    there("mod", "less", 5, true),
    there("lease", "equal", 1, true),
    missing("value", "equal", "", false),
    missing("value", "notEqual", "v", false),
    missing("value", "less", "v", false),
    missing("version", "equal", 0, true),
    missing("create", "equal", 0, true),
    missing("mod", "less", 1, true),
    missing("lease", "notEqual", 0, false),
  ])("%s: %s %s %s: %s", (key, target, result, operand, holds) => {
    const store = storeWith(grant(1), put("x", ""), put("k", "w"), put("k", "v", { lease: 1 }), del("x"));
    expect(store.apply(txn([compare(key, target, result, operand)], []))).toMatchObject({ succeeded: holds });
  });

  it("all must hold, of what was before the transaction", () => {
    const store = storeWith(put("a", "1"));
    const both = [compare("a", "value", "equal", "1"), compare("b", "version", "equal", 0)];
    expect(store.apply(txn(both, [put("b", ""), get("b")]))).toMatchObject({ succeeded: true });
    expect(store.apply(txn(both, []))).toMatchObject({ succeeded: false });
    expect(store.apply(txn([], []))).toMatchObject({ succeeded: true });
  });
});

describe("leases", () => {
  const keysOf = (store: TestStore, id: number) => leaseOf(store.state.leases, id)?.keys;

  it("a key belongs to the lease of its last put, in the order of the keys", () => {
    const store = storeWith(grant(1), grant(2));
    store.apply(put("b", "", { lease: 1 }), put("a", "", { lease: 1 }), put("c", "", { lease: 1 }));
    expect(keysOf(store, 1)).toEqual(["a", "b", "c"]);
    store.apply(put("b", "", { lease: 2 }), put("c", ""), put("a", "", { lease: 1 }));
    expect([keysOf(store, 1), keysOf(store, 2)]).toEqual([["a"], ["b"]]);
    store.apply(del("a", { rangeEnd: "z" }));
    expect([keysOf(store, 1), keysOf(store, 2)]).toEqual([[], []]);
  });

  it("the end of a lease deletes its keys in their order, at one revision; of one without keys, nothing", () => {
    const store = storeWith(grant(1), grant(2), put("b", "", { lease: 1 }), put("a", "", { lease: 1 }));
    store.apply({ kind: "leaseRevoke", id: 1 });
    expect(eventsAt(store.state, 4).map((kv) => kv.key)).toEqual(["a", "b"]);
    expect(store.apply({ kind: "leaseRevoke", id: 2 })).toEqual({ kind: "leaseRevoke", revision: 4 });
    expect(store.state.leases.size).toBe(0);
  });

  it("a checkpoint says what is left of those that are there; 0: all of it", () => {
    const store = storeWith(grant(1), put("a", "", { lease: 1 }));
    const checkpoints = [
      { id: 9, remainingTtlUs: 3 },
      { id: 1, remainingTtlUs: 5 },
    ];
    store.apply({ kind: "leaseCheckpoint", checkpoints });
    const lease = { id: 1, ttlUs: 60_000_000, remainingTtlUs: 5, keys: ["a"] };
    expect(mapEntries(store.state.leases)).toEqual([["1", lease]]);
    store.apply({ kind: "leaseCheckpoint", checkpoints: [{ id: 1, remainingTtlUs: 0 }] });
    expect(leaseOf(store.state.leases, 1)).toEqual({ ...lease, remainingTtlUs: 0 });
  });

  it("one that was revoked can be granted anew, and has no keys", () => {
    const store = storeWith(grant(1), put("a", "", { lease: 1 }), { kind: "leaseRevoke", id: 1 }, grant(1));
    expect(keysOf(store, 1)).toEqual([]);
  });
});

describe("compaction", () => {
  const versions = (store: TestStore) =>
    mapEntries(store.state.keys).map(([key, list]) => `${key}@${list.map((kv) => kv.modRevision).join(",")}`);

  it("only refuses; removing history is for later, and changes what is there to be refused", () => {
    const store = storeWith(put("a", "1"), put("a", "2"), put("a", "3"), { kind: "compact", revision: 3 });
    expect(versions(store)).toEqual(["a@2,3,4"]);
    expect(store.state).toMatchObject({ compactRevision: 3, scrubbedRevision: 0, eventsFrom: 2 });
    store.state = scrub(store.state);
    expect(versions(store)).toEqual(["a@3,4"]);
    expect(store.state).toMatchObject({ compactRevision: 3, scrubbedRevision: 3, eventsFrom: 3 });
  });

  it("a deletion at the revision stays for those who watch from it (etcd#18089); an older one goes", () => {
    const store = storeWith(put("a", "1"), put("b", "1"), del("a"), del("b"), { kind: "compact", revision: 5 });
    store.state = scrub(store.state);
    expect(versions(store)).toEqual(["b@5"]);
    expect(eventsAt(store.state, 5)).toEqual([expect.objectContaining({ key: "b", version: 0 })]);
    expect(previousVersion(store.state, eventsAt(store.state, 5)[0]!)).toBe(null);
    store.apply(put("c", "1"), { kind: "compact", revision: 6 });
    store.state = scrub(store.state);
    expect(versions(store)).toEqual(["c@6"]);
  });

  it("a key that was deleted and made again keeps what is at or above the revision", () => {
    const store = storeWith(put("a", "1"), del("a"), put("a", "2"), put("b", ""), { kind: "compact", revision: 3 });
    store.state = scrub(store.state);
    expect(versions(store)).toEqual(["a@3,4", "b@5"]);
    expect(previousVersion(store.state, eventsAt(store.state, 4)[0]!)).toBe(null);
  });

  it("a second one finds what the first had to leave, also of a key that changed at its very revision", () => {
    const store = storeWith(put("a", "1"), put("b", ""), { kind: "compact", revision: 3 });
    store.state = scrub(store.state);
    store.apply(put("a", "2"), { kind: "compact", revision: 4 });
    store.state = scrub(store.state);
    expect(versions(store)).toEqual(["a@4", "b@3"]);
  });

  it("before the first write there is nothing to remove", () => {
    const store = storeWith({ kind: "compact", revision: 1 });
    expect(scrub(store.state)).toMatchObject({ scrubbedRevision: 1, eventsFrom: 2, revision: 1 });
    expect(scrub(INITIAL_STORE)).toBe(INITIAL_STORE);
  });
});

describe("what came before a change", () => {
  it("is what the key was one revision earlier, unless that is compacted", () => {
    const store = storeWith(put("a", "1"), put("b", "1"), put("a", "2"), del("a"), put("a", "3"));
    const previous = () => [2, 4, 5, 6].map((at) => previousVersion(store.state, eventsAt(store.state, at)[0]!)?.value);
    expect(previous()).toEqual([undefined, "1", "2", undefined]);
    store.apply({ kind: "compact", revision: 4 });
    expect(previous()).toEqual([undefined, undefined, "2", undefined]);
  });
});

describe("after a restart", () => {
  it("the revision is that of the last change, and not below the compaction (etcd#17780)", () => {
    const store = storeWith(put("a", "1"), del("a"), { kind: "compact", revision: 3 });
    expect(restore(store.state)).toEqual(store.state);
    expect(restore(scrub(store.state)).revision).toBe(3);
    expect(restore(INITIAL_STORE)).toEqual(INITIAL_STORE);
    // A backend in which compaction has removed the last change as well, as it did in etcd.
    const { events, eventsFrom } = INITIAL_STORE;
    expect(restore(updateStore(store.state, { events, eventsFrom, revision: 1 })).revision).toBe(3);
  });
});

describe("flaws", () => {
  const many = (count: number): readonly TxnOp[] => Array.from({ length: count }, (_, i) => put(`k${i}`, ""));
  const compares = Array.from({ length: 4 }, () => compare("a", "version", "equal", 0));
  test.each<[text: string, request: StoreRequest, code: ErrorCode | null]>([
    ["a put", put("a", ""), null],
    ["a put of no key", put("", ""), "emptyKey"],
    ["a range from no key", get("", { rangeEnd: "\0" }), "emptyKey"],
    ["a deletion from no key", del("", { rangeEnd: "\0" }), "emptyKey"],
    ["a compare of no key", txn([compare("", "version", "equal", 0)], []), "emptyKey"],
    ["no key in the branch that may not be taken", txn([], [], [get("")]), "emptyKey"],
    ["as many operations as may be", txn([], many(3), many(3)), null],
    ["too many", txn([], many(4)), "tooManyOps"],
    ["too many in the other branch", txn([], [], many(4)), "tooManyOps"],
    ["too many compares", txn(compares, []), "tooManyOps"],
    ["two puts of a key", txn([], [put("a", "1"), put("a", "2")]), "duplicateKey"],
    ["a put in either branch", txn([], [put("a", "1")], [put("a", "2")]), null],
    ["a put, and a deletion of its key", txn([], [put("a", "1"), del("a")]), "duplicateKey"],
    ["a deletion, and a put of its key", txn([], [], [del("a"), put("a", "1")]), "duplicateKey"],
    ["a put within a range that is deleted", txn([], [del("a", { rangeEnd: "c" }), put("b", "")]), "duplicateKey"],
    ["a put at the end of a range that is deleted", txn([], [del("a", { rangeEnd: "c" }), put("c", "")]), null],
    ["a put behind the start of an open range", txn([], [del("a", { rangeEnd: "\0" }), put("b", "")]), "duplicateKey"],
    ["deletions that overlap", txn([], [del("a", { rangeEnd: "c" }), del("b")]), null],
    ["a read of what is put", txn([], [put("a", "1"), get("a")]), null],
    ["a compaction", { kind: "compact", revision: 0 }, null],
  ])("%s: %s", (_, request, code) => {
    expect(flawOf(request, 3)).toBe(code);
  });
});

describe("transactions that only read", () => {
  it("are those without writes in either branch", () => {
    expect(isReadOnly(txn([], [get("a")], [get("b")]))).toBe(true);
    expect(isReadOnly(txn([], [get("a")], [del("b")]))).toBe(false);
    expect(isReadOnly(txn([], [put("a", "")]))).toBe(false);
    expect(isReadOnly(txn([], []))).toBe(true);
    expect(isSerializable(txn([], [get("a", { serializable: true })]))).toBe(true);
    expect(isSerializable(txn([], [get("a", { serializable: true })], [get("a")]))).toBe(false);
  });

  it("answer as they do in the log", () => {
    const store = storeWith(put("a", "1"), put("a", "2"), { kind: "compact", revision: 3 });
    for (const revision of [0, 2, 3, 4]) {
      const request = txn([compare("a", "version", "equal", 2)], [get("a", { revision })]);
      expect(readTxn(store.state, request)).toEqual(store.apply(request));
    }
  });
});
