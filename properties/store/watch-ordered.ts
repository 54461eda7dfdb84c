import { watchGuarantee } from "./watch-guarantee.ts";

/** S7. Revisions ascend, on a stream and over the streams of a watch; so do the numbers of a stream's responses. */
export const watchOrdered = watchGuarantee(
  "store/watch-ordered",
  "ordered",
  'etcd, API guarantees, Watch APIs: "Ordered - events are ordered by revision. An event will never appear on a watch if it precedes an event in time that has already been posted."',
);
