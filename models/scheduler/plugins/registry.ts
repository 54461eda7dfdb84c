/** The plugins by name, with the arguments that they take (kubernetes pkg/scheduler/framework/plugins/registry.go). */
import type { Plugin } from "../framework/plugin.ts";
import type { PreemptionArgs } from "../framework/profile.ts";
import { imageLocality } from "./image-locality.ts";
import { type InterPodAffinityArgs, interPodAffinity } from "./inter-pod-affinity.ts";
import { type NodeAffinityArgs, nodeAffinity } from "./node-affinity.ts";
import { nodeName } from "./node-name.ts";
import { nodePorts } from "./node-ports.ts";
import {
  type NodeResourcesBalancedAllocationArgs,
  nodeResourcesBalancedAllocation,
} from "./node-resources-balanced-allocation.ts";
import { type NodeResourcesFitArgs, nodeResourcesFit } from "./node-resources-fit.ts";
import { nodeUnschedulable } from "./node-unschedulable.ts";
import { nodeVolumeLimits } from "./node-volume-limits.ts";
import { podTopologySpread } from "./pod-topology-spread.ts";
import { schedulingGates } from "./scheduling-gates.ts";
import type { PodTopologySpreadArgs } from "./spread-constraints.ts";
import { taintToleration } from "./taint-toleration.ts";
import { volumeBinding } from "./volume-binding.ts";
import { volumeRestrictions } from "./volume-restrictions.ts";
import { volumeZone } from "./volume-zone.ts";

/** The arguments of the plugins that take some. */
export interface PluginArgs {
  readonly NodeAffinity: NodeAffinityArgs;
  readonly NodeResourcesFit: NodeResourcesFitArgs;
  readonly NodeResourcesBalancedAllocation: NodeResourcesBalancedAllocationArgs;
  readonly PodTopologySpread: PodTopologySpreadArgs;
  readonly InterPodAffinity: InterPodAffinityArgs;
  readonly DefaultPreemption: PreemptionArgs;
}

const CPU_AND_MEMORY = Object.freeze([
  Object.freeze({ name: "cpu", weight: 1 }),
  Object.freeze({ name: "memory", weight: 1 }),
]);

/** apis/config/v1/defaults.go. */
export const DEFAULT_ARGS: PluginArgs = Object.freeze({
  NodeAffinity: Object.freeze({}),
  NodeResourcesFit: Object.freeze({
    ignoredResources: Object.freeze([]),
    ignoredResourceGroups: Object.freeze([]),
    scoringStrategy: Object.freeze({ type: "LeastAllocated", resources: CPU_AND_MEMORY }),
  }),
  NodeResourcesBalancedAllocation: Object.freeze({ resources: CPU_AND_MEMORY }),
  PodTopologySpread: Object.freeze({ defaultingType: "System", defaultConstraints: Object.freeze([]) }),
  InterPodAffinity: Object.freeze({ hardPodAffinityWeight: 1, ignorePreferredTermsOfExistingPods: false }),
  DefaultPreemption: Object.freeze({ minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 }),
} as const);

type Factory = (args: PluginArgs) => Plugin;

const FACTORIES: Readonly<Record<string, Factory>> = {
  SchedulingGates: () => schedulingGates,
  NodeUnschedulable: () => nodeUnschedulable,
  NodeName: () => nodeName,
  TaintToleration: () => taintToleration as Plugin,
  NodeAffinity: ({ NodeAffinity }) => nodeAffinity(NodeAffinity) as Plugin,
  NodePorts: () => nodePorts,
  NodeResourcesFit: ({ NodeResourcesFit }) => nodeResourcesFit(NodeResourcesFit) as Plugin,
  VolumeRestrictions: () => volumeRestrictions as Plugin,
  NodeVolumeLimits: () => nodeVolumeLimits as Plugin,
  VolumeBinding: () => volumeBinding as Plugin,
  VolumeZone: () => volumeZone as Plugin,
  PodTopologySpread: ({ PodTopologySpread }) => podTopologySpread(PodTopologySpread) as Plugin,
  InterPodAffinity: ({ InterPodAffinity }) => interPodAffinity(InterPodAffinity) as Plugin,
  NodeResourcesBalancedAllocation: (args) =>
    nodeResourcesBalancedAllocation(args.NodeResourcesBalancedAllocation) as Plugin,
  ImageLocality: () => imageLocality as Plugin,
};

/** Plugins whose work the scheduler itself does in the models: the order of the queue, preemption, binding. */
const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  PrioritySort: ["queueSort"],
  DefaultPreemption: ["preEnqueue", "postFilter"],
  DefaultBinder: ["bind"],
  /** Devices are not modelled: it has nothing to say. */
  DynamicResources: [],
};

export function isPlugin(name: string): boolean {
  return Object.hasOwn(FACTORIES, name) || Object.hasOwn(BUILT_IN, name);
}

/** All of them, sorted. */
export function pluginNames(): readonly string[] {
  return [...Object.keys(FACTORIES), ...Object.keys(BUILT_IN)].sort();
}

/** The plugin of that name; null where its work is built in. */
export function pluginNamed(name: string, args: PluginArgs): Plugin | null {
  return Object.hasOwn(FACTORIES, name) ? FACTORIES[name]!(args) : null;
}

const METHODS: Readonly<Record<string, keyof Plugin>> = {
  preEnqueue: "preEnqueue",
  preFilter: "preFilter",
  filter: "filter",
  preScore: "preScore",
  score: "score",
  reserve: "reserve",
};

/** Whether a plugin has a say at a point. */
export function isAskedAt(name: string, point: string, args: PluginArgs): boolean {
  if (Object.hasOwn(BUILT_IN, name)) return BUILT_IN[name]!.includes(point);
  const method = METHODS[point];
  return method !== undefined && pluginNamed(name, args)?.[method] !== undefined;
}
