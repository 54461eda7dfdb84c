import { watchGuarantee } from "./watch-guarantee.ts";

/**
 * S18. A watch that starts below what is compacted is canceled and told from where on there is something left; it is not
 * served from somewhere else. One that starts there or above is served, with what happened just at that revision.
 */
export const watchCompaction = watchGuarantee(
  "store/watch-compaction",
  "compaction",
  'etcd, rpc.proto, WatchResponse.compact_revision: "set to the minimum index if a watcher tries to watch at a compacted index. This happens when creating a watcher at a compacted revision or the watcher cannot catch up with the progress of the key-value store"; etcd#18089, #19179',
);
