import { drop, mapDelete, mapGet, mapSet, type OrderedMap, slice } from "../kernel/index.ts";
import { type Applied, refused, updateStore } from "./state.ts";
import type { CompactRequest, Key, KeyValue, Revision, StoreState } from "./types.ts";
import { isTombstone, positionAt } from "./versions.ts";

/** etcd, mvcc.store.updateCompactRev: from now on requests below the revision are refused. {@link scrub} does the rest. */
export function applyCompact(state: StoreState, { revision }: CompactRequest): Applied {
  if (revision <= state.compactRevision) return refused(state, "compacted");
  if (revision > state.revision) return refused(state, "futureRevision");
  return {
    state: updateStore(state, { compactRevision: revision }),
    response: { kind: "compact", revision: state.revision },
  };
}

/**
 * Removes the history below `compactRevision`; no request that is not refused can tell (etcd, mvcc scheduleCompaction).
 *
 * Of each key the newest version at or below the revision stays, unless it is a tombstone older than the revision. The
 * tombstones and the events AT the revision stay: a watch from it must still see them (etcd#18089, #19179).
 */
export function scrub(state: StoreState): StoreState {
  const { compactRevision, scrubbedRevision, eventsFrom } = state;
  if (scrubbedRevision >= compactRevision) return state;
  const kept = Math.max(eventsFrom, compactRevision);
  return updateStore(state, {
    scrubbedRevision: compactRevision,
    keys: withoutHistory(state.keys, changedKeys(state, compactRevision), compactRevision),
    events: drop(state.events, kept - eventsFrom),
    eventsFrom: kept,
  });
}

/**
 * The keys that may have history to remove: those that changed since the last scrub, or at its revision, which left the
 * tombstones of just that revision.
 */
function changedKeys({ events, eventsFrom }: StoreState, compactRevision: Revision): ReadonlySet<Key> {
  const keys = new Set<Key>();
  for (const changes of slice(events, 0, compactRevision - eventsFrom + 1))
    for (const { key } of changes) keys.add(key);
  return keys;
}

function withoutHistory(
  keys: OrderedMap<readonly KeyValue[]>,
  changed: ReadonlySet<Key>,
  compactRevision: Revision,
): OrderedMap<readonly KeyValue[]> {
  let left = keys;
  for (const key of changed) {
    const versions = mapGet(left, key);
    if (versions === undefined) continue;
    const first = firstKept(versions, compactRevision);
    if (first === versions.length) left = mapDelete(left, key);
    else if (first > 0) left = mapSet(left, key, versions.slice(first));
  }
  return left;
}

/** etcd, keyIndex.compact and keep: the position of the oldest version that can still be asked for. */
function firstKept(versions: readonly KeyValue[], compactRevision: Revision): number {
  const position = positionAt(versions, compactRevision);
  if (position < 0) return 0;
  const newest = versions[position]!;
  return isTombstone(newest) && newest.modRevision < compactRevision ? position + 1 : position;
}
