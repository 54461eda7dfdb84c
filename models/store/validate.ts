import { covers } from "./key-range.ts";
import type { DeleteRangeRequest, ErrorCode, Key, StoreRequest, TxnOp, TxnRequest } from "./types.ts";

/** What is wrong with a request whatever the store holds, or null (etcd, v3rpc/key.go). */
export function flawOf(request: StoreRequest, txnOpsMax: number): ErrorCode | null {
  switch (request.kind) {
    case "put":
    case "range":
    case "deleteRange":
      return request.key === "" ? "emptyKey" : null;
    case "txn":
      return flawOfTxn(request, txnOpsMax);
    default:
      return null;
  }
}

/** etcd, checkTxnRequest. */
function flawOfTxn({ compare, success, failure }: TxnRequest, txnOpsMax: number): ErrorCode | null {
  if (Math.max(compare.length, success.length, failure.length) > txnOpsMax) return "tooManyOps";
  for (const { key } of compare) if (key === "") return "emptyKey";
  for (const { key } of success) if (key === "") return "emptyKey";
  for (const { key } of failure) if (key === "") return "emptyKey";
  return changesKeyTwice(success) || changesKeyTwice(failure) ? "duplicateKey" : null;
}

/**
 * etcd, checkIntervals: a branch must not put a key twice, nor put what it deletes, in whatever order. Deletions may
 * overlap: the second finds nothing. etcd overlooks deletions with an open end, so that a key can change twice at one
 * revision (etcd#22445); here they count.
 */
function changesKeyTwice(ops: readonly TxnOp[]): boolean {
  const deletions: DeleteRangeRequest[] = [];
  for (const op of ops) if (op.kind === "deleteRange") deletions.push(op);
  const puts = new Set<Key>();
  for (const op of ops) {
    if (op.kind !== "put") continue;
    if (puts.has(op.key) || deletions.some((deletion) => covers(deletion, op.key))) return true;
    puts.add(op.key);
  }
  return false;
}
