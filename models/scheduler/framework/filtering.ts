/** Which nodes can take a pod (kubernetes pkg/scheduler/schedule_one.go, findNodesThatFitPod). */
import { gridAt } from "./grid.ts";
import { type NodeInfo, withPodAdded } from "./node-info.ts";
import type { Cycle, Plugin } from "./plugin.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Profile } from "./profile.ts";
import { nodesOf } from "./snapshot.ts";
import { codeOf, isRejected, type Status, unresolvable } from "./status.ts";

/** A filter that has a say, and what its preFilter has found out. */
export interface ActiveFilter {
  readonly plugin: Plugin;
  readonly state: unknown;
}

/** What the preFilters say together. */
export interface PreFiltered {
  /** Why the pod can be nowhere; null where it may be somewhere. */
  readonly status: Status | null;
  /** Whose status it is. */
  readonly plugin: string | null;
  readonly filters: readonly ActiveFilter[];
  /** The only nodes that can be; null: any. */
  readonly nodeNames: ReadonlySet<string> | null;
  /** Who has narrowed the nodes, in order. */
  readonly narrowedBy: readonly string[];
}

/** A node that cannot take the pod. */
export interface Rejection {
  readonly info: NodeInfo;
  readonly status: Status;
  readonly plugin: string;
}

export interface Filtered {
  readonly feasible: readonly NodeInfo[];
  readonly rejections: readonly Rejection[];
  /** The status of the nodes that were not looked at, as they cannot be; null: there are none. */
  readonly absent: Status | null;
  /** Where the next search begins. */
  readonly nextStart: number;
}

/** Pods that are to be on a node, as others make room for them there; by the node's name. */
export type Nominations = ReadonlyMap<string, readonly PodInfo[]>;

export const NO_NOMINATIONS: Nominations = new Map();

/** runtime/framework.go, RunPreFilterPlugins. One that answers Skip is not asked again in this cycle. */
export function preFiltered(profile: Profile, cycle: Cycle): PreFiltered {
  const states = new Map<string, unknown>();
  const skipped = new Set<string>();
  const narrowedBy: string[] = [];
  let nodeNames: ReadonlySet<string> | null = null;
  let rejected: { readonly status: Status; readonly plugin: string } | null = null;
  const result = (status: Status | null, plugin: string | null): PreFiltered => ({
    status,
    plugin,
    filters: profile.filters
      .filter((one) => !skipped.has(one.name) && one.canRefuse?.(cycle) !== false)
      .map((one) => ({ plugin: one, state: states.get(one.name) ?? null })),
    nodeNames,
    narrowedBy: narrowedBy.toSorted(),
  });
  for (const plugin of profile.preFilters) {
    const answer = plugin.preFilter!(cycle);
    if (answer.status?.code === "Skip") {
      skipped.add(plugin.name);
      continue;
    }
    if (answer.status !== null) {
      if (answer.status.code !== "Unschedulable") return result(answer.status, plugin.name);
      // Others may yet say that nothing will help.
      rejected = { status: answer.status, plugin: plugin.name };
      continue;
    }
    states.set(plugin.name, answer.state);
    if (answer.nodeNames === null) continue;
    narrowedBy.push(plugin.name);
    nodeNames = both(nodeNames, answer.nodeNames);
    if (nodeNames.size === 0) return result(unresolvable(noneLeft(narrowedBy)), plugin.name);
  }
  return result(rejected?.status ?? null, rejected?.plugin ?? null);
}

function both(one: ReadonlySet<string> | null, two: ReadonlySet<string>): ReadonlySet<string> {
  return one === null ? two : new Set([...one].filter((name) => two.has(name)));
}

function noneLeft(plugins: readonly string[]): string {
  return plugins.length === 1
    ? `node(s) didn't satisfy plugin ${plugins[0]}`
    : `node(s) didn't satisfy plugin(s) [${plugins.toSorted().join(" ")}] simultaneously`;
}

const NODES_MIN = 100;
const PERCENTAGE_MIN = 5;

/** schedule_one.go, numFeasibleNodesToFind: with many nodes, it is enough to find some. */
export function feasibleWanted(nodes: number, percentage: number): number {
  if (nodes < NODES_MIN) return nodes;
  const share = percentage === 0 ? Math.max(PERCENTAGE_MIN, 50 - Math.trunc(nodes / 125)) : percentage;
  return Math.max(NODES_MIN, Math.trunc((nodes * share) / 100));
}

