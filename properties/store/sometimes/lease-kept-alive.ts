import { leaseSituation } from "./from-ledgers.ts";

/** A lease is renewed when it would be over, had it not been renewed before. */
export const leaseKeptAlive = leaseSituation("lease-kept-alive", "etcd, rpc.proto, LeaseKeepAlive", (reach) => ({
  answered({ sentAt }, lease, { kind }) {
    if (kind === "leaseKeepAlive" && lease !== undefined && sentAt > lease.grantedAt + lease.ttlUs) reach();
  },
}));
