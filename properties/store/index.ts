import { accountsBalance } from "./accounts-balance.ts";
import { acknowledgedWritesSurvive } from "./acknowledged-writes-survive.ts";
import { appliedOnce } from "./applied-once.ts";
import { callsEnd } from "./calls-end.ts";
import { counterExact } from "./counter-exact.ts";
import { liftedProperties } from "./lifted.ts";
import { linearizableHistory } from "./linearizable-history.ts";
import { membersConverge } from "./members-converge.ts";
import { queueComplete } from "./queue-complete.ts";
import { refusedCallsNeverHappen } from "./refused-calls-never-happen.ts";
import { revisionMonotonic } from "./revision-monotonic.ts";
import { sameContent } from "./same-content.ts";
import { serializableReads } from "./serializable-reads.ts";
import { setComplete } from "./set-complete.ts";
import { storeSituations } from "./sometimes/index.ts";
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
  appliedOnce,
  revisionMonotonic,
  sameContent,
  acknowledgedWritesSurvive,
  refusedCallsNeverHappen,
  accountsBalance,
  counterExact,
  setComplete,
  queueComplete,
  linearizableHistory,
  serializableReads,
  membersConverge,
  callsEnd,
  ...watchAndLeaseProperties,
  ...storeSituations,
];
