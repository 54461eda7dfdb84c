import type { StoreProperty } from "../store-property.ts";
import { compactedDeletionSeen } from "./compacted-deletion-seen.ts";
import { futureWatchServed } from "./future-watch-served.ts";
import { leaseExpired } from "./lease-expired.ts";
import { leaseKeptAlive } from "./lease-kept-alive.ts";
import { leaseOutlivesLeader } from "./lease-outlives-leader.ts";
import { leaseRevoked } from "./lease-revoked.ts";
import { leaseTimeLeftCarriedOver } from "./lease-time-left-carried-over.ts";
import { lockPassedOnByExpiry } from "./lock-passed-on-by-expiry.ts";
import { renewalRefusedWithoutLeader } from "./renewal-refused-without-leader.ts";
import { slowWatcherCaughtUp } from "./slow-watcher-caught-up.ts";
import { watchCanceledByCompaction } from "./watch-canceled-by-compaction.ts";
import { watchFiltered } from "./watch-filtered.ts";
import { watchFragmented } from "./watch-fragmented.ts";
import { watchFromThePast } from "./watch-from-the-past.ts";
import { watchOverInstalledSnapshot } from "./watch-over-installed-snapshot.ts";
import { watchProgressTold } from "./watch-progress-told.ts";
import { watchResumed } from "./watch-resumed.ts";
import { watchResumedElsewhere } from "./watch-resumed-elsewhere.ts";
import { watchToldPreviousValue } from "./watch-told-previous-value.ts";

/** What some run of a campaign must reach, so that what holds of watches and leases means something. */
export const watchAndLeaseSituations: readonly StoreProperty[] = [
  compactedDeletionSeen,
  futureWatchServed,
  leaseExpired,
  leaseKeptAlive,
  leaseOutlivesLeader,
  leaseRevoked,
  leaseTimeLeftCarriedOver,
  lockPassedOnByExpiry,
  renewalRefusedWithoutLeader,
  slowWatcherCaughtUp,
  watchCanceledByCompaction,
  watchFiltered,
  watchFragmented,
  watchFromThePast,
  watchOverInstalledSnapshot,
  watchProgressTold,
  watchResumed,
  watchResumedElsewhere,
  watchToldPreviousValue,
];
