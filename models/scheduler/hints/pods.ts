/** Hints of the plugins that look at other pods (kubernetes pkg/scheduler/framework/plugins, EventsToRegister). */
import { deepEqual } from "../../machinery/equality.ts";
import type { KubeObject, Pod, StringMap } from "../../machinery/kinds/index.ts";
import { podRequests, requestOf } from "../../machinery/pods.ts";
import { matchesLabels, selectorOf } from "../../machinery/selectors.ts";
import { type AffinityTerm, affinityTermsOf, matchesTerm, withNamespacesFound } from "../framework/affinity-terms.ts";
import type { Listers } from "../framework/listers.ts";
import { labelIn } from "../framework/node-affinity.ts";
import { podInfoOf, portsConflict } from "../framework/pod-info.ts";
import { isInlineMigratable } from "../plugins/csi-migration.ts";
import { hasDiskConflict } from "../plugins/volume-restrictions.ts";
import { hardConstraints } from "./constraints.ts";
import type { Hint, Interest } from "./index.ts";

/** scheduling_gates.go, isSchedulableAfterUpdatePodSchedulingGatesEliminated. */
const gatesGone: Hint = (pod, _, object) => object !== null && object.metadata.uid === pod.metadata.uid;

/** It has counted on a node: it was on it, or nominated to it. */
function hadPlace({ spec, status }: Pod): boolean {
  return (spec.nodeName ?? "") !== "" || (status?.nominatedNodeName ?? "") !== "";
}

/** node_ports.go, isSchedulableAfterPodDeleted: one of its ports is free again. */
const portsFree: Hint = (pod, old) => {
  const gone = old as Pod;
  if (!hadPlace(gone)) return false;
  const used = podInfoOf(gone).ports;
  return used.length > 0 && podInfoOf(pod).ports.some((port) => portsConflict(port, used));
};

/** fit.go, isSchedulableAfterPodEvent: a pod has gone from its node, or asks for less of what this one wants. */
const roomFree: Hint = (pod, old, object) => {
  if (object === null) return hadPlace(old as Pod);
  if (object.metadata.uid === pod.metadata.uid) return true;
  const other = object as Pod;
  if ((other.spec.nodeName ?? "") === "") return false;
  const wanted = podRequests(pod);
  const before = podRequests(old as Pod);
  const now = podRequests(other);
  const names = ["cpu", "memory", "ephemeral-storage", ...Object.keys(wanted.others)];
  return names.some((name) => requestOf(wanted, name) > 0 && requestOf(before, name) > requestOf(now, name));
};

/** podtopologyspread/plugin.go, isSchedulableAfterPodChange: the counts of its constraints have changed. */
const countsChanged: Hint = (pod, old, object) => {
  const before = old as Pod | null;
  const now = object as Pod | null;
  const isInvolved = (other: Pod) =>
    other.metadata.uid === pod.metadata.uid || (hadPlace(other) && other.metadata.namespace === pod.metadata.namespace);
  if ((now !== null && !isInvolved(now)) || (before !== null && !isInvolved(before))) return false;
  const selectors = hardConstraints(pod).map(({ labelSelector }) => selectorOf(labelSelector));
  const matched = (labels: StringMap | undefined) => selectors.map((selector) => matchesLabels(selector, labels));
  if (before !== null && now !== null) return !deepEqual(matched(before.metadata.labels), matched(now.metadata.labels));
  return matched((now ?? before!).metadata.labels).includes(true);
};

/** podtopologyspread/plugin.go, isSchedulableAfterPodChange: more nodes may count in its domains. */
const toleratesMore: Hint = (pod, old, object) =>
  object !== null &&
  object.metadata.uid === pod.metadata.uid &&
  hardConstraints(pod).some(({ nodeTaintsPolicy }) => nodeTaintsPolicy === "Honor") &&
  !deepEqual((old as Pod).spec.tolerations, (object as Pod).spec.tolerations);

/** interpodaffinity/plugin.go, isSchedulableAfterPodChange: one that it wants near, or not near, has come, gone or changed. */
const neighboursChanged: Hint = (pod, old, object, listers) => {
  const before = old as Pod | null;
  const now = object as Pod | null;
  if ((now ?? before)!.metadata.uid === pod.metadata.uid) return true;
  if ((now !== null && !hadPlace(now)) || (before !== null && !hadPlace(before))) return false;
  const { requiredAffinity, requiredAntiAffinity } = affinityTermsOf(pod).terms;
  const wants = (other: Pod) =>
    requiredAffinity.length > 0 && requiredAffinity.every((term) => isMet(term, other, listers));
  const avoids = (other: Pod) => requiredAntiAffinity.some((term) => isMet(term, other, listers));
  if (now !== null && wants(now) && (before === null || !wants(before))) return true;
  if (before === null) return false;
  if (avoids(before) && (now === null || !avoids(now))) return true;
  // It is also those that run that keep others away.
  return now === null && affinityTermsOf(before).terms.requiredAntiAffinity.some((term) => isMet(term, pod, listers));
};

