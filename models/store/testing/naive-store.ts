import { unreachable } from "../../kernel/index.ts";
import type {
  Command,
  Compare,
  ErrorCode,
  Key,
  KeyRange,
  KeyValue,
  Lease,
  LeaseId,
  RangeRequest,
  Revision,
  StoreResponse,
  TxnOp,
  TxnOpResponse,
  TxnRequest,
} from "../types.ts";

type Content = ReadonlyMap<Key, KeyValue>;

/**
 * A second implementation of the store, as plain as can be: the whole map is copied for each revision, nothing is ever
 * forgotten, and which keys a lease has is found by looking at all of them. What the store answers is held against it.
 */
export class NaiveStore {
  /** What the keys were at each revision. Nothing was ever at revision 0. */
  readonly contents: Content[] = [new Map(), new Map()];
  /** What each revision changed. */
  readonly changes: (readonly KeyValue[])[] = [[], []];
  readonly terms = new Map<LeaseId, { readonly ttlUs: number; readonly remainingTtlUs: number }>();
  compactRevision: Revision = 0;

  get revision(): Revision {
    return this.contents.length - 1;
  }

  get leases(): readonly Lease[] {
    return [...this.terms]
      .map(([id, term]) => ({ id, ...term, keys: this.keysOf(id) }))
      .sort((one, two) => (String(one.id) < String(two.id) ? -1 : 1));
  }

