/** What happens to the scheduling queue (kubernetes pkg/scheduler/backend/queue/scheduling_queue.go, PriorityQueue). */
import { mapEntries, mapFirst, mapGet } from "../../kernel/index.ts";
import type { KubeObject, Pod } from "../../machinery/kinds/index.ts";
import { keyOf } from "../../machinery/meta.ts";
import { podEvents } from "../changes.ts";
import { isOfInterest } from "../hints/index.ts";
import { note } from "../notes.ts";
import type { ClusterEvent, QueuedPod, SchedulingQueue } from "../types.ts";
import { eventsSince, isInFlight, withEventInFlight, withoutPodInFlight, withPodInFlight } from "./in-flight.ts";
import {
  podBackoffUs,
  type QueueRules,
  queuedPodOf,
  requeued,
  type Strategy,
  toActive,
  withoutQueued,
} from "./places.ts";

const NO_PLUGINS: readonly string[] = Object.freeze([]);

/** Add: a new pod is tried at once. One that waits, or is being tried, stays where it is. */
export function queueAdd(queue: SchedulingQueue, rules: QueueRules, pod: Pod): SchedulingQueue {
  const key = keyOf(pod);
  const uid = pod.metadata.uid ?? "";
  const known = mapGet(queue.pods, key);
  if (known?.uid === uid || isInFlight(queue, uid)) return queue;
  rules.note(note.queued);
  return toActive(withoutQueued(queue, key), rules, queuedPodOf(pod, rules.now));
}

/** Update: a change of a pod itself may make it fit. */
export function queueUpdate(queue: SchedulingQueue, rules: QueueRules, old: Pod, pod: Pod): SchedulingQueue {
  const uid = pod.metadata.uid ?? "";
  const events = podEvents(old, pod);
  if (isInFlight(queue, uid)) {
    // It comes back with its latest version: what has changed may help it then.
    let recorded = queue;
    for (const event of events) recorded = withEventInFlight(recorded, event, old, pod);
    return recorded;
  }
  const queued = mapGet(queue.pods, keyOf(pod));
  if (queued?.uid !== uid) return queueAdd(queue, rules, pod);
  if (queued.place !== "unschedulable") return queue;
  for (const event of events) {
    const strategy = rules.strategyFor(queued, event, old, pod);
    if (strategy === "skip") continue;
    return requeued(withoutQueued(queue, queued.key), rules, queued, strategy);
  }
  return queue;
}

/** Pop: the pod of the highest priority that has waited longest, which is being tried from now on. */
export function queuePop(queue: SchedulingQueue): readonly [queue: SchedulingQueue, pod: QueuedPod] | null {
  const first = mapFirst(queue.active, "");
  if (first === undefined) return null;
  const pod = mapGet(queue.pods, first[1])!;
  const tried = { ...pod, attempts: pod.attempts + 1, unschedulablePlugins: NO_PLUGINS, pendingPlugins: NO_PLUGINS };
  return [withPodInFlight(withoutQueued(queue, pod.key), pod.uid), tried];
}

/** AddUnschedulableIfNotPresent: a pod that was tried comes back. Rejected by nobody, it was an error. */
export function queueBack(queue: SchedulingQueue, rules: QueueRules, tried: QueuedPod): SchedulingQueue {
  const done = withoutPodInFlight(queue, tried.uid);
  if (mapGet(queue.pods, tried.key) !== undefined) return done;
  const isError = tried.unschedulablePlugins.length === 0 && tried.pendingPlugins.length === 0;
  const counted: QueuedPod = {
    ...tried,
    unschedulableCount: tried.unschedulableCount + (isError ? 0 : 1),
    consecutiveErrors: isError ? tried.consecutiveErrors + 1 : 0,
    since: rules.now,
  };
  const pod = { ...counted, backoffUntil: rules.now + podBackoffUs(rules.config, counted) };
  return requeued(done, rules, pod, isError ? "afterBackoff" : strategyOfEvents(queue, rules, pod));
}

/** determineSchedulingHintForInFlightPod: what has changed during the attempt may be what it lacked. */
function strategyOfEvents(queue: SchedulingQueue, rules: QueueRules, pod: QueuedPod): Strategy {
  let strategy: Strategy = "skip";
  for (const { event, old, object } of eventsSince(queue, pod.uid)) {
    const hint = rules.strategyFor(pod, event, old, object);
    if (hint === "skip") continue;
    rules.note(note.inFlightRequeued);
    strategy = hint;
    if (hint === "immediately" || pod.pendingPlugins.length === 0) break;
  }
  return strategy;
}

/** Done: the attempt has succeeded, or the pod is no longer to be tried. */
export function queueDone(queue: SchedulingQueue, uid: string): SchedulingQueue {
  return withoutPodInFlight(queue, uid);
}

/** MoveAllToActiveOrBackoffQueue: something has changed that may help those that wait for it. */
export function queueMoveAll(
  queue: SchedulingQueue,
  rules: QueueRules,
  event: ClusterEvent,
  old: KubeObject | null,
  object: KubeObject | null,
  isConcerned: (pod: QueuedPod) => boolean = everyPod,
): SchedulingQueue {
  if (!isOfInterest(event)) return queue;
  if (queue.unschedulable.size === 0 && queue.inFlightPods.size === 0) return queue;
  let moved = queue;
  for (const [, key] of mapEntries(queue.unschedulable)) {
    const pod = mapGet(moved.pods, key)!;
    if (!isConcerned(pod)) continue;
    const strategy = rules.strategyFor(pod, event, old, object);
    if (strategy === "skip") continue;
    moved = requeued(withoutQueued(moved, key), rules, pod, strategy);
  }
  rules.note(moved === queue ? note.hintSkipped : note.requeued);
  const recorded = withEventInFlight(moved, event, old, object);
  if (recorded !== moved) rules.note(note.inFlightEvent);
  return recorded;
}

function everyPod(): boolean {
  return true;
}

/** Activate: a pod is tried at once, whatever it waits for. One that is being tried is when it comes back. */
export function queueActivate(queue: SchedulingQueue, rules: QueueRules, key: string, uid: string): SchedulingQueue {
  if (isInFlight(queue, uid)) return withEventInFlight(queue, { resource: "wildcard", action: "update" }, null, null);
  const pod = mapGet(queue.pods, key);
  if (pod?.uid !== uid || pod.place === "active") return queue;
  rules.note(note.activated);
  return toActive(withoutQueued(queue, key), rules, pod);
}

/**
 * A pod that is held back no longer: what was worth a try came while it was. The real one leaves it until another pod goes
 * (deviation: it may be that none ever does).
 */
export function queueUngate(queue: SchedulingQueue, rules: QueueRules, key: string, uid: string): SchedulingQueue {
  const pod = mapGet(queue.pods, key);
  if (pod?.uid !== uid || pod.gatingPlugin === "") return queue;
  return requeued(withoutQueued(queue, key), rules, pod, "afterBackoff");
}
