import { watchGuarantee } from "./watch-guarantee.ts";

/** S7. All of a revision comes in one response, once fragments are put together; there are fragments only where asked for. */
export const watchAtomic = watchGuarantee(
  "store/watch-atomic",
  "atomic",
  'etcd, API guarantees, Watch APIs: "Atomic - a list of events is guaranteed to encompass complete revisions; updates in the same revision over multiple keys will not be split over several lists of events."',
);
