import type { WatchId } from "../../../models/store/types.ts";
import type { StoreProperty } from "../store-property.ts";

/** A watcher takes in nothing for so long that it falls behind, and is brought up to date later. */
export const slowWatcherCaughtUp: StoreProperty = {
  id: "store/sometimes/slow-watcher-caught-up",
  kind: "sometimes",
  source: "etcd, mvcc, watchableStore: victims and unsynced watchers; etcd#17529",
  monitor(context) {
    const behind = new Set<WatchId>();
    return {
      concerns: { changes: ["watchers"] },
      onStep(_process, before, after, input) {
        if (before.kind !== "member" || after.kind !== "member") return;
        const installs = input.kind === "receive" && input.message.kind === "installSnapshot";
        for (const watcher of after.server.watchers) {
          const { watchId, synced } = watcher;
          if (synced) {
            if (behind.delete(watchId)) context.reach();
            continue;
          }
          if (installs) continue;
          const was = before.server.watchers.find((other) => other.watchId === watchId);
          if (was?.synced) behind.add(watchId);
        }
      },
    };
  },
};