function isMet(term: AffinityTerm, pod: Pod, { namespaces }: Listers): boolean {
  return matchesTerm(withNamespacesFound(term, namespaces), pod, undefined);
}

/**
 * interpodaffinity/plugin.go, isSchedulableAfterNodeChange: a node is in another domain of the pod's affinity, or in
 * another one, or none, of its anti-affinity. The real one does not look at the anti-affinity of others here; a pod
 * without any of its own is tried again.
 */
const domainChanged: Hint = (pod, old, object) => {
  const { requiredAffinity, requiredAntiAffinity } = affinityTermsOf(pod).terms;
  const domain = (node: KubeObject | null, { topologyKey }: AffinityTerm) =>
    node === null ? undefined : labelIn(node.metadata.labels, topologyKey);
  const isMoved = (term: AffinityTerm) => domain(old, term) !== domain(object, term);
  if (requiredAffinity.some((term) => isMoved(term) && domain(object, term) !== undefined)) return true;
  if (requiredAntiAffinity.length === 0) return requiredAffinity.length === 0;
  return old === null || requiredAntiAffinity.some((term) => isMoved(term) && domain(old, term) !== undefined);
};

/** volume_restrictions.go, isSchedulableAfterPodDeleted: it had a disk or a claim that this one wants. */
const disksFree: Hint = (pod, old) => {
  const gone = old as Pod;
  if (gone.metadata.namespace !== pod.metadata.namespace) return false;
  if (hasDiskConflict(pod, gone)) return true;
  const claims = new Set((gone.spec.volumes ?? []).map((volume) => volume.persistentVolumeClaim?.claimName));
  return (pod.spec.volumes ?? []).some(
    ({ persistentVolumeClaim: claim }) => claim !== undefined && claims.has(claim.claimName),
  );
};

/** nodevolumelimits/csi.go, isSchedulableAfterPodDeleted: it had a volume that may count. */
const attachmentsFree: Hint = (_, old) => {
  const gone = old as Pod;
  return (
    hadPlace(gone) &&
    (gone.spec.volumes ?? []).some(
      (volume) =>
        volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined || isInlineMigratable(volume),
    )
  );
};

export const POD_HINTS: readonly Interest[] = [
  { plugin: "SchedulingGates", resource: "unscheduledPod", actions: ["updateGatesEliminated"], hint: gatesGone },
  { plugin: "NodePorts", resource: "assignedPod", actions: ["delete"], hint: portsFree },
  { plugin: "NodeResourcesFit", resource: "assignedPod", actions: ["delete", "updateScaleDown"], hint: roomFree },
  { plugin: "NodeResourcesFit", resource: "unscheduledPod", actions: ["updateScaleDown"], hint: roomFree },
  {
    plugin: "PodTopologySpread",
    resource: "assignedPod",
    actions: ["add", "delete", "updateLabel"],
    hint: countsChanged,
  },
  { plugin: "PodTopologySpread", resource: "unscheduledPod", actions: ["updateLabel"], hint: countsChanged },
  { plugin: "PodTopologySpread", resource: "unscheduledPod", actions: ["updateToleration"], hint: toleratesMore },
  {
    plugin: "InterPodAffinity",
    resource: "assignedPod",
    actions: ["add", "delete", "updateLabel"],
    hint: neighboursChanged,
  },
  { plugin: "InterPodAffinity", resource: "unscheduledPod", actions: ["updateLabel"], hint: neighboursChanged },
  { plugin: "InterPodAffinity", resource: "node", actions: ["add", "updateLabel"], hint: domainChanged },
  { plugin: "VolumeRestrictions", resource: "assignedPod", actions: ["delete"], hint: disksFree },
  { plugin: "NodeVolumeLimits", resource: "assignedPod", actions: ["delete"], hint: attachmentsFree },
  // default_preemption.go: a pod whose preemption is under way may be let in once its last victim is going.
  { plugin: "DefaultPreemption", resource: "assignedPod", actions: ["delete"], hint: null },
];
