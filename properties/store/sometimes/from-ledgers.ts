import { type LeaseListener, leaseLedgerOf } from "../lease-ledger.ts";
import type { StoreProperty } from "../store-property.ts";
import { type WatchLedger, type WatchListener, watchLedgerOf } from "../watch-ledger.ts";

/** A situation that shows in what is sent on watches, or taken in from them. */
export function watchSituation(
  name: string,
  source: string,
  listener: (reach: () => void, ledger: WatchLedger) => WatchListener,
) {
  return {
    id: `store/sometimes/${name}`,
    kind: "sometimes",
    source,
    monitor(context) {
      const ledger = watchLedgerOf(context);
      ledger.listen(listener(() => context.reach(), ledger));
      return ledger.feed.with();
    },
  } satisfies StoreProperty;
}

/** A situation that shows in what becomes of leases. */
export function leaseSituation(name: string, source: string, listener: (reach: () => void) => LeaseListener) {
  return {
    id: `store/sometimes/${name}`,
    kind: "sometimes",
    source,
    monitor(context) {
      const ledger = leaseLedgerOf(context);
      ledger.listen(listener(() => context.reach()));
      return ledger.feed.with();
    },
  } satisfies StoreProperty;
}
