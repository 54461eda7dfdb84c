import { watchSituation } from "./from-ledgers.ts";

/** A response is split into fragments. */
export const watchFragmented = watchSituation(
  "watch-fragmented",
  "etcd, rpc.proto, WatchCreateRequest.fragment",
  (reach) => ({
    sent(_stream, { fragment }) {
      if (fragment) reach();
    },
  }),
);
