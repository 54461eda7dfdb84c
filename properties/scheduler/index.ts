import { apiServerProperties } from "../apiserver/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { nodeProperties } from "../node/index.ts";
import { oneActingLeader } from "../workloads/one-acting-leader.ts";
import { feasiblePodsAreBound } from "./feasible-pods-are-bound.ts";
import { nominationsEnd } from "./nominations-end.ts";
import { volumeHasOneClaim } from "./volume-has-one-claim.ts";

/** What must hold of schedulers. */
export const schedulerProperties: readonly ClusterProperty[] = [
  volumeHasOneClaim,
  feasiblePodsAreBound,
  nominationsEnd,
];

const isNoSituation = ({ kind }: ClusterProperty) => kind !== "sometimes";

/** What must hold where schedulers are put to the test: of them, and of API servers and nodes. */
export const schedulingProperties: readonly ClusterProperty[] = [
  ...apiServerProperties.filter(isNoSituation),
  ...nodeProperties.filter(isNoSituation),
  oneActingLeader,
  ...schedulerProperties,
];
