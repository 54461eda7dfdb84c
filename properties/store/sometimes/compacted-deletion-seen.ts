import { watchSituation } from "./from-ledgers.ts";

/** A watcher is told of a deletion at the very revision of the last compaction. */
export const compactedDeletionSeen = watchSituation(
  "compacted-deletion-seen",
  "etcd#18089, etcd#19179: what happened at the revision of a compaction stays",
  (reach, { history }) => ({
    taken(_stream, { events }) {
      if (events.some(({ type, kv }) => type === "delete" && kv.modRevision === history.compactRevision)) reach();
    },
  }),
);
