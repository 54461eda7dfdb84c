import { mapGet } from "../../../models/kernel/index.ts";
import type { StoreProperty } from "../store-property.ts";

/** A new leader takes over a lease of which a checkpoint has left only a part. */
export const leaseTimeLeftCarriedOver: StoreProperty = {
  id: "store/sometimes/lease-time-left-carried-over",
  kind: "sometimes",
  source: "etcd, lessor.Checkpoint and Promote; etcd PR 9924",
  monitor: (context) => ({
    concerns: { changes: ["lessor"] },
    onStep(_process, before, after) {
      if (before.kind !== "member" || after.kind !== "member") return;
      const { primaryTerm, clocks } = after.server.lessor;
      if (primaryTerm === 0 || primaryTerm === before.server.lessor.primaryTerm) return;
      for (const { id } of clocks)
        if ((mapGet(after.raft.application.leases, String(id))?.remainingTtlUs ?? 0) > 0) context.reach();
    },
  }),
};
