import { at, mapGet } from "../kernel/index.ts";
import type { KeyValue, Revision, StoreState } from "./types.ts";
import { liveAt } from "./versions.ts";

const NO_KVS: readonly KeyValue[] = [];

/**
 * What a revision changed, in the order of the operations of its transaction: versions, and tombstones for deletes. A key
 * is there once at most, as a transaction that changes one twice is refused. Empty where there is nothing: the revision is
 * still to come, or below `compactRevision` and perhaps removed.
 */
export function eventsAt(state: StoreState, revision: Revision): readonly KeyValue[] {
  return at(state.events, revision - state.eventsFrom) ?? NO_KVS;
}

/**
 * What the key was just before a change of it, or null where it did not exist, or that is compacted: etcd asks for the
 * key at the revision before (v3rpc, serverWatchStream.sendLoop).
 */
export function previousVersion(state: StoreState, { key, modRevision }: KeyValue): KeyValue | null {
  const revision = modRevision - 1;
  return revision < state.compactRevision ? null : liveAt(mapGet(state.keys, key), revision);
}
