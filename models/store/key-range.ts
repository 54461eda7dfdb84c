import { mapEach, mapGet, type OrderedMap } from "../kernel/index.ts";
import type { Key, KeyRange, KeyValue, Revision } from "./types.ts";
import { liveAt } from "./versions.ts";

/** The end of a range that has none (etcd, rpc.proto: "If range_end is '\0', the range is all keys >= key"). */
export const OPEN_END: Key = "\0";

/** Whether a key lies in a range. */
export function covers({ key, rangeEnd }: KeyRange, candidate: Key): boolean {
  if (rangeEnd === "") return candidate === key;
  return candidate >= key && (rangeEnd === OPEN_END || candidate < rangeEnd);
}

/** Visits what the keys of a range were at a revision, in the order of the keys. */
export function eachLive(
  keys: OrderedMap<readonly KeyValue[]>,
  { key, rangeEnd }: KeyRange,
  revision: Revision,
  visit: (kv: KeyValue) => void,
): void {
  if (rangeEnd === "") {
    const kv = liveAt(mapGet(keys, key), revision);
    if (kv !== null) visit(kv);
    return;
  }
  const to = rangeEnd === OPEN_END ? null : rangeEnd;
  if (to !== null && to <= key) return;
  mapEach(keys, key, to, (versions) => {
    const kv = liveAt(versions, revision);
    if (kv !== null) visit(kv);
  });
}
