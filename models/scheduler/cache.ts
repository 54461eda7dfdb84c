/**
 * What the scheduler knows of nodes and of what runs on them (kubernetes pkg/scheduler/backend/cache/cache.go). A pod
 * counts from when it is assumed, so that two decisions do not take the same room.
 */
import { emptyOrderedMap, mapDelete, mapGet, mapSet } from "../kernel/index.ts";
import type { Node, Pod, Uid } from "../machinery/kinds/index.ts";
import { keyOf } from "../machinery/meta.ts";
import { type PodRequests, podRequests, requestsOfList } from "../machinery/pods.ts";
import type { CachedPod, NodeInfo, SchedulerCache } from "./types.ts";

export const EMPTY_CACHE: SchedulerCache = Object.freeze({
  nodes: emptyOrderedMap<NodeInfo>(),
  byPods: emptyOrderedMap<string>(),
  pods: emptyOrderedMap<CachedPod>(),
});

const NOTHING: PodRequests = Object.freeze({
  milliCpu: 0,
  memoryBytes: 0,
  ephemeralStorageBytes: 0,
  others: Object.freeze({}),
});

/** AssumePod: it counts on the node though nobody has seen it there. Null: it is known already. */
export function assumePod(cache: SchedulerCache, pod: Pod, node: string): SchedulerCache | null {
  const uid = pod.metadata.uid ?? "";
  if (mapGet(cache.pods, uid) !== undefined) return null;
  return withPod(cache, { key: keyOf(pod), uid, node, requests: podRequests(pod), assumed: true });
}

/** ForgetPod: it was not bound after all. Null: it is not assumed. */
export function forgetPod(cache: SchedulerCache, uid: Uid): SchedulerCache | null {
  return mapGet(cache.pods, uid)?.assumed === true ? removePod(cache, uid) : null;
}

/** Whether a pod is decided, but not yet seen bound. */
export function isAssumed(cache: SchedulerCache, uid: Uid): boolean {
  return mapGet(cache.pods, uid)?.assumed === true;
}

/** AddPod and UpdatePod: it was seen on its node, which is the truth wherever it was assumed. */
export function cachePod(cache: SchedulerCache, pod: Pod): SchedulerCache {
  const uid = pod.metadata.uid ?? "";
  const node = pod.spec.nodeName!;
  const known = mapGet(cache.pods, uid);
  if (known !== undefined && known.node === node && !known.assumed) return cache;
  const rest = known === undefined ? cache : removePod(cache, uid);
  return withPod(rest, { key: keyOf(pod), uid, node, requests: podRequests(pod), assumed: false });
}

/** RemovePod. The same cache when it is not known. */
export function removePod(cache: SchedulerCache, uid: Uid): SchedulerCache {
  const pod = mapGet(cache.pods, uid);
  if (pod === undefined) return cache;
  const info = mapGet(cache.nodes, pod.node)!;
  const left: NodeInfo = {
    name: info.name,
    node: info.node,
    allocatable: info.allocatable,
    requested: sum(info.requested, pod.requests, -1),
    pods: info.pods - 1,
  };
  return withInfo({ ...cache, pods: mapDelete(cache.pods, uid) }, info, left);
}

/** AddNode and UpdateNode. */
export function cacheNode(cache: SchedulerCache, node: Node): SchedulerCache {
  const info = infoOf(cache, node.metadata.name);
  const allocatable = requestsOfList(node.status?.allocatable);
  return withInfo(cache, info, { ...info, node, allocatable });
}

/** RemoveNode: pods that were seen on it stay, until they are seen to go. */
export function removeNode(cache: SchedulerCache, name: string): SchedulerCache {
  const info = mapGet(cache.nodes, name);
  return info === undefined ? cache : withInfo(cache, info, { ...info, node: null, allocatable: NOTHING });
}

/** The number of pods that a node takes. */
export function podsAllowed(info: NodeInfo): number {
  return info.allocatable.others["pods"] ?? 0;
}

function infoOf(cache: SchedulerCache, name: string): NodeInfo {
  return mapGet(cache.nodes, name) ?? { name, node: null, allocatable: NOTHING, requested: NOTHING, pods: 0 };
}

function withPod(cache: SchedulerCache, pod: CachedPod): SchedulerCache {
  const info = infoOf(cache, pod.node);
  const more: NodeInfo = {
    name: info.name,
    node: info.node,
    allocatable: info.allocatable,
    requested: sum(info.requested, pod.requests, 1),
    pods: info.pods + 1,
  };
  return withInfo({ ...cache, pods: mapSet(cache.pods, pod.uid, pod) }, info, more);
}

/** The cache with `after` for `before`. What is neither a node nor has pods is no longer there. */
function withInfo(cache: SchedulerCache, before: NodeInfo, after: NodeInfo): SchedulerCache {
  const { name } = after;
  let { byPods } = cache;
  if (before.pods !== after.pods || after.node === null) byPods = mapDelete(byPods, placeOf(before));
  if (after.node !== null) byPods = mapSet(byPods, placeOf(after), name);
  const isGone = after.node === null && after.pods === 0;
  const nodes = isGone ? mapDelete(cache.nodes, name) : mapSet(cache.nodes, name, after);
  return { nodes, byPods, pods: cache.pods };
}

function placeOf({ pods, name }: NodeInfo): string {
  return `${String(pods).padStart(8, "0")} ${name}`;
}

function sum(one: PodRequests, two: PodRequests, sign: 1 | -1): PodRequests {
  return {
    milliCpu: one.milliCpu + sign * two.milliCpu,
    memoryBytes: one.memoryBytes + sign * two.memoryBytes,
    ephemeralStorageBytes: one.ephemeralStorageBytes + sign * two.ephemeralStorageBytes,
    others: sumOfOthers(one.others, two.others, sign),
  };
}

function sumOfOthers(one: PodRequests["others"], two: PodRequests["others"], sign: 1 | -1): PodRequests["others"] {
  const names = Object.keys(two).sort();
  if (names.length === 0) return one;
  const others: Record<string, number> = { ...one };
  for (const name of names) others[name] = (others[name] ?? 0) + sign * two[name]!;
  return others;
}
