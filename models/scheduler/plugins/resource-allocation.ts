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

/** By resource, in the order of the specs. `allocatable` 0: it does not count here. */
export interface ResourceAmounts {
  readonly requested: readonly number[];
  readonly allocatable: readonly number[];
  /** Without the pod. */
  readonly allocated: readonly number[];
}

/** resource_allocation.go, calculatePodResourceRequestList. */
export function amountsRequested(
  pod: PodInfo,
  resources: readonly ResourceSpec[],
  reckoning: Reckoning,
): readonly number[] {
  return resources.map(({ name }) => {
    if (reckoning === "nonzero" && name === "cpu") return pod.nonzeroMilliCpu;
    if (reckoning === "nonzero" && name === "memory") return pod.nonzeroMemoryBytes;
    return requestOf(pod.requests, name);
  });
}

/** resource_allocation.go, calculateResourceAllocatableRequest, for each of the resources. */
export function resourcesAt(
  info: NodeInfo,
  resources: readonly ResourceSpec[],
  ofPod: readonly number[],
  reckoning: Reckoning,
): ResourceAmounts {
  const { length } = resources;
  const requested = new Array<number>(length);
  const allocatable = new Array<number>(length);
  const allocated = new Array<number>(length);
  for (let i = 0; i < length; i++) {
    const { name } = resources[i]!;
    // A resource that extends Kubernetes, and that the pod does not ask for, has no say.
    const isBypassed = ofPod[i] === 0 && isScalarResource(name);
    const capacity = isBypassed ? 0 : requestOf(info.allocatable, name);
    const used = capacity === 0 ? 0 : usedAt(info, name, reckoning);
    allocatable[i] = capacity;
    allocated[i] = used;
    requested[i] = capacity === 0 ? 0 : used + ofPod[i]!;
  }
  return { requested, allocatable, allocated };
}

function usedAt(info: NodeInfo, name: string, reckoning: Reckoning): number {
  if (reckoning === "nonzero" && name === "cpu") return info.nonzeroMilliCpu;
  if (reckoning === "nonzero" && name === "memory") return info.nonzeroMemoryBytes;
  return requestOf(info.requested, name);
}
