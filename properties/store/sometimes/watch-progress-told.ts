import { watchSituation } from "./from-ledgers.ts";

/** A client is told how far there was nothing more for it. */
export const watchProgressTold = watchSituation(
  "watch-progress-told",
  "etcd, rpc.proto, WatchCreateRequest.progress_notify",
  (reach) => ({
    taken(_stream, { created, canceled, fragment, events }) {
      if (!created && !canceled && !fragment && events.length === 0) reach();
    },
  }),
);
