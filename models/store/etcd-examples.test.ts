import { describe, expect, it, test } from "vitest";
import { eventsAt } from "./events.ts";
import { compare, del, get, grant, put, TestStore, txn } from "./testing/commands.ts";
import type { Command, RangeRequest } from "./types.ts";

/** "Interacting with etcd": the keys of its examples, written in this order. */
function documented(...ops: readonly Command["op"][]): TestStore {
  const store = new TestStore();
  store.apply(put("foo", "bar"), put("foo1", "bar1"), put("foo", "bar_new"), put("foo1", "bar1_new"), ...ops);
  return store;
}

describe("the examples of etcd's documentation", () => {
  test.each<[text: string, key: string, options: Partial<RangeRequest>, found: readonly string[] | string]>([
    ["get foo foo9", "foo", { rangeEnd: "foo9" }, ["foo=bar_new", "foo1=bar1_new"]],
    ["get --rev=4 foo foo9", "foo", { rangeEnd: "foo9", revision: 4 }, ["foo=bar_new", "foo1=bar1"]],
    ["get --rev=3 foo foo9", "foo", { rangeEnd: "foo9", revision: 3 }, ["foo=bar", "foo1=bar1"]],
    ["get --rev=2 foo foo9", "foo", { rangeEnd: "foo9", revision: 2 }, ["foo=bar"]],
    ["get --rev=1 foo foo9", "foo", { rangeEnd: "foo9", revision: 1 }, []],
    ["get --rev=6 foo", "foo", { revision: 6 }, "futureRevision"],
    ["get foo", "foo", {}, ["foo=bar_new"]],
    ["get fo", "fo", {}, []],
    ["get --limit=1 foo foo9", "foo", { rangeEnd: "foo9", limit: 1 }, ["foo=bar_new"]],
    ["get --from-key foo1", "foo1", { rangeEnd: "\0" }, ["foo1=bar1_new"]],
    ["get --keys-only foo foo9", "foo", { rangeEnd: "foo9", keysOnly: true }, ["foo=", "foo1="]],
    ["get --count-only foo foo9", "foo", { rangeEnd: "foo9", countOnly: true }, []],
    ["get foo1 foo (a range that ends before it begins)", "foo1", { rangeEnd: "foo" }, []],
    ["get foo foo1 (a range is half-open)", "foo", { rangeEnd: "foo1" }, ["foo=bar_new"]],
  ])("%s", (_, key, options, found) => {
    expect(documented().find(key, options)).toEqual(found);
  });

  it("compact 5, then get --rev=4: mvcc: required revision has been compacted", () => {
    const store = documented({ kind: "compact", revision: 5 });
    expect(store.find("foo", { revision: 4 })).toBe("compacted");
    expect(store.find("foo", { revision: 5 })).toEqual(["foo=bar_new"]);
  });

  it("del foo foo9 deletes two keys; del --prev-kv tells what they were; del --from-key deletes the rest", () => {
    const store = documented();
    expect(store.apply(del("foo", { rangeEnd: "foo9" }))).toEqual({
      kind: "deleteRange",
      revision: 6,
      deleted: 2,
      prevKvs: [],
    });
    store.apply(put("zoo", "val"));
    const zoo = { key: "zoo", value: "val", createRevision: 7, modRevision: 7, version: 1, lease: 0 };
    expect(store.apply(del("zoo", { prevKv: true }))).toEqual({
      kind: "deleteRange",
      revision: 8,
      deleted: 1,
      prevKvs: [zoo],
    });
    store.apply(put("a", "123"), put("b", "456"), put("z", "789"));
    expect(store.apply(del("b", { rangeEnd: "\0" }))).toMatchObject({ deleted: 2, revision: 12 });
    expect(store.find("\0", { rangeEnd: "\0" })).toEqual(["a=123"]);
  });

  it("data model: a put grows the version, a deletion ends the generation, the next one starts with 1", () => {
    const store = new TestStore();
    store.apply(put("a", "1"), put("a", "2"));
    expect(store.state.revision).toBe(3);
    const second = { key: "a", value: "2", createRevision: 2, modRevision: 3, version: 2, lease: 0 };
    expect(store.apply(put("a", "3", { prevKv: true }))).toEqual({ kind: "put", revision: 4, prevKv: second });
    store.apply(del("a"), put("a", "4"));
    const fourth = { key: "a", value: "4", createRevision: 6, modRevision: 6, version: 1, lease: 0 };
    expect(store.apply(put("a", "5", { prevKv: true }))).toEqual({ kind: "put", revision: 7, prevKv: fourth });
    const tombstone = { key: "a", value: "", createRevision: 0, modRevision: 5, version: 0, lease: 0 };
    expect(eventsAt(store.state, 5)).toEqual([tombstone]);
  });

  it("txn: value(user1) = bad decides between del user1 and put user1 good", () => {
    const store = new TestStore();
    store.apply(put("user1", "bad"));
    const request = txn([compare("user1", "value", "equal", "bad")], [del("user1")], [put("user1", "good")]);
    expect(store.apply(request)).toMatchObject({ succeeded: true, revision: 3, responses: [{ deleted: 1 }] });
    expect(store.apply(request)).toMatchObject({ succeeded: false, revision: 4, responses: [{ kind: "put" }] });
    expect(store.find("user1")).toEqual(["user1=good"]);
  });

  it("concurrency API: who creates the key has the lock, by a compare of its create revision with 0", () => {
    const store = new TestStore();
    store.apply(grant(1), grant(2));
    const lock = (lease: number) =>
      txn([compare("lock", "create", "equal", 0)], [put("lock", "", { lease })], [get("lock")]);
    expect(store.apply(lock(1))).toMatchObject({ succeeded: true, revision: 2 });
    expect(store.apply(lock(2))).toMatchObject({ succeeded: false, revision: 2, responses: [{ kvs: [{ lease: 1 }] }] });
    store.apply({ kind: "leaseRevoke", id: 1 });
    expect(store.apply(lock(2))).toMatchObject({ succeeded: true, revision: 4 });
  });

  it("leases: revoking one deletes the keys that are attached to it", () => {
    const store = new TestStore();
    store.apply(grant(7), put("foo", "bar", { lease: 7 }), put("foo1", "bar1"));
    expect(store.apply({ kind: "leaseRevoke", id: 7 })).toEqual({ kind: "leaseRevoke", revision: 4 });
    expect(store.find("\0", { rangeEnd: "\0" })).toEqual(["foo1=bar1"]);
  });
});
