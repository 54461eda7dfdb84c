/** What a change of an object is to plugins (kubernetes pkg/scheduler/framework/events.go). */
import { findCondition } from "../machinery/conditions.ts";
import { deepEqual } from "../machinery/equality.ts";
import type { Node, Pod, StringMap } from "../machinery/kinds/index.ts";
import { podRequests } from "../machinery/pods.ts";
import type { ClusterEvent, EventAction } from "./types.ts";

/** NodeSchedulingPropertiesChange: heartbeats change nothing. */
export function nodeEvents(old: Node, node: Node): readonly ClusterEvent[] {
  if (old === node) return [];
  const actions: EventAction[] = [];
  const add = (changed: boolean, action: EventAction) => {
    if (changed) actions.push(action);
  };
  add((old.spec?.unschedulable ?? false) !== (node.spec?.unschedulable ?? false), "updateTaint");
  add(!deepEqual(old.status?.allocatable, node.status?.allocatable), "updateAllocatable");
  add(!deepEqual(old.metadata.labels, node.metadata.labels), "updateLabel");
  add(!deepEqual(old.spec?.taints, node.spec?.taints), "updateTaint");
  add(!deepEqual(statuses(old), statuses(node)), "updateCondition");
  add(!deepEqual(old.metadata.annotations, node.metadata.annotations), "updateAnnotation");
  return [...new Set(actions)].map((action) => ({ resource: "node", action }));
}

/** extractNodeConditionsChange: times do not count. */
function statuses({ status }: Node): StringMap {
  return Object.fromEntries((status?.conditions ?? []).map((condition) => [condition.type, condition.status]));
}

/** PodSchedulingPropertiesChange: any other change is told as such, in which no plugin is interested. */
export function podEvents(old: Pod, pod: Pod): readonly ClusterEvent[] {
  const resource = (pod.spec.nodeName ?? "") === "" ? "unscheduledPod" : "assignedPod";
  const actions: EventAction[] = [];
  if (!deepEqual(old.metadata.labels, pod.metadata.labels)) actions.push("updateLabel");
  if (isScaledDown(old, pod)) actions.push("updateScaleDown");
  if (old.spec !== pod.spec) {
    if (gatesOf(old) > 0 && gatesOf(pod) === 0) actions.push("updateGatesEliminated");
    if ((old.spec.tolerations ?? []).length !== (pod.spec.tolerations ?? []).length) actions.push("updateToleration");
  }
  if (actions.length === 0) actions.push("updateOther");
  return actions.map((action) => ({ resource, action }));
}

function gatesOf({ spec }: Pod): number {
  return (spec.schedulingGates ?? []).length;
}

/** extractPodScaleDown: it requests less of something. */
function isScaledDown(old: Pod, pod: Pod): boolean {
  if (deepEqual(old.spec.containers, pod.spec.containers) && deepEqual(resourcesHeld(old), resourcesHeld(pod)))
    return false;
  const before = podRequests(old);
  const after = podRequests(pod);
  if (after.milliCpu < before.milliCpu || after.memoryBytes < before.memoryBytes) return true;
  return Object.keys(before.others).some((name) => (after.others[name] ?? 0) < before.others[name]!);
}

/** What the containers of a pod hold besides what they ask for: it counts while a pod is resized. Null: nothing. */
export function resourcesHeld({ status }: Pod): unknown {
  const { containerStatuses = [], initContainerStatuses = [], conditions } = status ?? {};
  const held = [...containerStatuses, ...initContainerStatuses].filter(({ resources }) => resources !== undefined);
  if (held.length === 0) return null;
  const amounts = held.map(({ name, resources, allocatedResources = null }) => [name, resources, allocatedResources]);
  return [findCondition(conditions, "PodResizePending")?.reason ?? null, amounts];
}
