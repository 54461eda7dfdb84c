import { apiServerProperties } from "../apiserver/index.ts";
import { nodeProperties } from "../node/index.ts";
import { workloadProperties } from "../workloads/index.ts";
import type { ClusterProperty } from "./cluster-property.ts";

export type { ClusterContext, ClusterProperty } from "./cluster-property.ts";

/**
 * All that must hold of a control plane and its nodes. Of several violations that show in one event the first in this order
 * is reported: what the API servers promise, what runs on the nodes, what controllers make of it.
 */
export const controlPlaneProperties: readonly ClusterProperty[] = [
  ...apiServerProperties,
  ...nodeProperties,
  ...workloadProperties,
];
