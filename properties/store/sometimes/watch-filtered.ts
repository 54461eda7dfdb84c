import { watchSituation } from "./from-ledgers.ts";

/** A watcher is told of a part of a revision, as it does not want to hear of the rest. */
export const watchFiltered = watchSituation(
  "watch-filtered",
  "etcd, rpc.proto, WatchCreateRequest.filters",
  (reach, { history }) => ({
    taken({ create }, { events }) {
      if (create.filters.length === 0 || events.length === 0) return;
      const { modRevision } = events[0]!.kv;
      const told = events.filter(({ kv }) => kv.modRevision === modRevision).length;
      if ((history.events.at(modRevision)?.length ?? told) > told) reach();
    },
  }),
);
