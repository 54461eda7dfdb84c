import type { ErrorCode } from "../../../models/store/types.ts";
import { leaseSituation } from "./from-ledgers.ts";

const REFUSALS: readonly ErrorCode[] = ["notLeader", "noLeader", "leaderChanged"];

/** A renewal is refused, because who was asked does not lead, or no longer. */
export const renewalRefusedWithoutLeader = leaseSituation(
  "renewal-refused-without-leader",
  "etcd, LeaseRenew; etcd#15247",
  (reach) => ({
    answered({ kind }, _lease, response) {
      if (kind === "leaseKeepAlive" && response.kind === "error" && REFUSALS.includes(response.code)) reach();
    },
  }),
);
