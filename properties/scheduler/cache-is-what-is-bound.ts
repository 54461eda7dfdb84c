import { mapEach, mapEntries, mapGet, mapHas } from "../../models/kernel/index.ts";
import type { KubeObject, Node, Pod, Uid } from "../../models/machinery/kinds/index.ts";
import type { CachedNode, CachedPod, SchedulerState } from "../../models/scheduler/types.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { keyOf } from "../cluster/objects.ts";
import { informed, writesOf } from "./decisions.ts";

/**
 * S22. What a scheduler takes to be on nodes is what its informers have as bound, and what it has assumed and is about to
 * bind: no node, no pod and no nomination that is not there, and none left out. Its informers are held to the store by
 * `apiserver/informers-go-forward` and `apiserver/informers-catch-up`.
 */
export const cacheIsWhatIsBound: ClusterProperty = {
  id: "scheduler/cache-is-what-is-bound",
  kind: "always",
  source:
    "kubernetes pkg/scheduler/backend/cache/cache.go, interface.go: the states of a pod; backend/cache/debugger/comparer.go; kubernetes#56261, #51313, #28883, #102339",
  monitor(context) {
    return {
      concerns: { changes: ["scheduling", "informers"], messages: [], notes: [] },
      onStep({ id }, before, after) {
        if (after.kind !== "scheduler" || after.phase === "exited" || isUntouched(before as SchedulerState, after))
          return;
        const wrong = wrongNode(after) ?? wrongPod(after) ?? missingPod(after) ?? phantom(after) ?? leftOver(after);
        if (wrong !== null) context.violate(`${id} ${wrong}`, { scheduler: id });
      },
    };
  },
};

function isUntouched(before: SchedulerState, after: SchedulerState): boolean {
  return (
    before.cache === after.cache &&
    before.queue.nominator === after.queue.nominator &&
    before.bindings === after.bindings &&
    before.waiting === after.waiting &&
    before.storage === after.storage &&
    storeOf(before, "pods") === storeOf(after, "pods") &&
    storeOf(before, "nodes") === storeOf(after, "nodes")
  );
}

function storeOf({ api }: SchedulerState, resource: string) {
  return api.informers.find(({ spec }) => spec.resource === resource)?.objects;
}

/** The nodes of the cache are those of the informer; of one that is gone there may be the pods that were on it. */
function wrongNode(state: SchedulerState): string | null {
  const nodes = new Map(informed(state, "nodes"));
  let wrong: string | null = null;
  let present = 0;
  mapEach(state.cache.nodes, "", null, (cached: CachedNode, name) => {
    wrong = wrongIn(cached, nodes.get(name));
    if (cached.node !== null) present++;
    return wrong === null;
  });
  if (wrong !== null) return wrong;
  return present === nodes.size ? null : `has ${present} nodes in its cache, and there are ${nodes.size}`;
}

function wrongIn({ name, node, pods }: CachedNode, known: KubeObject | undefined): string | null {
  if (node === null) return pods.length > 0 ? null : `keeps ${name}, which is gone, with nothing on it`;
  if (known === undefined) return `has ${name} in its cache, and there is no such node`;
  return versionOf(node) === versionOf(known)
    ? null
    : `has ${name} in its cache as it was at ${versionOf(node)}, and knows it as of ${versionOf(known)}`;
}

function versionOf({ metadata }: KubeObject | Node): string {
  return `${metadata.uid} ${metadata.resourceVersion}`;
}

/** What is in the cache is bound there, or assumed and on its way. */
function wrongPod(state: SchedulerState): string | null {
  const pods = new Map(informed(state, "pods"));
  let wrong: string | null = null;
  let count = 0;
  mapEach(state.cache.pods, "", null, (cached: CachedPod, uid) => {
    wrong = wrongCached(state, cached, uid, pods.get(cached.key) as Pod | undefined);
    count++;
    return wrong === null;
  });
  if (wrong !== null) return wrong;
  let onNodes = 0;
  mapEach(state.cache.nodes, "", null, ({ pods: list }: CachedNode) => {
    onNodes += list.length;
    return true;
  });
  return onNodes === count ? null : `counts ${onNodes} pods on its nodes, and knows of ${count}`;
}

function wrongCached(state: SchedulerState, cached: CachedPod, uid: Uid, pod: Pod | undefined): string | null {
  const { key, node, assumed, bindingFinished } = cached;
  const there = mapGet(state.cache.nodes, node)?.pods.some(({ id }) => id === uid) ?? false;
  if (!there) return `has ${key} on ${node}, and does not count it there`;
  if (assumed) {
    if (bindingFinished || mapHas(state.bindings, uid) || mapHas(state.waiting, uid)) return null;
    return `has assumed ${key} on ${node}, and nobody binds it any more`;
  }
  if (pod === undefined || pod.metadata.uid !== uid) return `has ${key} on ${node}, and there is no such pod`;
  const bound = pod.spec.nodeName ?? "";
  return bound === node ? null : `has ${key} on ${node}, and it is on ${bound === "" ? "none" : bound}`;
}

/** All that is bound is in the cache. */
function missingPod(state: SchedulerState): string | null {
  for (const [key, object] of informed(state, "pods")) {
    const { spec, metadata } = object as Pod;
    const node = spec.nodeName ?? "";
    if (node !== "" && mapGet(state.cache.pods, metadata.uid ?? "")?.node !== node)
      return `does not have ${key} on ${node} in its cache`;
  }
  return null;
}

/** Room is kept for pods that are there and wait. */
function phantom({ queue, ...state }: SchedulerState): string | null {
  let wrong: string | null = null;
  mapEach(queue.nominator.byPod, "", null, ({ node, pod: { pod } }, uid) => {
    const { namespace, name } = pod.metadata;
    const key = `${namespace}/${name}`;
    const known = informed({ queue, ...state }, "pods").find(([other]) => other === key)?.[1] as Pod | undefined;
    if (known === undefined || known.metadata.uid !== uid)
      wrong = `keeps room on ${node} for ${key}, which is not there`;
    else if ((known.spec.nodeName ?? "") !== "")
      wrong = `keeps room on ${node} for ${key}, which is on ${known.spec.nodeName}`;
    return wrong === null;
  });
  return wrong;
}

/** What is assumed of claims and volumes is being written for some pod. */
function leftOver(state: SchedulerState): string | null {
  const { claims, volumes } = state.storage;
  if (claims.size + volumes.size === 0) return null;
  const written = new Set(writesOf(state, "").map((object) => `${object.kind} ${keyOf(object)}`));
  for (const [, object] of [...mapEntries<KubeObject>(claims), ...mapEntries<KubeObject>(volumes)])
    if (!written.has(`${object.kind} ${keyOf(object)}`) && !isUnseen(state, object))
      return `takes ${object.kind} ${keyOf(object)} to be as nobody writes it`;
  return null;
}

/** It was written, and its informer has still to hear of it. */
function isUnseen(state: SchedulerState, object: KubeObject): boolean {
  const resource = object.kind === "PersistentVolume" ? "persistentvolumes" : "persistentvolumeclaims";
  const known = informed(state, resource).find(([key]) => key === keyOf(object))?.[1];
  return known !== undefined && Number(known.metadata.resourceVersion) < Number(object.metadata.resourceVersion);
}
