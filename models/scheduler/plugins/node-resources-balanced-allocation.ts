import { type Plugin, SCORE_MAX } from "../framework/plugin.ts";
import { SKIP } from "../framework/status.ts";
import { amountsRequested, type ResourceSpec, resourcesAt } from "./resource-allocation.ts";

/** NodeResourcesBalancedAllocationArgs. */
export interface NodeResourcesBalancedAllocationArgs {
  readonly resources: readonly ResourceSpec[];
}

/** plugins/noderesources/balanced_allocation.go: how much more even a node's use of its resources becomes with the pod. */
export function nodeResourcesBalancedAllocation({
  resources,
}: NodeResourcesBalancedAllocationArgs): Plugin<never, readonly number[]> {
  return {
    name: "NodeResourcesBalancedAllocation",
    preScore: ({ pod }) => {
      const requested = amountsRequested(pod, resources, "requested");
      // Else pods that ask for nothing would gather on one node.
      return requested.every((amount) => amount === 0)
        ? { status: SKIP, state: null }
        : { status: null, state: requested };
    },
    score: (ofPod, _, info) => {
      const { requested, allocatable, allocated } = resourcesAt(info, resources, ofPod!, "requested");
      const change = balanceOf(requested, allocatable) - balanceOf(allocated, allocatable);
      return SCORE_MAX / 2 + Math.trunc((SCORE_MAX / 2 + change) / 2);
    },
  };
}

/** balanced_allocation.go, balancedResourceScore: 1 less the standard deviation of the fractions that are requested, in percent. */
export function balanceOf(requested: readonly number[], allocatable: readonly number[]): number {
  let count = 0;
  let sum = 0;
  let first = 0;
  let second = 0;
  for (let i = 0; i < requested.length; i++) {
    if (allocatable[i] === 0) continue;
    const fraction = Math.min(requested[i]! / allocatable[i]!, 1);
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
    for (let i = 0; i < requested.length; i++) {
      if (allocatable[i] === 0) continue;
      const distance = Math.min(requested[i]! / allocatable[i]!, 1) - mean;
      squares += distance * distance;
    }
    deviation = Math.sqrt(squares / count);
  }
  return Math.trunc((1 - deviation) * SCORE_MAX);
}
