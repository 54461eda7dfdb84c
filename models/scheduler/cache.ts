/**
 * What the scheduler knows of nodes and of what is on them (kubernetes pkg/scheduler/backend/cache/cache.go). A pod counts
 * from when it is assumed, so that two decisions do not take the same room.
 */
import { emptyOrderedMap, mapDelete, mapGet, mapSet } from "../kernel/index.ts";
import { deepEqual } from "../machinery/equality.ts";
import type { Node, Pod, Uid } from "../machinery/kinds/index.ts";
import { keyOf } from "../machinery/meta.ts";
import { resourcesHeld } from "./changes.ts";
import { type PodInfo, podInfoOf } from "./framework/pod-info.ts";
import { padded } from "./queue/places.ts";
import type { CachedNode, CachedPod, SchedulerCache } from "./types.ts";

export const EMPTY_CACHE: SchedulerCache = Object.freeze({
  nodes: emptyOrderedMap<CachedNode>(),
  changes: emptyOrderedMap<string>(),
  pods: emptyOrderedMap<CachedPod>(),
  generation: 0,
  present: 0,
});

const NO_PODS: readonly PodInfo[] = Object.freeze([]);

/** AssumePod: it counts on the node though nobody has seen it there. Null: it is known already. */
export function assumePod(cache: SchedulerCache, info: PodInfo, node: string): SchedulerCache | null {
  const uid = info.pod.metadata.uid ?? "";
  if (mapGet(cache.pods, uid) !== undefined) return null;
  const pod: Pod = { ...info.pod, spec: { ...info.pod.spec, nodeName: node } };
  return withPod(cache, uid, { ...info, pod }, node, true);
}

/** FinishBinding: the API server has said so; the informer has still to. */
export function finishBinding(cache: SchedulerCache, uid: Uid): SchedulerCache {
  const pod = mapGet(cache.pods, uid);
  if (pod === undefined || !pod.assumed || pod.bindingFinished) return cache;
  return { ...cache, pods: mapSet(cache.pods, uid, { ...pod, bindingFinished: true }) };
}

/** ForgetPod: it was not bound after all. Null: it is not assumed, or it is on another node. */
export function forgetPod(cache: SchedulerCache, uid: Uid, node: string): SchedulerCache | null {
  const pod = mapGet(cache.pods, uid);
  if (pod === undefined || !pod.assumed) return null;
  if (pod.node !== node) return null;
  return removePod(cache, uid);
}

/** IsAssumedPod: decided, but not yet seen bound. */
export function isAssumed(cache: SchedulerCache, uid: Uid): boolean {
  return mapGet(cache.pods, uid)?.assumed === true;
}

/** AddPod and UpdatePod: it was seen on its node, which is the truth wherever it was assumed. */
export function cachePod(cache: SchedulerCache, pod: Pod): SchedulerCache {
  const uid = pod.metadata.uid ?? "";
  const node = pod.spec.nodeName!;
  const known = mapGet(cache.pods, uid);
  if (known === undefined) return withPod(cache, uid, podInfoOf(pod), node, false);
  if (known.node !== node) return withPod(removePod(cache, uid), uid, podInfoOf(pod), node, false);
  const info = infoWith(known.info, pod);
  if (info === known.info && !known.assumed) return cache;
  const { name, node: object, pods } = mapGet(cache.nodes, node)!;
  const replaced = pods.map((one) => (one.id === info.id ? info : one));
  const entry: CachedPod = { key: known.key, uid, node, info, assumed: false, bindingFinished: false };
  return withNode({ ...cache, pods: mapSet(cache.pods, uid, entry) }, name, object, replaced);
}

/** RemovePod. The same cache when it is not known. */
export function removePod(cache: SchedulerCache, uid: Uid): SchedulerCache {
  const pod = mapGet(cache.pods, uid);
  if (pod === undefined) return cache;
  const { name, node, pods } = mapGet(cache.nodes, pod.node)!;
  const left = pods.filter((one) => one.id !== pod.info.id);
  return withNode({ ...cache, pods: mapDelete(cache.pods, uid) }, name, node, left);
}

/** AddNode and UpdateNode. */
export function cacheNode(cache: SchedulerCache, node: Node): SchedulerCache {
  const { name } = node.metadata;
  return withNode(cache, name, node, podsOn(cache, name));
}

/** RemoveNode: pods that were seen on it stay, until they are seen to go. */
export function removeNode(cache: SchedulerCache, name: string): SchedulerCache {
  if (mapGet(cache.nodes, name) === undefined) return cache;
  return withNode(cache, name, null, podsOn(cache, name));
}

function podsOn(cache: SchedulerCache, name: string): readonly PodInfo[] {
  return mapGet(cache.nodes, name)?.pods ?? NO_PODS;
}

function withPod(cache: SchedulerCache, uid: Uid, info: PodInfo, node: string, assumed: boolean): SchedulerCache {
  const entry: CachedPod = { key: keyOf(info.pod), uid, node, info, assumed, bindingFinished: false };
  const known = mapGet(cache.nodes, node);
  const pods = mapSet(cache.pods, uid, entry);
  return withNode({ ...cache, pods }, node, known?.node ?? null, [...(known?.pods ?? NO_PODS), info]);
}

/** The cache with a node as it is now, under a generation of its own. What is neither a node nor has pods is no longer there. */
function withNode(cache: SchedulerCache, name: string, node: Node | null, pods: readonly PodInfo[]): SchedulerCache {
  const before = mapGet(cache.nodes, name);
  const generation = cache.generation + 1;
  const after: CachedNode = { name, node, generation, pods };
  const isGone = node === null && pods.length === 0;
  const earlier = before === undefined ? cache.changes : mapDelete(cache.changes, changeKey(before));
  const wasThere = before !== undefined && before.node !== null;
  return {
    nodes: isGone ? mapDelete(cache.nodes, name) : mapSet(cache.nodes, name, after),
    changes: isGone ? earlier : mapSet(earlier, changeKey(after), name),
    pods: cache.pods,
    generation,
    present: cache.present + (node === null ? 0 : 1) - (wasThere ? 1 : 0),
  };
}

function changeKey({ generation, name }: CachedNode): string {
  return `${padded(generation)} ${name}`;
}

/** What is read from a pod, as it is now: most changes are of its status, and leave all but the pod itself as it was. */
function infoWith(info: PodInfo, pod: Pod): PodInfo {
  const { pod: old } = info;
  if (old === pod) return info;
  const isAlike =
    deepEqual(old.spec, pod.spec) &&
    deepEqual(old.metadata.labels, pod.metadata.labels) &&
    (old.metadata.deletionTimestamp === undefined) === (pod.metadata.deletionTimestamp === undefined) &&
    deepEqual(resourcesHeld(old), resourcesHeld(pod));
  return isAlike ? { ...info, pod } : podInfoOf(pod);
}
