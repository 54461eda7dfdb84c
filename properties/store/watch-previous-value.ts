import { watchGuarantee } from "./watch-guarantee.ts";

/** S7. The previous value is that of the revision before, and is there where it was asked for, unless it is compacted. */
export const watchPreviousValue = watchGuarantee(
  "store/watch-previous-value",
  "previousValue",
  'etcd, rpc.proto, WatchCreateRequest.prev_kv: "If prev_kv is set, created watcher gets the previous KV before the event happens. If the previous KV is already compacted, nothing will be returned."',
);
