import { leaseSituation } from "./from-ledgers.ts";

/** A lease is renewed with one leader, and then with another. */
export const leaseOutlivesLeader = leaseSituation(
  "lease-outlives-leader",
  "etcd, lessor.Promote and Renew",
  (reach) => ({
    answered(_call, lease, response) {
      if (response.kind === "leaseKeepAlive" && lease !== undefined && lease.firstTerm !== lease.lastTerm) reach();
    },
  }),
);
