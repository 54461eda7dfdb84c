import { requestOf } from "../../machinery/pods.ts";
import type { NodeInfo } from "../framework/node-info.ts";
import { NO_ANSWER, type Plugin } from "../framework/plugin.ts";
import type { PodInfo } from "../framework/pod-info.ts";
import { isExtendedResource } from "../framework/resource-names.ts";
import { type Status, unresolvable, unschedulable } from "../framework/status.ts";
import { type WantedResource, wantedResources } from "./resource-allocation.ts";
import { type ScoringStrategy, scorerOf } from "./scoring-strategies.ts";

/** NodeResourcesFitArgs. */
export interface NodeResourcesFitArgs {
  readonly ignoredResources: readonly string[];
  readonly ignoredResourceGroups: readonly string[];
  readonly scoringStrategy: ScoringStrategy;
}

/** What a node has too little of. Amounts of CPU are thousandths. */
export interface InsufficientResource {
  readonly resource: string;
  readonly reason: string;
  readonly requested: number;
  readonly used: number;
  readonly capacity: number;
  /** Even the empty node has too little. */
  readonly unresolvable: boolean;
}

const ENOUGH: readonly InsufficientResource[] = Object.freeze([]);

/** plugins/noderesources/fit.go. */
export function nodeResourcesFit(args: NodeResourcesFitArgs): Plugin<never, readonly WantedResource[]> {
  const { resources } = args.scoringStrategy;
  const scorer = scorerOf(args.scoringStrategy);
  return {
    name: "NodeResourcesFit",
    preFilter: () => NO_ANSWER,
    filter: (_, { pod }, info) => {
      if (isPlainFit(pod, info)) return null;
      const insufficient = insufficientResources(pod, info, args);
      return insufficient.length === 0 ? null : statusOf(insufficient);
    },
    preScore: ({ pod }) => ({ status: null, state: wantedResources(pod, resources, "nonzero") }),
    score: (wanted, _, info) => scorer(info, wanted!),
  };
}

/** There is room for a pod that asks for nothing but CPU and memory. */
function isPlainFit({ requests, others }: PodInfo, { podsLeft, milliCpuLeft, memoryBytesLeft }: NodeInfo): boolean {
  return (
    podsLeft > 0 &&
    requests.milliCpu <= milliCpuLeft &&
    requests.memoryBytes <= memoryBytesLeft &&
    requests.ephemeralStorageBytes === 0 &&
    others.length === 0
  );
}

function statusOf(insufficient: readonly InsufficientResource[]): Status {
  const reasons = insufficient.map(({ reason }) => reason);
  return insufficient.some((one) => one.unresolvable) ? unresolvable(...reasons) : unschedulable(...reasons);
}

/** fit.go, fitsRequest: one more pod, and what it requests, within what can be allocated. A request of nothing fits. */
export function insufficientResources(
  { requests, others }: PodInfo,
  info: NodeInfo,
  ignored: Pick<NodeResourcesFitArgs, "ignoredResources" | "ignoredResourceGroups">,
): readonly InsufficientResource[] {
  const { allocatable, requested } = info;
  let found = ENOUGH;
  if (info.pods.length + 1 > info.allowedPods)
    found = [
      {
        resource: "pods",
        reason: "Too many pods",
        requested: 1,
        used: info.pods.length,
        capacity: info.allowedPods,
        unresolvable: false,
      },
    ];
  if (requests.milliCpu > 0 && requests.milliCpu > allocatable.milliCpu - requested.milliCpu)
    found = withLack(found, "cpu", requests.milliCpu, requested.milliCpu, allocatable.milliCpu);
  if (requests.memoryBytes > 0 && requests.memoryBytes > allocatable.memoryBytes - requested.memoryBytes)
    found = withLack(found, "memory", requests.memoryBytes, requested.memoryBytes, allocatable.memoryBytes);
  const storage = requests.ephemeralStorageBytes;
  if (storage > 0 && storage > allocatable.ephemeralStorageBytes - requested.ephemeralStorageBytes)
    found = withLack(
      found,
      "ephemeral-storage",
      storage,
      requested.ephemeralStorageBytes,
      allocatable.ephemeralStorageBytes,
    );
  for (const name of others) {
    if (isIgnored(name, ignored)) continue;
    const used = requestOf(requested, name);
    const capacity = requestOf(allocatable, name);
    if (requestOf(requests, name) > capacity - used)
      found = withLack(found, name, requestOf(requests, name), used, capacity);
  }
  return found;
}

function withLack(
  found: readonly InsufficientResource[],
  resource: string,
  requested: number,
  used: number,
  capacity: number,
): readonly InsufficientResource[] {
  const lack = { resource, reason: `Insufficient ${resource}`, requested, used, capacity };
  return [...found, { ...lack, unresolvable: requested > capacity }];
}

/** Of the resources that extend Kubernetes, some are others' to check. */
function isIgnored(
  name: string,
  { ignoredResources, ignoredResourceGroups }: Pick<NodeResourcesFitArgs, "ignoredResources" | "ignoredResourceGroups">,
): boolean {
  if (ignoredResources.length === 0 && ignoredResourceGroups.length === 0) return false;
  if (!isExtendedResource(name)) return false;
  return ignoredResources.includes(name) || ignoredResourceGroups.includes(name.split("/")[0]!);
}
