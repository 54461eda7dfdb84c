import { leaseSituation } from "./from-ledgers.ts";

/** A lease ends when a client has asked for its revocation. */
export const leaseRevoked = leaseSituation(
  "lease-revoked",
  'etcd, rpc.proto, LeaseRevoke: "All keys attached to the lease will expire and be deleted"',
  (reach) => ({
    gone({ revokeAsked }) {
      if (revokeAsked) reach();
    },
  }),
);
