import type { Key, LeaseId } from "../../../models/store/types.ts";
import { leaseLedgerOf } from "../lease-ledger.ts";
import type { StoreProperty } from "../store-property.ts";

/** A lock goes to another session because the lease of who held it has expired. */
export const lockPassedOnByExpiry: StoreProperty = {
  id: "store/sometimes/lock-passed-on-by-expiry",
  kind: "sometimes",
  source: "etcd, client/v3/concurrency, Session: the keys of a client that died go with its lease",
  monitor(context) {
    const holders = new Map<Key, LeaseId>();
    const ledger = leaseLedgerOf(context);
    return ledger.feed.with({
      concerns: { changes: ["sessions"], messages: [] },
      onStep(_process, before, after) {
        if (before.kind !== "client" || after.kind !== "client" || before.sessions === after.sessions) return;
        for (let i = 0; i < after.sessions.length; i++) {
          const { lease } = after.sessions[i]!;
          if (lease === null || lease.holds === null || lease === before.sessions[i]?.lease) continue;
          const last = holders.get(lease.holds);
          if (last === lease.id) continue;
          holders.set(lease.holds, lease.id);
          const record = last === undefined ? undefined : ledger.record(last);
          if (record !== undefined && record.goneAt !== null && !record.revokeAsked) context.reach();
        }
      },
    });
  },
};
