import { watchGuarantee } from "./watch-guarantee.ts";

/** S7. A watch is told of its range alone, without what it has filtered out, and from its start on, be that in the future. */
export const watchFilter = watchGuarantee(
  "store/watch-filter",
  "filter",
  'etcd, rpc.proto, WatchCreateRequest: "start_revision is an optional revision to watch from (inclusive)", "filters filter the events at server side before it sends back to the watcher"; etcd#20221',
);
