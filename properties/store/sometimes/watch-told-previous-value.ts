import { watchSituation } from "./from-ledgers.ts";

/** A watcher that asked for it is told what a key was before. */
export const watchToldPreviousValue = watchSituation(
  "watch-told-previous-value",
  "etcd, rpc.proto, WatchCreateRequest.prev_kv",
  (reach) => ({
    taken(_stream, { events }) {
      if (events.some(({ prevKv }) => prevKv !== null)) reach();
    },
  }),
);
