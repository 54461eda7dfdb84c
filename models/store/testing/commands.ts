import { applyCommand } from "../apply.ts";
import { range } from "../range.ts";
import { INITIAL_STORE } from "../state.ts";
import type {
  Command,
  Compare,
  DeleteRangeRequest,
  Key,
  LeaseGrantRequest,
  PutRequest,
  RangeRequest,
  StoreResponse,
  StoreState,
  TxnOp,
  TxnRequest,
} from "../types.ts";

/** Requests with what matters to a test; the rest is as etcdctl leaves it. */
export function put(key: Key, value: string, options: Partial<PutRequest> = {}): PutRequest {
  return { kind: "put", key, value, lease: 0, prevKv: false, ...options };
}

export function get(key: Key, options: Partial<RangeRequest> = {}): RangeRequest {
  const defaults = { rangeEnd: "", limit: 0, revision: 0, serializable: false, keysOnly: false, countOnly: false };
  return { kind: "range", key, ...defaults, ...options };
}

export function del(key: Key, options: Partial<DeleteRangeRequest> = {}): DeleteRangeRequest {
  return { kind: "deleteRange", key, rangeEnd: "", prevKv: false, ...options };
}

export function txn(
  compare: readonly Compare[],
  success: readonly TxnOp[],
  failure: readonly TxnOp[] = [],
): TxnRequest {
  return { kind: "txn", compare, success, failure };
}

export function compare(
  key: Key,
  target: Compare["target"],
  result: Compare["result"],
  operand: string | number,
): Compare {
  return { key, target, result, operand };
}

export function grant(id: number): LeaseGrantRequest {
  return { kind: "leaseGrant", id, ttlUs: 60_000_000 };
}

/** A store under test, and the index of its log. */
export class TestStore {
  state: StoreState = INITIAL_STORE;

  /** Applies commands as the next of the log. @returns the response to the last one */
  apply(...ops: readonly Command["op"][]): StoreResponse {
    let last: StoreResponse | undefined;
    for (const op of ops) {
      const { state, response } = applyCommand(this.state, { id: "test", op }, this.state.consistentIndex + 1);
      this.state = state;
      last = response;
    }
    return last!;
  }

  /** What a range finds, as `key=value`; or the code of the error. */
  find(key: Key, options: Partial<RangeRequest> = {}): readonly string[] | string {
    const response = range(this.state, get(key, options));
    return response.kind === "error" ? response.code : response.kvs.map((kv) => `${kv.key}=${kv.value}`);
  }
}
