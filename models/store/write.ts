import { append, mapGet, mapSet, type OrderedMap } from "../kernel/index.ts";
import { attach, detach, isAttachable, NO_LEASE } from "./attachments.ts";
import { eachLive } from "./key-range.ts";
import { type Applied, refused } from "./state.ts";
import type {
  DeleteRangeRequest,
  DeleteRangeResponse,
  Key,
  KeyRange,
  KeyValue,
  Lease,
  LeaseId,
  PutRequest,
  PutResponse,
  Revision,
  StoreState,
} from "./types.ts";
import { latest, withVersion } from "./versions.ts";

const NO_KVS: readonly KeyValue[] = [];

/**
 * Writes under way that all get one revision (etcd, mvcc.storeTxnWrite). Local to the application of one command: nobody
 * keeps it, so its fields may change.
 */
export interface Writing {
  /** The store's revision before. */
  readonly begunAt: Revision;
  keys: OrderedMap<readonly KeyValue[]>;
  leases: OrderedMap<Lease>;
  /** The versions made so far, in their order; null: none. */
  changes: KeyValue[] | null;
}

/** Begins to write. */
export function beginWriting(state: StoreState): Writing {
  return { begunAt: state.revision, keys: state.keys, leases: state.leases, changes: null };
}

/** The revision as those see it who are in the transaction: the next one as soon as something was written. */
export function revisionWithin(writing: Writing): Revision {
  return writing.changes === null ? writing.begunAt : writing.begunAt + 1;
}

/** Ends writing. The revision grows by one if anything was written, and by none if not. */
export function endWriting(state: StoreState, { keys, leases, changes }: Writing): StoreState {
  if (changes === null) return state;
  return {
    consistentIndex: state.consistentIndex,
    revision: state.revision + 1,
    compactRevision: state.compactRevision,
    scrubbedRevision: state.scrubbedRevision,
    keys,
    events: append(state.events, changes),
    eventsFrom: state.eventsFrom,
    leases,
  };
}

/** A put of its own. */
export function applyPut(state: StoreState, request: PutRequest): Applied {
  if (request.lease !== NO_LEASE && !isAttachable(state.leases, request.lease)) return refused(state, "leaseNotFound");
  const writing = beginWriting(state);
  const response = put(writing, request);
  return { state: endWriting(state, writing), response };
}

/** A deletion of its own. */
export function applyDeleteRange(state: StoreState, request: DeleteRangeRequest): Applied {
  const writing = beginWriting(state);
  const response = deleteRange(writing, request);
  return { state: endWriting(state, writing), response };
}

/**
 * etcd, storeTxnWrite.put: a key that exists keeps its create revision and counts its versions on; the key leaves the
 * lease that it had. Whether the lease exists was checked.
 */
export function put(writing: Writing, request: PutRequest): PutResponse {
  const { key, lease } = request;
  const revision = writing.begunAt + 1;
  const versions = mapGet(writing.keys, key);
  const before = latest(versions);
  const kv: KeyValue = {
    key,
    value: request.value,
    createRevision: before === null ? revision : before.createRevision,
    modRevision: revision,
    version: before === null ? 1 : before.version + 1,
    lease,
  };
  change(writing, versions, kv, before === null ? NO_LEASE : before.lease);
  return { kind: "put", revision, prevKv: request.prevKv ? before : null };
}

/** etcd, storeTxnWrite.deleteRange: a tombstone for each key of the range that exists. None: nothing is written. */
export function deleteRange(writing: Writing, request: DeleteRangeRequest): DeleteRangeResponse {
  const deleted = deleteKeys(writing, request);
  return {
    kind: "deleteRange",
    revision: revisionWithin(writing),
    deleted: deleted.length,
    prevKvs: request.prevKv ? deleted : NO_KVS,
  };
}

/** Deletes the keys of a range. @returns what they were */
export function deleteKeys(writing: Writing, keys: KeyRange): readonly KeyValue[] {
  const deleted: KeyValue[] = [];
  eachLive(writing.keys, keys, revisionWithin(writing), (kv) => {
    deleted.push(kv);
  });
  for (const { key, lease } of deleted) change(writing, mapGet(writing.keys, key), tombstone(writing, key), lease);
  return deleted;
}

function tombstone({ begunAt }: Writing, key: Key): KeyValue {
  return { key, value: "", createRevision: 0, modRevision: begunAt + 1, version: 0, lease: NO_LEASE };
}

function change(writing: Writing, versions: readonly KeyValue[] | undefined, kv: KeyValue, leaseBefore: LeaseId): void {
  writing.keys = mapSet(writing.keys, kv.key, versions === undefined ? [kv] : withVersion(versions, kv));
  // Most write one key: a literal takes a slot, a first push takes 17.
  if (writing.changes === null) writing.changes = [kv];
  else writing.changes.push(kv);
  if (leaseBefore !== kv.lease) writing.leases = attach(detach(writing.leases, leaseBefore, kv.key), kv.lease, kv.key);
}
