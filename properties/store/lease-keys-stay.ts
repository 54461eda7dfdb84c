import type { Micros } from "../../models/kernel/index.ts";
import type { Key, Lease, LeaseId } from "../../models/store/types.ts";
import { driftBoundOf, leaseLedgerOf } from "./lease-ledger.ts";
import type { StoreContext, StoreProperty } from "./store-property.ts";

/** What readings of clocks, which are whole numbers, may add up to. */
const ROUNDING_US: Micros = 10;

/**
 * S8. What is attached to a lease goes by the lease's end only with it, and all of it; and a lease that no client has
 * revoked ends no earlier than its TTL after it was renewed.
 *
 * A renewal counts from when its client asked for it, once it is answered OK: that is what the client may rely on,
 * whichever leader counts, and whatever it had heard. Clocks are trusted to keep within the bound that the members are
 * configured with.
 */
export const leaseKeysStay: StoreProperty = {
  id: "store/lease-keys-stay",
  kind: "always",
  source:
    'etcd, rpc.proto, LeaseGrant: "a lease which expires if the server does not receive a keepAlive within a given time to live period. All keys attached to the lease will be expired and deleted if the lease expires"; etcd#12528',
  monitor(context) {
    const ledger = leaseLedgerOf(context);
    const driftBound = driftBoundOf(context);
    ledger.listen({
      gone(lease, member) {
        if (lease.revokeAsked) return;
        const now = context.now();
        const end = lease.renewedAt + Math.floor(lease.ttlUs / driftBound) - ROUNDING_US;
        if (now >= end) return;
        const { id, ttlUs, grantedAt, renewedAt } = lease;
        context.violate(
          `lease ${id} ends ${now - renewedAt} us after its last renewal, as ${member.id} has it, though it has ${ttlUs} us and nobody revoked it`,
          { lease: id, ttlUs, grantedAtUs: grantedAt, renewedAtUs: renewedAt, driftBound },
        );
      },
      revoked: (lease, deleted) => checkKeys(context, lease, deleted),
    });
    return ledger.feed.with();
  },
};

function checkKeys(
  context: StoreContext,
  { id, keys }: Lease,
  deleted: readonly { readonly key: Key; readonly lease: LeaseId }[],
): void {
  for (const { key, lease } of deleted)
    if (lease !== id) {
      context.violate(
        `the end of lease ${id} deletes "${key}", which is ${lease === 0 ? "on no lease" : `on ${lease}`}`,
        {
          lease: id,
          key,
          attachedTo: lease,
        },
      );
      return;
    }
  const left = keys.find((key) => !deleted.some((gone) => gone.key === key));
  if (left !== undefined)
    context.violate(`lease ${id} is gone, and its key "${left}" is not`, { lease: id, key: left });
}
