/** What changes of objects mean for cache and queue (kubernetes pkg/scheduler/eventhandlers.go). */
import type { Micros, Note } from "../kernel/index.ts";
import type { InformerEvent } from "../machinery/client/types.ts";
import { deepEqual } from "../machinery/equality.ts";
import type { Node, Pod } from "../machinery/kinds/index.ts";
import { cacheNode, cachePod, isAssumed, removeNode, removePod } from "./cache.ts";
import { note } from "./notes.ts";
import { queueAddPod, queueMoveAll, queueMovePod, queueRemovePod } from "./queue.ts";
import type { SchedulerState } from "./types.ts";

interface Watching {
  readonly now: Micros;
  note(noted: Note): void;
}

/** The state after a change of an object. */
export function observe(state: SchedulerState, event: InformerEvent, turn: Watching): SchedulerState {
  switch (event.resource) {
    case "pods":
      return observePod(state, event, turn);
    case "nodes":
      return observeNode(state, event, turn);
    default:
      return event.type === "resync" ? state : moveAll(state, turn);
  }
}

/** Whether a pod is this scheduler's to place: not assigned, not going, not held back (eventhandlers.go; queue, PreEnqueue). */
export function isWaiting(pod: Pod, { config }: SchedulerState): boolean {
  const { nodeName = "", schedulerName = "default-scheduler", schedulingGates = [] } = pod.spec;
  return (
    nodeName === "" &&
    pod.metadata.deletionTimestamp === undefined &&
    schedulerName === config.schedulerName &&
    schedulingGates.length === 0
  );
}

function observePod(state: SchedulerState, event: InformerEvent, turn: Watching): SchedulerState {
  const pod = event.object as Pod;
  if (event.type === "deleted") return podGone(state, event.key, pod, turn);
  const old = event.old as Pod | null;
  // A new pod of the same name: the old one has gone, though nobody saw it go.
  const replaced = old !== null && old.metadata.uid !== pod.metadata.uid;
  const from = replaced ? podGone(state, event.key, old, turn) : state;
  const { nodeName = "" } = pod.spec;
  if (nodeName !== "") return podAssigned(from, event.key, pod, turn);
  if (isAssumed(from.cache, pod.metadata.uid ?? "")) return from;
  if (!isWaiting(pod, from)) return { ...from, queue: queueRemovePod(from.queue, event.key) };
  return podWaits(from, event.key, replaced ? null : old, pod, turn);
}

/** addPodToCache, updatePodInCache: it is on its node, wherever it was assumed. */
function podAssigned(state: SchedulerState, key: string, pod: Pod, turn: Watching): SchedulerState {
  if (isAssumed(state.cache, pod.metadata.uid ?? "")) turn.note(note.confirmed);
  const cache = cachePod(state.cache, pod);
  const queue = queueRemovePod(state.queue, key);
  return cache === state.cache && queue === state.queue ? state : { ...state, cache, queue };
}

/** addPodToSchedulingQueue, updatePodInSchedulingQueue: a change of more than its status may make it fit. */
function podWaits(state: SchedulerState, key: string, old: Pod | null, pod: Pod, turn: Watching): SchedulerState {
  const added = queueAddPod(state.queue, pod, turn.now);
  if (added !== state.queue) {
    turn.note(note.queued);
    return { ...state, queue: added };
  }
  const same = old !== null && deepEqual(old.spec, pod.spec) && deepEqual(old.metadata.labels, pod.metadata.labels);
  const queue = same ? state.queue : queueMovePod(state.queue, key, turn.now);
  return queue === state.queue ? state : { ...state, queue };
}

/** deletePodFromCache, deletePodFromSchedulingQueue: its room is free, also where it was only assumed. */
function podGone(state: SchedulerState, key: string, pod: Pod, turn: Watching): SchedulerState {
  const cache = removePod(state.cache, pod.metadata.uid ?? "");
  const left = { ...state, cache, queue: queueRemovePod(state.queue, key) };
  return cache === state.cache ? left : moveAll(left, turn);
}

function observeNode(state: SchedulerState, event: InformerEvent, turn: Watching): SchedulerState {
  const node = event.object as Node;
  if (event.type === "deleted") {
    const cache = removeNode(state.cache, node.metadata.name);
    if (cache.nodes.size === state.cache.nodes.size) turn.note(note.ghostNode);
    return { ...state, cache };
  }
  if (event.type === "resync" || !mayMakeRoom(event.old as Node | null, node))
    return { ...state, cache: cacheNode(state.cache, node) };
  return moveAll({ ...state, cache: cacheNode(state.cache, node) }, turn);
}

/** eventhandlers.go, nodeSchedulingPropertiesChange: heartbeats are no reason to try again. */
function mayMakeRoom(old: Node | null, node: Node): boolean {
  if (old === null) return true;
  return (
    !deepEqual(old.spec ?? {}, node.spec ?? {}) ||
    !deepEqual(old.metadata.labels, node.metadata.labels) ||
    !deepEqual(old.status?.allocatable, node.status?.allocatable)
  );
}

function moveAll(state: SchedulerState, turn: Watching): SchedulerState {
  const queue = queueMoveAll(state.queue, turn.now);
  if (queue === state.queue) return state;
  turn.note(note.requeued);
  return { ...state, queue };
}
