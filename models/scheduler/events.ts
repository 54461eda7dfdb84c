/** What changes of objects mean for cache and queue (kubernetes pkg/scheduler/eventhandlers.go). */
import { mapGet } from "../kernel/index.ts";
import type { InformerEvent } from "../machinery/client/types.ts";
import type { Node, Pod } from "../machinery/kinds/index.ts";
import { keyOf } from "../machinery/meta.ts";
import { cacheNode, cachePod, isAssumed, removeNode, removePod } from "./cache.ts";
import { nodeEvents, podEvents } from "./changes.ts";
import { nominate, renominate } from "./nominating.ts";
import { note } from "./notes.ts";
import { unnominated } from "./queue/nominator.ts";
import { withoutQueued } from "./queue/places.ts";
import { queueAdd, queueUpdate } from "./queue/queue.ts";
import type { Run } from "./run.ts";
import { withNews } from "./storage.ts";
import type { ClusterEvent } from "./types.ts";
import { STORAGE_RESOURCES } from "./views.ts";

const POD_ADDED: ClusterEvent = Object.freeze({ resource: "assignedPod", action: "add" });
const POD_DELETED: ClusterEvent = Object.freeze({ resource: "assignedPod", action: "delete" });

export function observe(run: Run, event: InformerEvent): void {
  switch (event.resource) {
    case "pods":
      observePod(run, event);
      return;
    case "nodes":
      observeNode(run, event);
      return;
    default:
      if (Object.hasOwn(STORAGE_RESOURCES, event.resource)) observeStorage(run, event);
  }
}

function isAssigned({ spec }: Pod): boolean {
  return (spec.nodeName ?? "") !== "";
}

function observePod(run: Run, event: InformerEvent): void {
  const pod = event.object as Pod;
  if (event.type === "deleted") {
    podGone(run, pod);
    return;
  }
  let old = event.old as Pod | null;
  if (old !== null && old.metadata.uid !== pod.metadata.uid) {
    // A new pod of the same name: the old one has gone, though nobody saw it go.
    podGone(run, old);
    old = null;
  }
  if (!isAssigned(pod)) podWaits(run, old, pod);
  else if (old !== null && isAssigned(old)) assignedPodChanged(run, old, pod);
  else podAssigned(run, pod);
}

/** addAssignedPod: it is on its node, wherever it was assumed, and waits no longer. */
function podAssigned(run: Run, pod: Pod): void {
  const { cache, queue } = run.state;
  const uid = pod.metadata.uid ?? "";
  const known = mapGet(cache.pods, uid);
  if (known?.assumed === true) run.note(known.node === pod.spec.nodeName ? note.confirmed : note.elsewhere);
  const left = withoutQueued(queue, keyOf(pod));
  run.keep({ cache: cachePod(cache, pod), queue: { ...left, nominator: unnominated(left.nominator, uid) } });
  run.moveAll(POD_ADDED, null, pod);
}

/** updateAssignedPod. */
function assignedPodChanged(run: Run, old: Pod, pod: Pod): void {
  const cache = cachePod(run.state.cache, pod);
  if (cache !== run.state.cache) run.keep({ cache });
  const { queue } = run.state;
  if (queue.unschedulable.size === 0 && queue.inFlightPods.size === 0) return;
  for (const event of podEvents(old, pod)) run.moveAll(event, old, pod);
}

/** addPodToSchedulingQueue, updatePodInSchedulingQueue. */
function podWaits(run: Run, old: Pod | null, pod: Pod): void {
  if (!run.isResponsibleFor(pod)) return;
  if (old === null) {
    if (isAssumed(run.state.cache, pod.metadata.uid ?? "")) return;
    run.keep({ queue: queueAdd(run.state.queue, run, pod) });
    nominate(run, pod, null);
    return;
  }
  if (old === pod || isAssumed(run.state.cache, pod.metadata.uid ?? "")) return;
  run.keep({ queue: queueUpdate(run.state.queue, run, old, pod) });
  renominate(run, old, pod);
  const before = old.status?.nominatedNodeName ?? "";
  // Those of no higher priority took it as being there already: its old place is free for them.
  if (before !== "" && before !== (pod.status?.nominatedNodeName ?? "")) roomOfNomination(run, old);
}

function roomOfNomination(run: Run, pod: Pod): void {
  const { priority = 0 } = pod.spec;
  run.moveAll(POD_DELETED, pod, null, (queued) => queued.priority <= priority && queued.uid !== pod.metadata.uid);
}

/** deleteAssignedPod, deletePodFromSchedulingQueue: its room is free, also where it was only assumed or nominated. */
function podGone(run: Run, pod: Pod): void {
  const uid = pod.metadata.uid ?? "";
  const { queue } = run.state;
  const known = mapGet(run.state.cache.pods, uid);
  const nomination = mapGet(queue.nominator.byPod, uid);
  const left = mapGet(queue.pods, keyOf(pod))?.uid === uid ? withoutQueued(queue, keyOf(pod)) : queue;
  run.keep({
    cache: removePod(run.state.cache, uid),
    queue: { ...left, nominator: unnominated(left.nominator, uid) },
  });
  // It was where it counted, whatever was seen of it last.
  if (known !== undefined) run.moveAll(POD_DELETED, known.info.pod, null);
  else if (nomination !== undefined)
    roomOfNomination(run, { ...pod, status: { ...pod.status, nominatedNodeName: nomination.node } });
}

function observeNode(run: Run, event: InformerEvent): void {
  const node = event.object as Node;
  const { cache } = run.state;
  switch (event.type) {
    case "added":
      run.keep({ cache: cacheNode(cache, node) });
      run.moveAll({ resource: "node", action: "add" }, null, node);
      return;
    case "deleted": {
      run.moveAll({ resource: "node", action: "delete" }, node, null);
      const left = removeNode(run.state.cache, node.metadata.name);
      if (mapGet(left.nodes, node.metadata.name) !== undefined) run.note(note.ghostNode);
      run.keep({ cache: left });
      return;
    }
    default: {
      const old = event.old as Node;
      if (old === node) return;
      run.keep({ cache: cacheNode(cache, node) });
      const { queue } = run.state;
      if (queue.unschedulable.size === 0 && queue.inFlightPods.size === 0) return;
      for (const change of nodeEvents(old, node)) run.moveAll(change, old, node);
    }
  }
}

function observeStorage(run: Run, event: InformerEvent): void {
  const { resource, type, old, object } = event;
  if (type === "resync") return;
  if (resource === "persistentvolumeclaims" || resource === "persistentvolumes")
    run.keep({ storage: withNews(run.state.storage, event) });
  const what = STORAGE_RESOURCES[resource]!;
  if (type === "deleted") run.moveAll({ resource: what, action: "delete" }, object, null);
  else run.moveAll({ resource: what, action: type === "added" ? "add" : "update" }, old, object);
}
