import { apiServerProperties } from "../apiserver/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { nodeProperties } from "../node/index.ts";
import { oneActingLeader } from "../workloads/one-acting-leader.ts";
import { boundPodsPassedFilters } from "./bound-pods-passed-filters.ts";
import { cacheIsWhatIsBound } from "./cache-is-what-is-bound.ts";
import { decisionsAreTheNaiveOnes } from "./decisions-are-the-naive-ones.ts";
import { feasiblePodsAreBound } from "./feasible-pods-are-bound.ts";
import { noPodIsLost } from "./no-pod-is-lost.ts";
import { nominatedRoomIsKept } from "./nominated-room-is-kept.ts";
import { nominationsEnd } from "./nominations-end.ts";
import { retriesBackOff } from "./retries-back-off.ts";
import { scoresAreExact } from "./scores-are-exact.ts";
import { skewWithinBounds } from "./skew-within-bounds.ts";
import { snapshotsAreFresh } from "./snapshots-are-fresh.ts";
import { schedulerSituations } from "./sometimes/index.ts";
import { victimsAreNeeded } from "./victims-are-needed.ts";
import { volumeHasOneClaim } from "./volume-has-one-claim.ts";
import { waitingPodsFitNowhere } from "./waiting-pods-fit-nowhere.ts";

/** What must hold of schedulers. */
export const schedulerProperties: readonly ClusterProperty[] = [
  cacheIsWhatIsBound,
  snapshotsAreFresh,
  boundPodsPassedFilters,
  skewWithinBounds,
  nominatedRoomIsKept,
  victimsAreNeeded,
  scoresAreExact,
  decisionsAreTheNaiveOnes,
  retriesBackOff,
  noPodIsLost,
  waitingPodsFitNowhere,
  volumeHasOneClaim,
  feasiblePodsAreBound,
  nominationsEnd,
  ...schedulerSituations,
];

const isNoSituation = ({ kind }: ClusterProperty) => kind !== "sometimes";

/** What must hold where schedulers are put to the test: of them, and of API servers and nodes. */
export const schedulingProperties: readonly ClusterProperty[] = [
  ...apiServerProperties.filter(isNoSituation),
  ...nodeProperties.filter(isNoSituation),
  oneActingLeader,
  ...schedulerProperties,
];
