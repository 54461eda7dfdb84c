import { mapGet, unreachable } from "../kernel/index.ts";
import { isAttachable } from "./attachments.ts";
import { rangeRefusal, readRange } from "./range.ts";
import { type Applied, refused } from "./state.ts";
import type {
  Compare,
  ErrorCode,
  ErrorResponse,
  KeyValue,
  StoreState,
  TxnOp,
  TxnOpResponse,
  TxnRequest,
  TxnResponse,
} from "./types.ts";
import { latest } from "./versions.ts";
import { beginWriting, deleteRange, endWriting, put, revisionWithin, type Writing } from "./write.ts";

/**
 * etcd, rpc.proto: "If the guard evaluates to true, then the success operations are applied; else the failure
 * operations", in their order, at one revision, each seeing those before it. All are checked before the first is carried
 * out, so that an error changes nothing (etcd, txn.checkTxn).
 */
export function applyTxn(state: StoreState, request: TxnRequest): Applied {
  const succeeded = comparesHold(state, request.compare);
  const ops = succeeded ? request.success : request.failure;
  const refusal = opsRefusal(state, ops);
  if (refusal !== null) return refused(state, refusal);
  const writing = beginWriting(state);
  const responses: TxnOpResponse[] = [];
  for (const op of ops) responses.push(carryOut(writing, op));
  const after = endWriting(state, writing);
  return { state: after, response: { kind: "txn", revision: after.revision, succeeded, responses } };
}

/** Carries out a transaction for which {@link isReadOnly} holds. */
export function readTxn(state: StoreState, request: TxnRequest): TxnResponse | ErrorResponse {
  return applyTxn(state, request).response as TxnResponse | ErrorResponse;
}

/** Whether a transaction reads and no more, however its compares turn out (etcd, txn.IsTxnReadonly). */
export function isReadOnly({ success, failure }: TxnRequest): boolean {
  return success.every(isRange) && failure.every(isRange);
}

/** Whether any member may answer a transaction from what it has, which may be stale (etcd, txn.IsTxnSerializable). */
export function isSerializable({ success, failure }: TxnRequest): boolean {
  return success.every(isSerializableRange) && failure.every(isSerializableRange);
}

function isRange(op: TxnOp): boolean {
  return op.kind === "range";
}

function isSerializableRange(op: TxnOp): boolean {
  return op.kind === "range" && op.serializable;
}

function comparesHold(state: StoreState, compares: readonly Compare[]): boolean {
  for (const compare of compares) if (!compareHolds(latest(mapGet(state.keys, compare.key)), compare)) return false;
  return true;
}

/** etcd, txn.applyCompare: "Always fail if comparing a value on a key/keys that doesn't exist"; its numbers are 0. */
function compareHolds(kv: KeyValue | null, compare: Compare): boolean {
  const { operand } = compare;
  if (compare.target === "value") {
    if (kv === null) return false;
    const text = typeof operand === "string" ? operand : "";
    return isResult(compare, kv.value < text ? -1 : kv.value > text ? 1 : 0);
  }
  const number = typeof operand === "number" ? operand : 0;
  return isResult(compare, numberOf(kv, compare.target) - number);
}

function isResult({ result }: Compare, order: number): boolean {
  switch (result) {
    case "equal":
      return order === 0;
    case "notEqual":
      return order !== 0;
    case "greater":
      return order > 0;
    case "less":
      return order < 0;
    default:
      return unreachable(result);
  }
}

function numberOf(kv: KeyValue | null, target: Exclude<Compare["target"], "value">): number {
  if (kv === null) return 0;
  switch (target) {
    case "version":
      return kv.version;
    case "create":
      return kv.createRevision;
    case "mod":
      return kv.modRevision;
    case "lease":
      return kv.lease;
    default:
      return unreachable(target);
  }
}

function opsRefusal(state: StoreState, ops: readonly TxnOp[]): ErrorCode | null {
  for (const op of ops) {
    if (op.kind === "range") {
      const refusal = rangeRefusal(state, op.revision);
      if (refusal !== null) return refusal;
    } else if (op.kind === "put" && !isAttachable(state.leases, op.lease)) return "leaseNotFound";
  }
  return null;
}

function carryOut(writing: Writing, op: TxnOp): TxnOpResponse {
  switch (op.kind) {
    case "put":
      return put(writing, op);
    case "deleteRange":
      return deleteRange(writing, op);
    case "range":
      return readRange(writing.keys, revisionWithin(writing), op);
    default:
      return unreachable(op);
  }
}
