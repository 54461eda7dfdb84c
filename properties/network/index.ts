import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { podAddressesAreUnique } from "../node/pod-addresses-are-unique.ts";
import { heldIsTaken } from "./held-is-taken.ts";
import { nodeBlocksAreDisjoint } from "./node-blocks-are-disjoint.ts";
import { nothingIsLeaked } from "./nothing-is-leaked.ts";
import { proxiesSyncInTime } from "./proxies-sync-in-time.ts";
import { readyEndpointsAreReadyPods } from "./ready-endpoints-are-ready-pods.ts";
import { requestsFailForAReason } from "./requests-fail-for-a-reason.ts";
import { rulesFollowSlices } from "./rules-follow-slices.ts";
import { rulesHaveRealEndpoints } from "./rules-have-real-endpoints.ts";
import { serviceAddressesAreUnique } from "./service-addresses-are-unique.ts";
import { servicesAnswer } from "./services-answer.ts";
import { networkSituations } from "./sometimes/index.ts";

/** What holds of addresses and ports, of rules and flows, and of who asks a service. */
export const networkProperties: readonly ClusterProperty[] = [
  nodeBlocksAreDisjoint,
  podAddressesAreUnique,
  serviceAddressesAreUnique,
  heldIsTaken,
  readyEndpointsAreReadyPods,
  rulesHaveRealEndpoints,
  proxiesSyncInTime,
  requestsFailForAReason,
  rulesFollowSlices,
  servicesAnswer,
  nothingIsLeaked,
  ...networkSituations,
];
