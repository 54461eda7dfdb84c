import { watchSituation } from "./from-ledgers.ts";

/** A stream breaks, and another member goes on where it was. */
export const watchResumedElsewhere = watchSituation(
  "watch-resumed-elsewhere",
  "etcd, API guarantees, Watch APIs, Resumable",
  (reach) => ({
    taken(stream, { events }) {
      if (stream.resumed && stream.member !== stream.memberBefore && events.length > 0) reach();
    },
  }),
);
