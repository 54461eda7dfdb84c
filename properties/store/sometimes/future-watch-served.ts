import { watchSituation } from "./from-ledgers.ts";

/** A watch waits for a revision that is still to come, and gets it. */
export const futureWatchServed = watchSituation(
  "future-watch-served",
  "etcd, rpc.proto, WatchCreateRequest.start_revision; etcd#20221",
  (reach) => ({
    taken({ create, openedAt }, { events }) {
      if (openedAt > 0 && create.startRevision > openedAt + 1 && events.length > 0) reach();
    },
  }),
);
