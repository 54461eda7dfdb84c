import { mapGet, type OrderedMap } from "../kernel/index.ts";
import { eachLive } from "./key-range.ts";
import { errorResponse } from "./state.ts";
import type { ErrorCode, ErrorResponse, KeyValue, RangeRequest, RangeResponse, Revision, StoreState } from "./types.ts";
import { liveAt } from "./versions.ts";

const NO_KVS: readonly KeyValue[] = [];

/** The keys of a range as they are, or as they were at a revision that is not compacted. */
export function range(state: StoreState, request: RangeRequest): RangeResponse | ErrorResponse {
  const refusal = rangeRefusal(state, request.revision);
  return refusal === null ? readRange(state.keys, state.revision, request) : errorResponse(refusal);
}

/**
 * Why the keys at a revision cannot be told, or null (etcd, mvcc rangeKeys and txn checkRange). This goes by
 * `compactRevision`, on which all members agree, and not by how far history was removed: members in different places
 * would carry out the same transaction differently (etcd#18667).
 */
export function rangeRefusal(state: StoreState, revision: Revision): ErrorCode | null {
  if (revision <= 0) return null;
  if (revision > state.revision) return "futureRevision";
  return revision < state.compactRevision ? "compacted" : null;
}

/**
 * Reads a range whose revision was checked.
 *
 * @param current the revision that revision 0 stands for, and of the response
 */
export function readRange(
  keys: OrderedMap<readonly KeyValue[]>,
  current: Revision,
  request: RangeRequest,
): RangeResponse {
  const revision = request.revision <= 0 ? current : request.revision;
  if (request.rangeEnd === "") return readKey(keys, current, revision, request);
  const { limit, countOnly, keysOnly } = request;
  const kvs: KeyValue[] = [];
  let count = 0;
  eachLive(keys, request, revision, (kv) => {
    count++;
    if (!countOnly && (limit <= 0 || count <= limit)) kvs.push(keysOnly ? withoutValue(kv) : kv);
  });
  return { kind: "range", revision: current, kvs, count, more: !countOnly && count > kvs.length };
}

function readKey(
  keys: OrderedMap<readonly KeyValue[]>,
  current: Revision,
  revision: Revision,
  { key, countOnly, keysOnly }: RangeRequest,
): RangeResponse {
  const kv = liveAt(mapGet(keys, key), revision);
  const kvs = kv === null || countOnly ? NO_KVS : [keysOnly ? withoutValue(kv) : kv];
  return { kind: "range", revision: current, kvs, count: kv === null ? 0 : 1, more: false };
}

function withoutValue(kv: KeyValue): KeyValue {
  return {
    key: kv.key,
    value: "",
    createRevision: kv.createRevision,
    modRevision: kv.modRevision,
    version: kv.version,
    lease: kv.lease,
  };
}
