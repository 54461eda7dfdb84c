import type { ClusterTypes } from "../../../models/cluster/types.ts";
import { mapEntries } from "../../../models/kernel/index.ts";
import type { KubeObject, Node, Pod, Taint } from "../../../models/machinery/kinds/index.ts";
import { isPodTerminal, podRequests, requestOf } from "../../../models/machinery/pods.ts";
import { milliValue, value } from "../../../models/machinery/quantity.ts";
import type { ProcessView } from "../../simulator/system.ts";
import { quorumExcuse } from "../shared/raft-members.ts";
import { membersOf } from "./roles.ts";

type View = ProcessView<ClusterTypes>;

/** Why a cluster need not come to rest: nobody is left to do it, or there is no room for its pods. Null when it must. */
export function excuseOf(processes: readonly View[]): string | null {
  return nobodyToDoIt(processes) ?? noRoom(processes);
}

/** Why a cluster need not come to rest, however much room there is: nobody is left to do it. */
export function nobodyToDoIt(processes: readonly View[]): string | null {
  return quorumExcuse(membersOf(processes)) ?? nobodyLeft(processes);
}

function nobodyLeft(processes: readonly View[]): string | null {
  for (const kind of ["apiServer", "controllerManager", "scheduler", "kubelet", "runtime"] as const) {
    const all = processes.filter(({ config }) => config.kind === kind);
    if (all.length > 0 && all.every(({ status }) => status === "dead")) return `no ${kind} is left`;
  }
  return null;
}

/** A pod that no node may take: cordoned, tainted or full as they are. */
function noRoom(processes: readonly View[]): string | null {
  const pods = objectsOf<Pod>(processes, "pods");
  const nodes = objectsOf<Node>(processes, "nodes");
  for (const pod of pods) {
    if (pod.spec.nodeName !== undefined || isPodTerminal(pod)) continue;
    if (pod.metadata.deletionTimestamp !== undefined) continue;
    if (!nodes.some((node) => mayTake(node, pod, pods)))
      return `no node has room for ${pod.metadata.namespace}/${pod.metadata.name}`;
  }
  return null;
}

function mayTake(node: Node, pod: Pod, pods: readonly Pod[]): boolean {
  if (node.spec?.unschedulable === true) return false;
  if ((node.spec?.taints ?? []).some((taint) => taint.effect !== "PreferNoSchedule" && !tolerates(pod, taint)))
    return false;
  const allocatable = node.status?.allocatable ?? {};
  const there = pods.filter((other) => other.spec.nodeName === node.metadata.name && !isPodTerminal(other));
  if (there.length >= value(allocatable["pods"] ?? 110)) return false;
  const used = [...there, pod].map(podRequests);
  const sum = (resource: string) => used.reduce((total, requests) => total + requestOf(requests, resource), 0);
  return sum("cpu") <= milliValue(allocatable["cpu"] ?? 0) && sum("memory") <= value(allocatable["memory"] ?? 0);
}

function tolerates({ spec: { tolerations = [] } }: Pod, taint: Taint): boolean {
  return tolerations.some(
    ({ key = "", operator = "Equal", value: wanted = "", effect = "" }) =>
      (effect === "" || effect === taint.effect) &&
      (key === "" || key === taint.key) &&
      (operator === "Exists" || wanted === (taint.value ?? "")),
  );
}

/** What an API server that is up knows of a resource: the one that has seen most. */
export function objectsOf<O extends KubeObject>(processes: readonly View[], resource: string): readonly O[] {
  let found: readonly O[] = [];
  let latest = -1;
  for (const { status, state } of processes) {
    if (status !== "up" || state?.kind !== "apiServer") continue;
    const cache = state.caches.find((one) => one.resource === resource);
    const { phase, revision } = state.reflector;
    if (cache === undefined || phase !== "ready" || revision <= latest) continue;
    latest = revision;
    found = mapEntries(cache.objects).map(([, object]) => object as O);
  }
  return found;
}
