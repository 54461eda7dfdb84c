import { watchSituation } from "./from-ledgers.ts";

/** A client is told that what it would watch is compacted. */
export const watchCanceledByCompaction = watchSituation(
  "watch-canceled-by-compaction",
  "etcd, rpc.proto, WatchResponse.compact_revision",
  (reach) => ({
    taken(_stream, { canceled, compactRevision }) {
      if (canceled && compactRevision > 0) reach();
    },
  }),
);
