import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { deploymentsConverge } from "./deployments-converge.ts";
import { endpointsFollowPods } from "./endpoints-follow-pods.ts";
import { evictionRespectsBudget } from "./eviction-respects-budget.ts";
import { gcSparesLiveOwners } from "./gc-spares-live-owners.ts";
import { jobCountsOnce } from "./job-counts-once.ts";
import { noEvictionInFullDisruption } from "./no-eviction-in-full-disruption.ts";
import { oneActingLeader } from "./one-acting-leader.ts";
import { oneDaemonPodOnANode } from "./one-daemon-pod-on-a-node.ts";
import { orphansAreKept } from "./orphans-are-kept.ts";
import { replicaSetNoOvershoot } from "./replicaset-no-overshoot.ts";
import { replicaSetsConverge } from "./replicasets-converge.ts";
import { rollingUpdateWithinBounds } from "./rolling-update-within-bounds.ts";
import { statefulSetIdentityRunsOnce } from "./statefulset-identity-runs-once.ts";
import { statefulSetOrdered } from "./statefulset-ordered.ts";
import { statefulSetsConverge } from "./statefulsets-converge.ts";

/** What controllers keep to, and what they come to in the end. */
export const workloadProperties: readonly ClusterProperty[] = [
  statefulSetIdentityRunsOnce,
  statefulSetOrdered,
  oneActingLeader,
  replicaSetNoOvershoot,
  rollingUpdateWithinBounds,
  oneDaemonPodOnANode,
  jobCountsOnce,
  gcSparesLiveOwners,
  orphansAreKept,
  evictionRespectsBudget,
  noEvictionInFullDisruption,
  replicaSetsConverge,
  deploymentsConverge,
  statefulSetsConverge,
  endpointsFollowPods,
];
