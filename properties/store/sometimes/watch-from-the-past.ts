import { watchSituation } from "./from-ledgers.ts";

/** A stream begins in the past: it brings what happened before it was opened, and then what comes. */
export const watchFromThePast = watchSituation(
  "watch-from-the-past",
  "etcd, mvcc, watchableStore.syncWatchers",
  (reach) => {
    const brought = new Set<string>();
    return {
      taken({ id, openedAt }, { events }) {
        if (events.length === 0) return;
        if (events[0]!.kv.modRevision <= openedAt) brought.add(id);
        if (brought.has(id) && events.at(-1)!.kv.modRevision > openedAt) reach();
      },
    };
  },
);
