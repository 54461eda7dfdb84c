import {
  append,
  at,
  emptyOrderedMap,
  emptyVector,
  mapDelete,
  mapDifference,
  mapEach,
  mapGet,
  mapHas,
  mapSet,
  type OrderedMap,
  unreachable,
  type Vector,
} from "../../../models/kernel/index.ts";
import type {
  Compare,
  ErrorCode,
  KeyRange,
  KeyValue,
  RangeRequest,
  Revision,
  StoreResponse,
  TxnOp,
  TxnOpResponse,
  WriteRequest,
} from "../../../models/store/types.ts";
import type { SequentialModel } from "../history.ts";
import { samePlainData } from "../plain-data.ts";

/** What the model understands. */
export type StoreModelRequest = WriteRequest | RangeRequest;

/** A call of a store, and its answer; null: it is not known. */
export interface StoreOp {
  readonly request: StoreModelRequest;
  readonly response: StoreResponse | null;
}

/** A key-value store as one object, with all its revisions. */
export interface StoreModelState {
  readonly revision: Revision;
  readonly compactRevision: Revision;
  /** What there is at this revision. */
  readonly kvs: OrderedMap<KeyValue>;
  /** What there was: `history[i]` at revision `i + 1`, up to this one. */
  readonly history: Vector<OrderedMap<KeyValue>>;
  /** By id, as text. */
  readonly leases: OrderedMap<true>;
  /** Two sums over all changes up to this revision, and one over the leases: they stand for what makes states differ. */
  readonly changesSum: number;
  readonly changesSumOther: number;
  readonly leasesSum: number;
}

/** Errors that are the answer of the store as it is, and not of a member that could not ask it. */
const ANSWERS: readonly ErrorCode[] = [
  "compacted",
  "futureRevision",
  "leaseNotFound",
  "leaseExists",
  "leaseTtlTooLarge",
];

/** etcd, lease.MaxLeaseTTL: 9,000,000,000 seconds. */
const LEASE_TTL_MAX_US = 9e15;

/** Whether a response says what the store holds. */
export function isAnswer(response: StoreResponse): boolean {
  return response.kind !== "error" || ANSWERS.includes(response.code);
}

/** Whether a request can change nothing, whatever there is. */
export function isReadRequest(request: StoreModelRequest): boolean {
  if (request.kind === "txn") return request.success.every(isRange) && request.failure.every(isRange);
  return request.kind === "range";
}

function isRange({ kind }: TxnOp): boolean {
  return kind === "range";
}

const INITIAL: StoreModelState = {
  revision: 1,
  compactRevision: 0,
  kvs: emptyOrderedMap(),
  history: append(emptyVector<OrderedMap<KeyValue>>(), emptyOrderedMap<KeyValue>()),
  leases: emptyOrderedMap(),
  changesSum: 0,
  changesSumOther: 0,
  leasesSum: 0,
};

/**
 * etcd's store as a sequential object: put, range, deleteRange, txn, compact, and what leases do to keys. Answers are
 * told whole, revisions included, so that little is left to be searched.
 *
 * Two states count as one where two sums of 32 bits over all their changes are equal.
 */
export const storeModel: SequentialModel<StoreModelState, StoreOp> = {
  name: "store",
  initial: INITIAL,
  step(state, { request, response }) {
    if (response === null) return isReadRequest(request) ? state : carryOut(state, request).state;
    if (response.kind !== "error") {
      const { revision } = response;
      if (revision !== state.revision && (revision !== state.revision + 1 || isReadRequest(request))) return undefined;
    }
    const done = carryOut(state, request);
    return answers(done.response, response) ? done.state : undefined;
  },
  identity: ({ revision, compactRevision, changesSum, changesSumOther, leasesSum }) =>
    `${revision} ${compactRevision} ${changesSum} ${changesSumOther} ${leasesSum}`,
  effect({ request, response }) {
    if (isReadRequest(request)) return "reads";
    if (response === null) return "total";
    return response.kind === "error" || (response.kind === "deleteRange" && response.deleted === 0) ? "reads" : "other";
  },
  opIdentity: (op) => JSON.stringify(op),
  describe: ({ request, response }) =>
    `${JSON.stringify(request)} = ${response === null ? "?" : JSON.stringify(response)}`,
  describeState({ revision, kvs }) {
    const held: string[] = [];
    mapEach(kvs, "", null, ({ value, modRevision }, key) => {
      held.push(`${key}=${JSON.stringify(value)}@${modRevision}`);
    });
    return `revision ${revision}: ${held.join(", ")}`;
  },
};

