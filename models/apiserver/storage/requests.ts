import type { Key, KeyRange, PutRequest, RangeRequest, Revision, TxnRequest } from "../../store/types.ts";

/** The latest version of one key. */
export function getKey(key: Key): RangeRequest {
  return readRange({ key, rangeEnd: "" }, 0, 0);
}

/** A range at a revision; 0: the current one. `limit` 0: all of it. */
export function readRange({ key, rangeEnd }: KeyRange, revision: Revision, limit: number): RangeRequest {
  return {
    kind: "range",
    key,
    rangeEnd,
    limit,
    revision,
    serializable: false,
    keysOnly: false,
    countOnly: false,
  };
}

/** How far the store is (etcd3/store.go, GetCurrentResourceVersion). */
export function currentRevision({ key, rangeEnd }: KeyRange): RangeRequest {
  return {
    kind: "range",
    key,
    rangeEnd,
    limit: 1,
    revision: 0,
    serializable: false,
    keysOnly: true,
    countOnly: false,
  };
}

function put(key: Key, value: string): PutRequest {
  return { kind: "put", key, value, lease: 0, prevKv: false };
}

/** etcd3/store.go, Create: a put, if there is no such key; else what there is. */
export function createIfAbsent(key: Key, value: string): TxnRequest {
  return writeIfAt(key, 0, value);
}

/** etcd3/store.go, GuaranteedUpdate: a put, if the key is still at that revision; else what there is now. */
export function writeIfAt(key: Key, revision: Revision, value: string): TxnRequest {
  return {
    kind: "txn",
    compare: [{ key, target: "mod", result: "equal", operand: revision }],
    success: [put(key, value)],
    failure: [getKey(key)],
  };
}

/** etcd3/store.go, conditionalDelete. */
export function deleteIfAt(key: Key, revision: Revision): TxnRequest {
  return {
    kind: "txn",
    compare: [{ key, target: "mod", result: "equal", operand: revision }],
    success: [{ kind: "deleteRange", key, rangeEnd: "", prevKv: false }],
    failure: [getKey(key)],
  };
}
