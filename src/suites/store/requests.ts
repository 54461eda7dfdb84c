import type { ClientRequest, StoreWorldTypes } from "../../../models/client/types.ts";
import { unreachable } from "../../../models/kernel/index.ts";
import type { KeyRange, Revision, StoreRequest, TxnOp } from "../../../models/store/types.ts";
import { requestId } from "../../harness/run.ts";
import type { World } from "../../simulator/world.ts";
import { us } from "../shared/raft-config.ts";
import { isClientId, type RevisionSpec, type StoreOperation, type TxnOpSpec } from "./scenario.ts";

/** All keys, however many there are (etcd: `WithFromKey` on the first key there can be). */
export const EVERYTHING: KeyRange = { key: "\0", rangeEnd: "\0" };

/** An operation that a client is asked for, not a member. */
export type ClientOperation = Exclude<StoreOperation, { kind: "defragment" | "moveLeader" }>;

/**
 * Lets an operation of the workload happen. One that names nobody who is there, or a process of the wrong kind, does not
 * happen.
 */
export function perform(
  world: World<StoreWorldTypes>,
  operation: StoreOperation,
  index: number,
  self: string | null,
): void {
  const missing =
    operation.kind === "defragment" || operation.kind === "moveLeader"
      ? performAtMember(world, operation, index, self)
      : performByClient(world, operation, index, self);
  if (missing !== null) world.tell(() => `operation ${index}: there is no ${missing} for it`);
}

/** @returns the name that stands for nobody, or null */
function performAtMember(
  world: World<StoreWorldTypes>,
  operation: Exclude<StoreOperation, ClientOperation>,
  index: number,
  self: string | null,
): string | null {
  const member = memberNamed(world, operation.to, self);
  if (member === null) return operation.to;
  if (operation.kind === "defragment") {
    world.request(member, requestId(index, 0), { kind: "defragment" });
    return null;
  }
  const to = memberNamed(world, operation.target, self);
  if (to === null) return operation.target;
  world.request(member, requestId(index, 0), { kind: "moveLeader", to });
  return null;
}

/** @returns the name that stands for nobody, or null */
function performByClient(
  world: World<StoreWorldTypes>,
  operation: ClientOperation,
  index: number,
  self: string | null,
): string | null {
  const client = named(world, operation.client, self);
  if (client === null || !isClientId(client)) return operation.client;
  const to = "to" in operation ? operation.to : undefined;
  const endpoint = to === undefined ? null : memberNamed(world, to, self);
  if (to !== undefined && endpoint === null) return to;
  const { state } = world.process(client);
  const seen = state?.kind === "client" ? state.seenRevision : 0;
  const count = "count" in operation ? operation.count : 1;
  for (let number = 0; number < count; number++)
    world.request(client, requestId(index, number), clientRequest(operation, { number, seen, endpoint }));
  return null;
}

/** The member of that name; `self` is the one whose work the operation waited for. */
function memberNamed(world: World<StoreWorldTypes>, name: string, self: string | null): string | null {
  const id = named(world, name, self);
  return id === null || isClientId(id) ? null : id;
}

function named(world: World<StoreWorldTypes>, name: string, self: string | null): string | null {
  return name === "self" ? self : (world.resolve(name)?.id ?? null);
}

/** What a request depends on beside its operation. */
interface Asking {
  /** Which of those that one operation makes. */
  readonly number: number;
  /** The latest revision that the client has seen. */
  readonly seen: Revision;
  /** The member that is to be asked; null: any. */
  readonly endpoint: string | null;
}

