import { type Micros, mapGet } from "../../models/kernel/index.ts";
import type { Lease, LeaseClock, LeaseId, MemberConfig, ReadBatches, WaitingRead } from "../../models/store/types.ts";
import type { StoreContext, StoreProperty } from "./store-property.ts";

/**
 * A new leader gives a lease what the last checkpoint has left of it, or all of it where there was none, and at most an
 * election timeout more: a lease does not live for ever because leaders come and go. One whose renewal is asked for at that
 * moment may be renewed in the same step, and has all of its time then.
 */
export const leaseTimeCarriedOver: StoreProperty = {
  id: "store/lease-time-carried-over",
  kind: "always",
  source:
    'etcd, lessor.Promote: "promotes the lessor to be the primary lessor. [...] the lessor extends the expiry of leases by the extend duration"; checkpoints: etcd PR 9924 and PR 14253',
  monitor: (context) => ({
    concerns: { changes: ["lessor"] },
    onStep({ id }, before, after, input) {
      if (before.kind !== "member" || after.kind !== "member") return;
      const { primaryTerm, clocks } = after.server.lessor;
      if (primaryTerm === 0 || primaryTerm === before.server.lessor.primaryTerm) return;
      for (const clock of clocks) {
        const lease = mapGet(after.raft.application.leases, String(clock.id));
        if (lease !== undefined && !isAskedFor(before.server.reads, clock.id))
          checkClock(context, id, after.config, clock, lease, input.now);
      }
    },
  }),
};

/** A renewal that waits for the same confirmation as the take-over comes right behind it. */
function isAskedFor({ asked, waiting }: ReadBatches, lease: LeaseId): boolean {
  const renews = ({ request }: WaitingRead) => request.kind === "leaseKeepAlive" && request.id === lease;
  return waiting.some(renews) || asked?.reads.some(renews) === true;
}

function checkClock(
  context: StoreContext,
  member: string,
  config: MemberConfig,
  { id, expiresAt }: LeaseClock,
  { ttlUs, remainingTtlUs }: Lease,
  now: Micros,
): void {
  const left = remainingTtlUs > 0 ? remainingTtlUs : ttlUs;
  const given = expiresAt - now;
  if (given >= left && given <= left + config.raft.electionTimeoutMaxUs) return;
  context.violate(`${member} takes over lease ${id} with ${given} us, where ${left} us of ${ttlUs} us are left`, {
    lease: id,
    member,
    givenUs: given,
    remainingTtlUs,
    ttlUs,
  });
}
