/** Hints of the plugins that look at nodes (kubernetes pkg/scheduler/framework/plugins, EventsToRegister). */
import { deepEqual } from "../../machinery/equality.ts";
import type { KubeObject, Node, Pod, Taint } from "../../machinery/kinds/index.ts";
import { type PodRequests, podRequests, requestOf, requestsOfList } from "../../machinery/pods.ts";
import { labelIn, matchesRequiredNodeAffinity, requiredNodeAffinityOf } from "../framework/node-affinity.ts";
import { hasUntoleratedTaint, isTolerated } from "../framework/taints.ts";
import { hardConstraints } from "./constraints.ts";
import type { Hint, Interest } from "./index.ts";

const CORDONED: Taint = Object.freeze({ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" });

/** node_unschedulable.go, isSchedulableAfterNodeChange. */
const uncordoned: Hint = (_, old, object) => {
  const wasOpen = old !== null && (old as Node).spec?.unschedulable !== true;
  return !wasOpen && (object as Node).spec?.unschedulable !== true;
};

/** node_unschedulable.go, isSchedulableAfterPodTolerationChange. */
const toleratesCordon: Hint = (pod, _, object) =>
  isSame(pod, object) && isTolerated(CORDONED, (object as Pod).spec.tolerations);

/** taint_toleration.go, isSchedulableAfterNodeChange: a taint that kept it away is gone. */
const taintGone: Hint = (pod, old, object) => {
  const { tolerations } = pod.spec;
  const wasUntolerated = old === null || hasUntoleratedTaint((old as Node).spec?.taints, tolerations);
  return wasUntolerated && !hasUntoleratedTaint((object as Node).spec?.taints, tolerations);
};

/** taint_toleration.go, isSchedulableAfterPodTolerationChange. */
const isItself: Hint = (pod, _, object) => isSame(pod, object);

function isSame(pod: Pod, object: KubeObject | null): boolean {
  return object !== null && object.metadata.uid === pod.metadata.uid;
}

/** node_affinity.go, isSchedulableAfterNodeChange: it matches, and did not. */
const matchesNow: Hint = (pod, old, object) => {
  const affinity = requiredNodeAffinityOf(pod);
  if (!matchesRequiredNodeAffinity(affinity, object as Node)) return false;
  return old === null || !matchesRequiredNodeAffinity(affinity, old as Node);
};

/** fit.go, isSchedulableAfterNodeChange: the pod would fit into the node if it were empty, and there is more of what it wants. */
const hasMoreRoom: Hint = (pod, old, object) => {
  const requests = podRequests(pod);
  const now = requestsOfList((object as Node).status?.allocatable);
  if (!fitsInto(requests, now)) return false;
  return old === null || hasMore(requests, requestsOfList((old as Node).status?.allocatable), now);
};

function wantedNames({ milliCpu, memoryBytes, ephemeralStorageBytes, others }: PodRequests): readonly string[] {
  const names = Object.keys(others).filter((name) => others[name]! > 0);
  if (milliCpu > 0) names.push("cpu");
  if (memoryBytes > 0) names.push("memory");
  if (ephemeralStorageBytes > 0) names.push("ephemeral-storage");
  return names;
}

/** fit.go, isFit. */
function fitsInto(requests: PodRequests, allocatable: PodRequests): boolean {
  if (requestOf(allocatable, "pods") < 1) return false;
  return wantedNames(requests).every((name) => requestOf(requests, name) <= requestOf(allocatable, name));
}

/** fit.go, haveAnyRequestedResourcesIncreased. */
function hasMore(requests: PodRequests, before: PodRequests, now: PodRequests): boolean {
  if (requestOf(now, "pods") > requestOf(before, "pods")) return true;
  return wantedNames(requests).some((name) => requestOf(now, name) > requestOf(before, name));
}

/** pod_topology_spread plugin.go, isSchedulableAfterNodeChange: the domains that its constraints count have changed. */
const domainsChanged: Hint = (pod, old, object) => {
  const keys = hardConstraints(pod).map(({ topologyKey }) => topologyKey);
  const before = old as Node | null;
  const now = object as Node | null;
  const matched = before !== null && hasLabels(before, keys);
  const matches = now !== null && hasLabels(now, keys);
  if (matched !== matches) return true;
  if (!matches || before === null) return false;
  const isMoved = keys.some((key) => labelIn(before.metadata.labels, key) !== labelIn(now.metadata.labels, key));
  return isMoved || !deepEqual(before.spec?.taints, now.spec?.taints);
};

function hasLabels({ metadata }: Node, keys: readonly string[]): boolean {
  return keys.every((key) => labelIn(metadata.labels, key) !== undefined);
}

export const NODE_HINTS: readonly Interest[] = [
  { plugin: "NodeUnschedulable", resource: "node", actions: ["add", "updateTaint"], hint: uncordoned },
  {
    plugin: "NodeUnschedulable",
    resource: "unscheduledPod",
    actions: ["updateToleration"],
    hint: toleratesCordon,
  },
  { plugin: "NodeName", resource: "node", actions: ["add"], hint: null },
  { plugin: "TaintToleration", resource: "node", actions: ["add", "updateTaint"], hint: taintGone },
  { plugin: "TaintToleration", resource: "unscheduledPod", actions: ["updateToleration"], hint: isItself },
  { plugin: "NodeAffinity", resource: "node", actions: ["add", "updateLabel"], hint: matchesNow },
  { plugin: "NodePorts", resource: "node", actions: ["add"], hint: null },
  { plugin: "NodeResourcesFit", resource: "node", actions: ["add", "updateAllocatable"], hint: hasMoreRoom },
  {
    plugin: "PodTopologySpread",
    resource: "node",
    actions: ["add", "delete", "updateLabel", "updateTaint"],
    hint: domainsChanged,
  },
];
