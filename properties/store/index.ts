import { liftedProperties } from "./lifted.ts";
import { linearizableHistory } from "./linearizable-history.ts";
import { serializableReads } from "./serializable-reads.ts";
import type { StoreProperty } from "./store-property.ts";
import { watchAndLeaseProperties } from "./watches-and-leases.ts";

export type { StoreProperty } from "./store-property.ts";

/**
 * All that must hold of a store. A run ends at the first violation, and of several that show in one event the first in
 * this order is reported: what the members agree on, then what clients are promised, then liveness, then the situations
 * that a campaign must reach.
 */
export const storeProperties: readonly StoreProperty[] = [
  ...liftedProperties,
  linearizableHistory,
  serializableReads,
  ...watchAndLeaseProperties,
];
