import type { Compare, Key, KeyValue, LeaseId, PutRequest, RangeRequest, TxnOp, TxnRequest } from "../store/types.ts";

/** A linearizable read of one key. */
export function rangeOf(key: Key): RangeRequest {
  return range(key, "");
}

/** A linearizable read of all keys `name/…`. */
export function rangeUnder(name: Key): RangeRequest {
  // "0" follows "/".
  return range(`${name}/`, `${name}0`);
}

function range(key: Key, rangeEnd: Key): RangeRequest {
  return {
    kind: "range",
    key,
    rangeEnd,
    limit: 0,
    revision: 0,
    serializable: false,
    keysOnly: false,
    countOnly: false,
  };
}

export function put(key: Key, value: string, lease: LeaseId): PutRequest {
  return { kind: "put", key, value, lease, prevKv: false };
}

/** Nothing but reads. */
export function reads(ops: readonly TxnOp[]): TxnRequest {
  return { kind: "txn", compare: [], success: ops, failure: [] };
}

/** Does it if all compares hold, else nothing. */
export function writeIf(compare: readonly Compare[], ops: readonly TxnOp[]): TxnRequest {
  return { kind: "txn", compare, success: ops, failure: [] };
}

/** Whether the key is as it was when it had this mod revision; 0: it is still missing. */
export function unchanged(key: Key, modRevision: number): Compare {
  return { key, target: "mod", result: "equal", operand: modRevision };
}

/** Whether the key is the one that was created at this revision; 0: there is none. */
export function createdAt(key: Key, createRevision: number): Compare {
  return { key, target: "create", result: "equal", operand: createRevision };
}

/** The key that was created first; undefined where there is none. */
export function oldest(kvs: readonly KeyValue[]): KeyValue | undefined {
  let found: KeyValue | undefined;
  for (const kv of kvs) if (found === undefined || kv.createRevision < found.createRevision) found = kv;
  return found;
}

/** The whole number that a key has: 0 where it is missing; null where it is something else. */
export function numberOf(kv: KeyValue | undefined): number | null {
  if (kv === undefined) return 0;
  return /^-?\d{1,15}$/.test(kv.value) ? Number(kv.value) : null;
}
