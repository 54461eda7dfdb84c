import { leaseLedgerOf } from "./lease-ledger.ts";
import type { StoreProperty } from "./store-property.ts";

/**
 * S8. A renewal that is answered OK has renewed something: when it was asked for, no member had yet applied the end of the
 * lease; and it promises no more than the lease has.
 */
export const leaseRenewalHonest: StoreProperty = {
  id: "store/lease-renewal-honest",
  kind: "always",
  source:
    'etcd, lessor.Renew: "If the lease does not exist, an error will be returned"; leases are linearizable: etcd#15247, #20813',
  monitor(context) {
    const ledger = leaseLedgerOf(context);
    ledger.listen({
      answered(call, lease, response, member) {
        if (response.kind !== "leaseKeepAlive" || lease === undefined) return;
        const { id, goneAt, ttlUs } = lease;
        if (goneAt !== null && goneAt <= call.sentAt)
          context.violate(
            `${member.id} answers ${call.client} that lease ${id} is renewed, which was gone when it asked`,
            { lease: id, member: member.id, goneAtUs: goneAt, askedAtUs: call.sentAt },
          );
        else if (goneAt === null && response.ttlUs > ttlUs)
          context.violate(`${member.id} promises ${response.ttlUs} us of lease ${id}, which has ${ttlUs} us`, {
            lease: id,
            member: member.id,
            promisedUs: response.ttlUs,
            ttlUs,
          });
      },
    });
    return ledger.feed.with();
  },
};
