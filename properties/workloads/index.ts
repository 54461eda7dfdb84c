import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { daemonPodsDeletedOnce } from "./daemon-pods-deleted-once.ts";
import { daemonSetsConverge } from "./daemonsets-converge.ts";
import { danglingDependentsGo } from "./dangling-dependents-go.ts";
import { deletedObjectsGo } from "./deleted-objects-go.ts";
import { deploymentsConverge } from "./deployments-converge.ts";
import { endStateIsDesired } from "./end-state-is-desired.ts";
import { endpointsFollowPods } from "./endpoints-follow-pods.ts";
import { evictionRespectsBudget } from "./eviction-respects-budget.ts";
import { gcSparesLiveOwners } from "./gc-spares-live-owners.ts";
import { jobCountsOnce } from "./job-counts-once.ts";
import { jobsEnd } from "./jobs-end.ts";
import { lostNodesHaveNoReadyPods } from "./lost-nodes-have-no-ready-pods.ts";
import { noEvictionInFullDisruption } from "./no-eviction-in-full-disruption.ts";
import { nothingLeaks } from "./nothing-leaks.ts";
import { nothingOutlivesItsNamespace } from "./nothing-outlives-its-namespace.ts";
import { oneActingLeader } from "./one-acting-leader.ts";
import { oneDaemonPodOnANode } from "./one-daemon-pod-on-a-node.ts";
import { operatorDatabasesConverge } from "./operator-databases-converge.ts";
import { operatorSparesWantedClaims } from "./operator-spares-wanted-claims.ts";
import { orphansAreKept } from "./orphans-are-kept.ts";
import { recoveredNodesAreUntainted } from "./recovered-nodes-are-untainted.ts";
import { replicaSetNoOvershoot } from "./replicaset-no-overshoot.ts";
import { replicaSetsConverge } from "./replicasets-converge.ts";
import { rollingUpdateWithinBounds } from "./rolling-update-within-bounds.ts";
import { slicesAreMadeOnce } from "./slices-are-made-once.ts";
import { rareSituations, workloadSituations } from "./sometimes/index.ts";
import { statefulSetIdentityRunsOnce } from "./statefulset-identity-runs-once.ts";
import { statefulSetOrdered } from "./statefulset-ordered.ts";
import { statefulSetsConverge } from "./statefulsets-converge.ts";
import { writesCease } from "./writes-cease.ts";

/** What controllers keep to, and what they come to in the end. */
export const workloadProperties: readonly ClusterProperty[] = [
  statefulSetIdentityRunsOnce,
  statefulSetOrdered,
  oneActingLeader,
  replicaSetNoOvershoot,
  rollingUpdateWithinBounds,
  oneDaemonPodOnANode,
  daemonPodsDeletedOnce,
  jobCountsOnce,
  gcSparesLiveOwners,
  orphansAreKept,
  evictionRespectsBudget,
  noEvictionInFullDisruption,
  lostNodesHaveNoReadyPods,
  slicesAreMadeOnce,
  recoveredNodesAreUntainted,
  replicaSetsConverge,
  deploymentsConverge,
  statefulSetsConverge,
  daemonSetsConverge,
  jobsEnd,
  endpointsFollowPods,
  danglingDependentsGo,
  deletedObjectsGo,
  nothingOutlivesItsNamespace,
  endStateIsDesired,
  nothingLeaks,
  operatorSparesWantedClaims,
  operatorDatabasesConverge,
  writesCease,
  ...workloadSituations,
];

export { rareSituations };
