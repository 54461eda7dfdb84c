import { leaseSituation } from "./from-ledgers.ts";

/** A lease ends because nobody renews it. */
export const leaseExpired = leaseSituation("lease-expired", "etcd, rpc.proto, LeaseGrant", (reach) => ({
  gone({ revokeAsked }) {
    if (!revokeAsked) reach();
  },
}));
