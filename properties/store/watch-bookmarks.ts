import { watchGuarantee } from "./watch-guarantee.ts";

/**
 * S7. A response without events says that all events up to its revision were sent: they were, and none of them comes
 * later. No response is of a revision that its member has not reached, or that is older than its own events.
 */
export const watchBookmarks = watchGuarantee(
  "store/watch-bookmarks",
  "bookmarks",
  'etcd, API guarantees, Watch APIs: "Bookmarkable - Progress notification events guarantee that all events up to a revision have been already delivered"; etcd#15220',
);