/** What a request does, and what it is answered. Exported for those who want to say what was expected. */
export function carryOut(
  state: StoreModelState,
  request: StoreModelRequest,
): { readonly state: StoreModelState; readonly response: StoreResponse } {
  switch (request.kind) {
    case "range": {
      const refusal = rangeRefusal(state, request);
      if (refusal !== null) return refuse(state, refusal);
      return { state, response: readRange(state.kvs, state, state.revision, request) };
    }
    case "put":
    case "deleteRange": {
      const done = carryOutAll(state, [request]);
      if (done.kind === "refused") return refuse(state, done.code);
      return { state: done.state, response: done.responses[0]! };
    }
    case "txn": {
      const succeeded = request.compare.every((compare) => holds(mapGet(state.kvs, compare.key), compare));
      const done = carryOutAll(state, succeeded ? request.success : request.failure);
      if (done.kind === "refused") return refuse(state, done.code);
      const { revision } = done.state;
      return { state: done.state, response: { kind: "txn", revision, succeeded, responses: done.responses } };
    }
    case "compact": {
      const { revision } = state;
      if (request.revision <= state.compactRevision) return refuse(state, "compacted");
      if (request.revision > revision) return refuse(state, "futureRevision");
      return { state: { ...state, compactRevision: request.revision }, response: { kind: "compact", revision } };
    }
    case "leaseGrant": {
      const { id, ttlUs } = request;
      const key = String(id);
      if (ttlUs > LEASE_TTL_MAX_US) return refuse(state, "leaseTtlTooLarge");
      if (mapHas(state.leases, key)) return refuse(state, "leaseExists");
      const leases = mapSet<true>(state.leases, key, true);
      const after = { ...state, leases, leasesSum: state.leasesSum ^ hashText(0, key) };
      return { state: after, response: { kind: "leaseGrant", revision: state.revision, id, ttlUs } };
    }
    case "leaseRevoke":
      return revokeLease(state, request.id);
    default:
      return unreachable(request);
  }
}

function refuse(state: StoreModelState, code: ErrorCode): { state: StoreModelState; response: StoreResponse } {
  return { state, response: { kind: "error", code, leaderHint: null } };
}

/** Whether what a client was told is what the model says. Whoever grants a lease may make it longer than asked for. */
export function answers(expected: StoreResponse, told: StoreResponse): boolean {
  if (expected.kind === "error") return told.kind === "error" && told.code === expected.code;
  if (expected.kind === "leaseGrant")
    return (
      told.kind === "leaseGrant" &&
      told.id === expected.id &&
      told.revision === expected.revision &&
      told.ttlUs >= expected.ttlUs
    );
  return samePlainData(expected, told);
}

type Done =
  | { readonly kind: "done"; readonly state: StoreModelState; readonly responses: readonly TxnOpResponse[] }
  | { readonly kind: "refused"; readonly code: ErrorCode };

/** All at one revision, each seeing those before it; or none, if one of them cannot be carried out. */
function carryOutAll(state: StoreModelState, ops: readonly TxnOp[]): Done {
  for (const op of ops) {
    if (op.kind === "range") {
      const refusal = rangeRefusal(state, op);
      if (refusal !== null) return { kind: "refused", code: refusal };
    } else if (op.kind === "put" && op.lease !== 0 && !mapHas(state.leases, String(op.lease)))
      return { kind: "refused", code: "leaseNotFound" };
  }
  const revision = state.revision + 1;
  let { kvs } = state;
  const responses = ops.map((op): TxnOpResponse => {
    switch (op.kind) {
      case "range":
        return readRange(kvs, state, kvs === state.kvs ? state.revision : revision, op);
      case "put": {
        const prev = mapGet(kvs, op.key) ?? null;
        kvs = mapSet(kvs, op.key, {
          key: op.key,
          value: op.value,
          createRevision: prev?.createRevision ?? revision,
          modRevision: revision,
          version: (prev?.version ?? 0) + 1,
          lease: op.lease,
        });
        return { kind: "put", revision, prevKv: op.prevKv ? prev : null };
      }
      case "deleteRange": {
        const found = kvsIn(kvs, op);
        for (const { key } of found) kvs = mapDelete(kvs, key);
        const seen = kvs === state.kvs ? state.revision : revision;
        return { kind: "deleteRange", revision: seen, deleted: found.length, prevKvs: op.prevKv ? found : [] };
      }
      default:
        return unreachable(op);
    }
  });
  return { kind: "done", state: withKvs(state, kvs), responses };
}

