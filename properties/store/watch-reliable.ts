import { watchGuarantee } from "./watch-guarantee.ts";

/**
 * S7. Between two revisions that a watch was told of, it was told of all that was committed in its range, and of nothing
 * that was not committed. A stream that broke is resumed without a gap; only who was told that something is compacted may
 * miss it.
 */
export const watchReliable = watchGuarantee(
  "store/watch-reliable",
  "reliable",
  'etcd, API guarantees, Watch APIs: "Reliable - a sequence of events will never drop any subsequence of events within the available history window"; "Resumable - a broken watch can be resumed by establishing a new watch starting after the last revision received"; etcd#17529',
);
