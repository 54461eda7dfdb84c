import type { WatchId } from "../../../models/store/types.ts";
import type { StoreProperty } from "../store-property.ts";
import { watchLedgerOf } from "../watch-ledger.ts";

/** A member has a watcher when it installs a snapshot, and tells it afterwards what that brought, or what came behind. */
export const watchOverInstalledSnapshot: StoreProperty = {
  id: "store/sometimes/watch-over-installed-snapshot",
  kind: "sometimes",
  source: "etcd, mvcc, watchableStore.Restore; etcd#15271",
  monitor(context) {
    const watching = new Set<WatchId>();
    const ledger = watchLedgerOf(context);
    ledger.listen({
      sent({ id }, { events }) {
        if (events.length > 0 && watching.has(id)) context.reach();
      },
    });
    return ledger.feed.with({
      concerns: { changes: ["application"], messages: [] },
      onStep(_process, before, after, input) {
        if (input.kind !== "receive" || input.message.kind !== "installSnapshot") return;
        if (before.kind !== "member" || after.kind !== "member") return;
        if (before.raft.application === after.raft.application) return;
        for (const { watchId } of after.server.watchers) watching.add(watchId);
      },
    });
  },
};
