import type { StoreWorldTypes } from "../../../models/client/types.ts";
import type { Monitor } from "../../../src/checkers/property.ts";
import { type LedgerListener, type StoreLedger, storeLedgerOf } from "../ledger.ts";
import type { StoreContext, StoreProperty } from "../store-property.ts";

const NOTHING: Monitor<StoreWorldTypes> = { concerns: { changes: [], messages: [], notes: [] } };

/** A situation that shows in what clients call and what members apply, and in hooks of its own. */
export function callSituation(
  name: string,
  source: string,
  listen: (context: StoreContext, ledger: StoreLedger) => LedgerListener & { readonly own?: Monitor<StoreWorldTypes> },
): StoreProperty {
  return {
    id: `store/sometimes/${name}`,
    kind: "sometimes",
    source,
    monitor(context) {
      const ledger = storeLedgerOf(context);
      const { own, ...listener } = listen(context, ledger);
      return ledger.monitor(listener, own ?? NOTHING);
    },
  };
}
