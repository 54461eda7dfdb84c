import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { deploymentsConverge } from "./deployments-converge.ts";
import { endpointsFollowPods } from "./endpoints-follow-pods.ts";
import { replicaSetsConverge } from "./replicasets-converge.ts";
import { statefulSetIdentityRunsOnce } from "./statefulset-identity-runs-once.ts";
import { statefulSetsConverge } from "./statefulsets-converge.ts";

/** What controllers keep to, and what they come to in the end. */
export const workloadProperties: readonly ClusterProperty[] = [
  statefulSetIdentityRunsOnce,
  replicaSetsConverge,
  deploymentsConverge,
  statefulSetsConverge,
  endpointsFollowPods,
];
