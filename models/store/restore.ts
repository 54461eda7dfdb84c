import { INITIAL_STORE, updateStore } from "./state.ts";
import type { StoreState } from "./types.ts";

/**
 * What a member has after a restart from its backend (etcd, mvcc.store.restore). The current revision is not stored: it
 * is that of the last change there is. Compaction may have removed that; then it is the revision compacted, or else it
 * would go back (etcd#17780).
 */
export function restore(content: StoreState): StoreState {
  const { events, eventsFrom, compactRevision } = content;
  const lastChange = events.length === 0 ? 0 : eventsFrom + events.length - 1;
  return updateStore(content, { revision: Math.max(INITIAL_STORE.revision, lastChange, compactRevision) });
}
