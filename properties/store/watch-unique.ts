import { watchGuarantee } from "./watch-guarantee.ts";

/** S7. A change of a key is told once, over all streams of a watch: one that is opened again goes on behind what was told. */
export const watchUnique = watchGuarantee(
  "store/watch-unique",
  "unique",
  'etcd, API guarantees, Watch APIs: "Unique - an event will never appear on a watch twice"; etcd#17247',
);
