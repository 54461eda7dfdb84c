import { watchSituation } from "./from-ledgers.ts";

/** A stream breaks, and the next one brings what came meanwhile. */
export const watchResumed = watchSituation("watch-resumed", "etcd, API guarantees, Watch APIs, Resumable", (reach) => ({
  taken(stream, { events }) {
    if (stream.resumed && events.length > 0) reach();
  },
}));
