import { leaseKeysStay } from "./lease-keys-stay.ts";
import { leaseRenewalHonest } from "./lease-renewal-honest.ts";
import { leaseTimeCarriedOver } from "./lease-time-carried-over.ts";
import { leasesExpire } from "./leases-expire.ts";
import { lockExclusive } from "./lock-exclusive.ts";
import { watchAndLeaseSituations } from "./sometimes/watches-and-leases.ts";
import type { StoreProperty } from "./store-property.ts";
import { watchAtomic } from "./watch-atomic.ts";
import { watchBookmarks } from "./watch-bookmarks.ts";
import { watchCompaction } from "./watch-compaction.ts";
import { watchFilter } from "./watch-filter.ts";
import { watchOrdered } from "./watch-ordered.ts";
import { watchPreviousValue } from "./watch-previous-value.ts";
import { watchReliable } from "./watch-reliable.ts";
import { watchUnique } from "./watch-unique.ts";
import { watchesCatchUp } from "./watches-catch-up.ts";

/** What must hold of watches, leases and what clients build on them: safety, then liveness, then the situations to reach. */
export const watchAndLeaseProperties: readonly StoreProperty[] = [
  watchCompaction,
  watchOrdered,
  watchUnique,
  watchFilter,
  watchBookmarks,
  watchAtomic,
  watchReliable,
  watchPreviousValue,
  leaseKeysStay,
  leaseRenewalHonest,
  leaseTimeCarriedOver,
  lockExclusive,
  watchesCatchUp,
  leasesExpire,
  ...watchAndLeaseSituations,
];
