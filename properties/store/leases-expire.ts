import type { Micros } from "../../models/kernel/index.ts";
import { driftBoundOf, leaseLedgerOf } from "./lease-ledger.ts";
import { isMember, type StoreContext, type StoreProperty } from "./store-property.ts";

/**
 * A lease that nobody renews is gone in the end, and its keys with it.
 *
 * It is late when its TTL and some time for the leader to act have passed since anybody asked for a renewal, and since the
 * last leader took over, who may have begun to count anew.
 */
export const leasesExpire: StoreProperty = {
  id: "store/leases-expire",
  kind: "eventually",
  source:
    'etcd, rpc.proto, LeaseGrant: "All keys attached to the lease will be expired and deleted if the lease expires"',
  monitor(context) {
    const ledger = leaseLedgerOf(context);
    const driftBound = driftBoundOf(context);
    const grace = graceUs(context);
    return ledger.feed.with({
      concerns: { changes: [], messages: [], notes: [] },
      pending() {
        const now = context.now();
        for (const { id, ttlUs, grantedAt, askedAt } of ledger.alive.values()) {
          const since = Math.max(grantedAt, askedAt, ledger.primaryAt);
          if (now - since > (ttlUs + grace) * driftBound)
            return `lease ${id} of ${ttlUs} us is still there, ${now - since} us after anybody asked to renew it or took it over`;
        }
        return null;
      },
    });
  },
};

/** A new leader adds an election timeout; then the expiry is noticed, its revocation proposed, and if need be again. */
function graceUs({ processes }: StoreContext): Micros {
  let grace = 0;
  for (const process of processes)
    if (isMember(process)) {
      const { raft, leaseCheckIntervalUs, requestTimeoutUs } = process.config;
      grace = Math.max(grace, 3 * raft.electionTimeoutMaxUs + 8 * leaseCheckIntervalUs + requestTimeoutUs);
    }
  return grace;
}