/** What a client is asked for by an operation. */
export function clientRequest(operation: ClientOperation, asking: Asking): ClientRequest {
  const { session } = operation;
  const { number, seen } = asking;
  switch (operation.kind) {
    case "increment":
      return { kind: "increment", session, key: operation.key };
    case "transfer":
      return {
        kind: "transfer",
        session,
        from: operation.fromKey,
        to: operation.toKey,
        amount: operation.amount,
      };
    case "setAdd":
      return { kind: "setAdd", session, set: operation.set, element: numbered(operation.element, number) };
    case "setRead":
      return { kind: "setRead", session, set: operation.set };
    case "enqueue":
      return { kind: "enqueue", session, queue: operation.queue, value: numbered(operation.value, number) };
    case "dequeue":
      return { kind: "dequeue", session, queue: operation.queue };
    case "lock":
    case "campaign":
      return {
        kind: "lock",
        session,
        name: operation.name,
        ttlUs: us(operation.ttlMs),
        holdUs: us(operation.holdMs),
        proclaim: operation.kind === "campaign" ? operation.value : null,
      };
    case "leaseHold":
      return {
        kind: "leaseHold",
        session,
        ttlUs: us(operation.ttlMs),
        keys: operation.keys,
        keepUs: us(operation.keepMs),
      };
    case "watch": {
      const { prevKv, filters, progressNotify, fragment } = operation;
      const startRevision = revisionOf(operation.startRevision, seen);
      const create = { ...rangeOf(operation), startRevision, prevKv, filters, progressNotify, fragment };
      return { kind: "watch", session, create, forUs: us(operation.forMs) };
    }
    case "compactTo":
      return { kind: "compactTo", session, keep: operation.keep };
    default:
      return { kind: "call", session, request: storeRequest(operation, asking), endpoint: asking.endpoint };
  }
}

type Call = Extract<
  ClientOperation,
  { kind: "put" | "get" | "delete" | "txn" | "grant" | "revoke" | "keepAlive" | "timeToLive" | "compact" }
>;

function storeRequest(operation: Call, { number, seen }: Asking): StoreRequest {
  switch (operation.kind) {
    case "put":
    case "get":
    case "delete":
      return txnOp(operation, seen, number);
    case "txn":
      return {
        kind: "txn",
        compare: operation.compare,
        success: operation.success.map((op) => txnOp(op, seen, 0)),
        failure: operation.failure.map((op) => txnOp(op, seen, 0)),
      };
    case "grant":
      return { kind: "leaseGrant", id: operation.lease, ttlUs: us(operation.ttlMs) };
    case "revoke":
      return { kind: "leaseRevoke", id: operation.lease };
    case "keepAlive":
      return { kind: "leaseKeepAlive", id: operation.lease };
    case "timeToLive":
      return { kind: "leaseTimeToLive", id: operation.lease };
    case "compact":
      return { kind: "compact", revision: revisionOf(operation.revision, seen) };
    default:
      return unreachable(operation);
  }
}

function txnOp(op: TxnOpSpec, seen: Revision, number: number): TxnOp {
  switch (op.kind) {
    case "put":
      return { kind: "put", key: op.key, value: numbered(op.value, number), lease: op.lease, prevKv: op.prevKv };
    case "get": {
      const { limit, serializable, keysOnly, countOnly } = op;
      const revision = revisionOf(op.revision, seen);
      return { kind: "range", ...rangeOf(op), limit, revision, serializable, keysOnly, countOnly };
    }
    case "delete":
      return { kind: "deleteRange", ...rangeOf(op), prevKv: op.prevKv };
    default:
      return unreachable(op);
  }
}

/** The first one as it is, further ones with their number. */
function numbered(text: string, number: number): string {
  return number === 0 ? text : `${text}.${number}`;
}

/** The revision that is meant: at least 1 where it goes by what was seen, since 0 means something else. */
export function revisionOf(spec: RevisionSpec, seen: Revision): Revision {
  if (typeof spec === "number") return spec;
  return Math.max(1, seen + Number(spec.slice("seen".length)));
}

/** etcd, clientv3.GetPrefixRangeEnd: up to the first key that no longer begins so. */
export function rangeOf({ key, prefix, rangeEnd }: { key: string; prefix: boolean; rangeEnd: string }): KeyRange {
  if (!prefix) return { key, rangeEnd };
  for (let i = key.length - 1; i >= 0; i--) {
    const unit = key.charCodeAt(i);
    if (unit < 0xffff) return { key, rangeEnd: key.slice(0, i) + String.fromCharCode(unit + 1) };
  }
  return key === "" ? EVERYTHING : { key, rangeEnd: "\0" };
}