function revokeLease(state: StoreModelState, id: number): { state: StoreModelState; response: StoreResponse } {
  const lease = String(id);
  if (!mapHas(state.leases, lease)) return refuse(state, "leaseNotFound");
  let { kvs } = state;
  mapEach(state.kvs, "", null, (kv, key) => {
    if (kv.lease === id) kvs = mapDelete(kvs, key);
  });
  const after = withKvs(state, kvs);
  const leases = mapDelete(state.leases, lease);
  return {
    state: { ...after, leases, leasesSum: state.leasesSum ^ hashText(0, lease) },
    response: { kind: "leaseRevoke", revision: after.revision },
  };
}

/** The next revision, where anything was written. */
function withKvs(state: StoreModelState, kvs: OrderedMap<KeyValue>): StoreModelState {
  if (kvs === state.kvs) return state;
  const revision = state.revision + 1;
  return {
    revision,
    compactRevision: state.compactRevision,
    kvs,
    history: append(state.history, kvs),
    leases: state.leases,
    ...sumsAfter(state, kvs),
    leasesSum: state.leasesSum,
  };
}

/** The sums over all changes, with those of one more revision. */
function sumsAfter(
  { kvs, changesSum, changesSumOther }: StoreModelState,
  after: OrderedMap<KeyValue>,
): { changesSum: number; changesSumOther: number } {
  let sum = Math.imul(changesSum, 0x9e3779b1) + 1;
  let other = Math.imul(changesSumOther, 0x85ebca6b) + 1;
  mapDifference(kvs, after, (key, _before, kv) => {
    const change = hashText(hashText(0, key), kv === undefined ? "" : kv.value);
    const kind = kv === undefined ? -1 : kv.lease;
    sum = Math.imul(sum ^ change, 0xc2b2ae35) + kind;
    other = Math.imul(other + change, 0x27d4eb2f) ^ kind;
  });
  return { changesSum: sum | 0, changesSumOther: other | 0 };
}

function hashText(start: number, text: string): number {
  let hash = start ^ text.length;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash;
}

function rangeRefusal(state: StoreModelState, { revision }: RangeRequest): ErrorCode | null {
  if (revision <= 0) return null;
  if (revision > state.revision) return "futureRevision";
  return revision < state.compactRevision ? "compacted" : null;
}

/** What a range reads. `seen` is the revision that the reader is at, and `kvs` what is there. */
function readRange(
  kvs: OrderedMap<KeyValue>,
  { history }: StoreModelState,
  seen: Revision,
  request: RangeRequest,
): Extract<StoreResponse, { kind: "range" }> {
  const there = request.revision > 0 && request.revision < seen ? at(history, request.revision - 1)! : kvs;
  const found = kvsIn(there, request);
  const { limit, keysOnly, countOnly } = request;
  const limited = countOnly ? [] : limit > 0 ? found.slice(0, limit) : found;
  return {
    kind: "range",
    revision: seen,
    kvs: keysOnly ? limited.map((kv) => ({ ...kv, value: "" })) : limited,
    count: found.length,
    more: !countOnly && limited.length < found.length,
  };
}

/** The store as it was at a revision, as one reads who is still there; undefined where there was no such revision. */
export function stateAt(state: StoreModelState, revision: Revision): StoreModelState | undefined {
  const kvs = at(state.history, revision - 1);
  return kvs === undefined ? undefined : { ...state, revision, kvs, compactRevision: 0 };
}

function kvsIn(kvs: OrderedMap<KeyValue>, { key, rangeEnd }: KeyRange): readonly KeyValue[] {
  if (rangeEnd === "") {
    const found = mapGet(kvs, key);
    return found === undefined ? [] : [found];
  }
  const found: KeyValue[] = [];
  mapEach(kvs, key, rangeEnd === "\0" ? null : rangeEnd, (kv) => {
    found.push(kv);
  });
  return found;
}

/** A key that does not exist has numbers 0, and no value that could be compared. */
function holds(kv: KeyValue | undefined, { target, result, operand }: Compare): boolean {
  if (target === "value" && kv === undefined) return false;
  const found = kv === undefined ? 0 : fieldOf(kv, target);
  switch (result) {
    case "equal":
      return found === operand;
    case "notEqual":
      return found !== operand;
    case "greater":
      return found > operand;
    case "less":
      return found < operand;
    default:
      return unreachable(result);
  }
}

function fieldOf(kv: KeyValue, target: Compare["target"]): string | number {
  switch (target) {
    case "version":
      return kv.version;
    case "create":
      return kv.createRevision;
    case "mod":
      return kv.modRevision;
    case "value":
      return kv.value;
    case "lease":
      return kv.lease;
    default:
      return unreachable(target);
  }
}
