/** What is taken of a node with a pod on it, as scores see it (plugins/noderesources/resource_allocation.go). */
import { requestOf } from "../../machinery/pods.ts";
import type { NodeInfo } from "../framework/node-info.ts";
import type { PodInfo } from "../framework/pod-info.ts";
import { isScalarResource } from "../framework/resource-names.ts";

export interface ResourceSpec {
  readonly name: string;
  readonly weight: number;
}

/** Whether a container that states nothing counts for something. */
export type Reckoning = "nonzero" | "requested";

/** A resource that has a say, and how much of it a pod counts for. */
export interface WantedResource {
  readonly name: string;
  readonly weight: number;
  readonly amount: number;
}

/** resource_allocation.go, calculatePodResourceRequestList. A resource that extends Kubernetes, and that the pod does not ask for, has no say. */
export function wantedResources(
  pod: PodInfo,
  resources: readonly ResourceSpec[],
  reckoning: Reckoning,
): readonly WantedResource[] {
  const wanted: WantedResource[] = [];
  for (const { name, weight } of resources) {
    const amount = amountFor(pod, name, reckoning);
    if (amount > 0 || !isScalarResource(name)) wanted.push({ name, weight, amount });
  }
  return wanted;
}

function amountFor(pod: PodInfo, name: string, reckoning: Reckoning): number {
  if (reckoning === "nonzero" && name === "cpu") return pod.nonzeroMilliCpu;
  if (reckoning === "nonzero" && name === "memory") return pod.nonzeroMemoryBytes;
  return requestOf(pod.requests, name);
}

/** What a node can give; 0: the resource does not count there. */
export function capacityOf(info: NodeInfo, name: string): number {
  return requestOf(info.allocatable, name);
}

/** resource_allocation.go, calculateResourceAllocatableRequest: what is taken, without the pod. */
export function usedOf(info: NodeInfo, name: string, reckoning: Reckoning): number {
  if (reckoning === "nonzero" && name === "cpu") return info.nonzeroMilliCpu;
  if (reckoning === "nonzero" && name === "memory") return info.nonzeroMemoryBytes;
  return requestOf(info.requested, name);
}