  /** The versions that a request may still ask for, of each key. */
  get versions(): readonly (readonly [Key, readonly KeyValue[]])[] {
    const all = new Map<Key, KeyValue[]>();
    for (const kv of this.changes.flat()) all.set(kv.key, [...(all.get(kv.key) ?? []), kv]);
    return [...all]
      .map(([key, versions]) => [key, versions.filter((kv) => this.#isWanted(kv, versions))] as const)
      .filter(([, versions]) => versions.length > 0)
      .sort(([one], [two]) => (one < two ? -1 : 1));
  }

  #isWanted(kv: KeyValue, versions: readonly KeyValue[]): boolean {
    if (kv.modRevision >= this.compactRevision) return true;
    const isReplaced = versions.some((v) => v.modRevision > kv.modRevision && v.modRevision <= this.compactRevision);
    return !isReplaced && kv.version > 0;
  }

  keysOf(id: LeaseId): readonly Key[] {
    const found = [...this.contents.at(-1)!.values()].filter((kv) => kv.lease === id);
    return found.map((kv) => kv.key).sort();
  }

  previousVersion({ key, modRevision }: KeyValue): KeyValue | null {
    return modRevision - 1 < this.compactRevision ? null : (this.contents[modRevision - 1]!.get(key) ?? null);
  }

  apply({ op }: Command): StoreResponse {
    switch (op.kind) {
      case "put":
      case "deleteRange": {
        const result = this.txn({ kind: "txn", compare: [], success: [op], failure: [] });
        return result.kind === "txn" ? result.responses[0]! : result;
      }
      case "txn":
        return this.txn(op);
      case "compact":
        if (op.revision <= this.compactRevision) return refusal("compacted");
        if (op.revision > this.revision) return refusal("futureRevision");
        this.compactRevision = op.revision;
        return { kind: "compact", revision: this.revision };
      case "leaseGrant":
        if (op.ttlUs > 9e15) return refusal("leaseTtlTooLarge");
        if (this.terms.has(op.id)) return refusal("leaseExists");
        this.terms.set(op.id, { ttlUs: op.ttlUs, remainingTtlUs: 0 });
        return { kind: "leaseGrant", revision: this.revision, id: op.id, ttlUs: op.ttlUs };
      case "leaseRevoke": {
        if (!this.terms.delete(op.id)) return refusal("leaseNotFound");
        const success = this.keysOf(op.id).map(
          (key) => ({ kind: "deleteRange", key, rangeEnd: "", prevKv: false }) as const,
        );
        this.txn({ kind: "txn", compare: [], success, failure: [] });
        return { kind: "leaseRevoke", revision: this.revision };
      }
      case "leaseCheckpoint":
        for (const { id, remainingTtlUs } of op.checkpoints) {
          const term = this.terms.get(id);
          if (term !== undefined) this.terms.set(id, { ttlUs: term.ttlUs, remainingTtlUs });
        }
        return { kind: "leaseCheckpoint", revision: this.revision };
      default:
        return unreachable(op);
    }
  }

  txn(request: TxnRequest): StoreResponse {
    const content = new Map(this.contents.at(-1)!);
    const succeeded = request.compare.every((compare) => this.#holds(content.get(compare.key), compare));
    const ops = succeeded ? request.success : request.failure;
    const codes = ops.map((op) => this.#flaw(op)).filter((code) => code !== null);
    if (codes.length > 0) return refusal(codes[0]!);
    const changes: KeyValue[] = [];
    const responses = ops.map((op) => this.#carryOut(op, content, changes));
    if (changes.length > 0) {
      this.contents.push(content);
      this.changes.push(changes);
    }
    return { kind: "txn", revision: this.revision, succeeded, responses };
  }

  range(request: RangeRequest): StoreResponse {
    const code = this.#flaw(request);
    return code === null ? this.#range(request, this.contents.at(-1)!, this.revision) : refusal(code);
  }

  #flaw(op: TxnOp): ErrorCode | null {
    if (op.kind === "put") return op.lease !== 0 && !this.terms.has(op.lease) ? "leaseNotFound" : null;
    if (op.kind === "deleteRange" || op.revision === 0) return null;
    if (op.revision > this.revision) return "futureRevision";
    return op.revision < this.compactRevision ? "compacted" : null;
  }

  #range(request: RangeRequest, content: Content, current: Revision): TxnOpResponse {
    const at = request.revision === 0 ? content : this.contents[request.revision]!;
    const all = inRange(at, request);
    const limited = request.limit === 0 ? all : all.slice(0, request.limit);
    const kvs = limited.map((kv) => (request.keysOnly ? { ...kv, value: "" } : kv));
    if (request.countOnly) return { kind: "range", revision: current, kvs: [], count: all.length, more: false };
    return { kind: "range", revision: current, kvs, count: all.length, more: all.length > kvs.length };
  }

  #carryOut(op: TxnOp, content: Map<Key, KeyValue>, changes: KeyValue[]): TxnOpResponse {
    const next = this.revision + 1;
    const current = (): Revision => (changes.length > 0 ? next : this.revision);
    if (op.kind === "range") return this.#range(op, content, current());
    if (op.kind === "put") {
      const { key, value, lease } = op;
      const before = content.get(key) ?? null;
      const [createRevision, version] = before === null ? [next, 1] : [before.createRevision, before.version + 1];
      const kv = { key, value, createRevision, modRevision: next, version, lease };
      content.set(key, kv);
      changes.push(kv);
      return { kind: "put", revision: next, prevKv: op.prevKv ? before : null };
    }
    const prevKvs = inRange(content, op);
    for (const { key } of prevKvs) {
      content.delete(key);
      changes.push({ key, value: "", createRevision: 0, modRevision: next, version: 0, lease: 0 });
    }
    return {
      kind: "deleteRange",
      revision: current(),
      deleted: prevKvs.length,
      prevKvs: op.prevKv ? prevKvs : [],
    };
  }

  #holds(kv: KeyValue | undefined, { target, result, operand }: Compare): boolean {
    if (target === "value" && kv === undefined) return false;
    const fields = {
      value: kv?.value,
      version: kv?.version,
      create: kv?.createRevision,
      mod: kv?.modRevision,
      lease: kv?.lease,
    };
    const left = fields[target] ?? 0;
    if (result === "equal") return left === operand;
    if (result === "notEqual") return left !== operand;
    return result === "less" ? left < operand : left > operand;
  }
}

function inRange(content: Content, { key, rangeEnd }: KeyRange): readonly KeyValue[] {
  const keys = [...content.keys()].sort().filter((candidate) => {
    if (rangeEnd === "") return candidate === key;
    return rangeEnd === "\0" ? candidate >= key : candidate >= key && candidate < rangeEnd;
  });
  return keys.map((candidate) => content.get(candidate)!);
}

function refusal(code: ErrorCode): StoreResponse {
  return { kind: "error", code, leaderHint: null };
}
