import type { NodeInfo } from "../framework/node-info.ts";
import { type Plugin, SCORE_MAX } from "../framework/plugin.ts";
import { SKIP } from "../framework/status.ts";
import { capacityOf, type ResourceSpec, usedOf, type WantedResource, wantedResources } from "./resource-allocation.ts";

/** NodeResourcesBalancedAllocationArgs. */
export interface NodeResourcesBalancedAllocationArgs {
  readonly resources: readonly ResourceSpec[];
}

/** plugins/noderesources/balanced_allocation.go: how much more even a node's use of its resources becomes with the pod. */
export function nodeResourcesBalancedAllocation({
  resources,
}: NodeResourcesBalancedAllocationArgs): Plugin<never, readonly WantedResource[]> {
  return {
    name: "NodeResourcesBalancedAllocation",
    preScore: ({ pod }) => {
      const wanted = wantedResources(pod, resources, "requested");
      // Else pods that ask for nothing would gather on one node.
      return wanted.every(({ amount }) => amount === 0)
        ? { status: SKIP, state: null }
        : { status: null, state: wanted };
    },
    score: (wanted, _, info) => {
      const change = balanceOf(info, wanted!, 1) - balanceOf(info, wanted!, 0);
      return SCORE_MAX / 2 + Math.trunc((SCORE_MAX / 2 + change) / 2);
    },
  };
}

/**
 * balanced_allocation.go, balancedResourceScore: 1 less the standard deviation of the fractions that are requested, in
 * percent; with so many of the pod.
 */
export function balanceOf(info: NodeInfo, wanted: readonly WantedResource[], pods: 0 | 1): number {
  let count = 0;
  let sum = 0;
  let first = 0;
  let second = 0;
  for (let i = 0; i < wanted.length; i++) {
    const fraction = fractionOf(info, wanted[i]!, pods);
    if (fraction < 0) continue;
    if (count === 0) first = fraction;
    else second = fraction;
    sum += fraction;
    count++;
  }
  let deviation = 0;
  if (count === 2) deviation = Math.abs((first - second) / 2);
  else if (count > 2) {
    const mean = sum / count;
    let squares = 0;
    for (const one of wanted) {
      const fraction = fractionOf(info, one, pods);
      if (fraction >= 0) squares += (fraction - mean) * (fraction - mean);
    }
    deviation = Math.sqrt(squares / count);
  }
  return Math.trunc((1 - deviation) * SCORE_MAX);
}

/** At most 1; -1: the node has none of it to give. */
function fractionOf(info: NodeInfo, { name, amount }: WantedResource, pods: 0 | 1): number {
  const capacity = capacityOf(info, name);
  if (capacity === 0) return -1;
  return Math.min((usedOf(info, name, "requested") + amount * pods) / capacity, 1);
}