/** schedule_one.go, findNodesThatPassFilters: from where the last search ended, until enough are found. */
export function filtered(
  profile: Profile,
  cycle: Cycle,
  { filters, nodeNames, narrowedBy }: PreFiltered,
  nominations: Nominations,
  start: number,
  wantsAll = false,
): Filtered {
  const { snapshot } = cycle;
  const named = nodeNames === null ? null : nodesOf(snapshot).filter(({ name }) => nodeNames.has(name));
  const count = named === null ? snapshot.nodes.length : named.length;
  const wanted = wantsAll
    ? count
    : profile.scores.length === 0
      ? 1
      : feasibleWanted(count, profile.percentageOfNodesToScore);
  const feasible: NodeInfo[] = [];
  const rejections: Rejection[] = [];
  for (let i = 0; i < count && feasible.length < wanted; i++) {
    const place = (start + i) % count;
    const info = named === null ? gridAt(snapshot.nodes, place) : named[place]!;
    const rejection = rejectionOf(cycle, filters, info, nominations);
    if (rejection === null) feasible.push(info);
    else rejections.push(rejection);
  }
  const absent = named === null ? null : unresolvable(`node(s) didn't satisfy plugin(s) [${narrowedBy.join(" ")}]`);
  const nextStart = (start + feasible.length + rejections.length) % snapshot.nodes.length;
  return { feasible, rejections, absent, nextStart };
}

/**
 * runtime/framework.go, RunFilterPluginsWithNominatedPods: with the pods that are nominated to the node, as these may come
 * first, and without, as they may not come.
 */
export function rejectionOf(
  cycle: Cycle,
  filters: readonly ActiveFilter[],
  info: NodeInfo,
  nominations: Nominations,
): Rejection | null {
  const nominated = nominations.size === 0 ? undefined : nominations.get(info.name);
  if (nominated === undefined) return firstRejection(cycle, filters, info);
  const { pod } = cycle;
  const counted = nominated.filter(({ id, priority }) => id !== pod.id && priority >= pod.priority);
  if (counted.length === 0) return firstRejection(cycle, filters, info);
  let withThem: readonly ActiveFilter[] = filters;
  let there = info;
  for (const one of counted) {
    there = withPodAdded(there, one);
    withThem = withPodCounted(cycle, withThem, one, there, 1);
  }
  return firstRejection(cycle, withThem, there) ?? firstRejection(cycle, filters, info);
}

/** runtime/framework.go, RunPreFilterExtensionAddPod and RunPreFilterExtensionRemovePod. */
export function withPodCounted(
  cycle: Cycle,
  filters: readonly ActiveFilter[],
  pod: PodInfo,
  info: NodeInfo,
  change: 1 | -1,
): readonly ActiveFilter[] {
  return filters.map((filter) => {
    const { plugin, state } = filter;
    if (plugin.withPod === undefined || state === null) return filter;
    return { plugin, state: plugin.withPod(state, cycle, pod, info, change) };
  });
}

/** runtime/framework.go, RunFilterPlugins: the first that refuses decides. */
export function firstRejection(cycle: Cycle, filters: readonly ActiveFilter[], info: NodeInfo): Rejection | null {
  for (let i = 0; i < filters.length; i++) {
    const { plugin, state } = filters[i]!;
    const status = plugin.filter!(state, cycle, info);
    if (status !== null) return { info, status, plugin: plugin.name };
  }
  return null;
}

/** Every filter's own answer for every node: by plugin, in the order of the nodes. One that answers Skip refuses none. */
export interface OwnAnswer {
  readonly plugin: string;
  /** What its preFilter says: null is success. */
  readonly preFilter: Status | null;
  readonly nodeNames: readonly string[] | null;
  readonly statuses: readonly (Status | null)[];
}

export function ownAnswers(profile: Profile, cycle: Cycle): readonly OwnAnswer[] {
  const nodes = nodesOf(cycle.snapshot);
  const prepared = new Map(profile.preFilters.map((plugin) => [plugin.name, plugin.preFilter!(cycle)]));
  return profile.filters.map((plugin) => {
    const answer = prepared.get(plugin.name);
    const status = answer?.status ?? null;
    const ask = (info: NodeInfo): Status | null => {
      if (codeOf(status) === "Skip") return null;
      if (status !== null && (isRejected(status) || status.code === "Error")) return status;
      return plugin.filter!(answer?.state ?? null, cycle, info);
    };
    const nodeNames = answer?.nodeNames == null ? null : [...answer.nodeNames].sort();
    return { plugin: plugin.name, preFilter: status, nodeNames, statuses: nodes.map(ask) };
  });
}
