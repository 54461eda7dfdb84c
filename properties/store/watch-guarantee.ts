import type { Guarantee } from "../../src/checkers/watch.ts";
import type { StoreProperty } from "./store-property.ts";
import { watchLedgerOf } from "./watch-ledger.ts";

/**
 * The property that all watches of a run keep one guarantee: each stream by itself, as its member sends it, and what a
 * client hands on of one watch over all its streams.
 */
export function watchGuarantee(id: string, guarantee: Guarantee, source: string): StoreProperty {
  return {
    id,
    kind: "always",
    source,
    monitor(context) {
      const ledger = watchLedgerOf(context);
      ledger.report(guarantee, context);
      return ledger.feed.with();
    },
  };
}
