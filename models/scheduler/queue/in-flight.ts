/**
 * Pods that are being tried, and what has changed meanwhile (kubernetes pkg/scheduler/backend/queue/active_queue.go,
 * inFlightPods and inFlightEvents): a change during an attempt may be just what the pod lacked.
 */
import { mapDelete, mapEach, mapFirst, mapGet, mapHas, mapSet } from "../../kernel/index.ts";
import type { KubeObject, Uid } from "../../machinery/kinds/index.ts";
import type { ClusterEvent, InFlight, SchedulingQueue } from "../types.ts";
import { padded } from "./places.ts";

type Happened = Extract<InFlight, { readonly kind: "event" }>;

export function isInFlight(queue: SchedulingQueue, uid: Uid): boolean {
  return mapHas(queue.inFlightPods, uid);
}

/** unlockedPop: from now on, events are kept for it. */
export function withPodInFlight(queue: SchedulingQueue, uid: Uid): SchedulingQueue {
  const sequence = queue.sequence + 1;
  const number = padded(sequence);
  return {
    ...queue,
    sequence,
    inFlight: mapSet(queue.inFlight, number, { kind: "pod", uid }),
    inFlightPods: mapSet(queue.inFlightPods, uid, number),
  };
}

/** addEventIfAnyInFlight. The same queue when no pod is being tried. */
export function withEventInFlight(
  queue: SchedulingQueue,
  event: ClusterEvent,
  old: KubeObject | null,
  object: KubeObject | null,
): SchedulingQueue {
  if (queue.inFlightPods.size === 0) return queue;
  const sequence = queue.sequence + 1;
  const happened: Happened = { kind: "event", event, old, object };
  return { ...queue, sequence, inFlight: mapSet(queue.inFlight, padded(sequence), happened) };
}

/** clusterEventsForPod: what has happened since it was popped. */
export function eventsSince(queue: SchedulingQueue, uid: Uid): readonly Happened[] {
  const number = mapGet(queue.inFlightPods, uid);
  if (number === undefined) return [];
  const events: Happened[] = [];
  mapEach(queue.inFlight, number, null, (entry) => {
    if (entry.kind === "event") events.push(entry);
  });
  return events;
}

/** done: it is decided. Events that nobody waits for any more are let go. */
export function withoutPodInFlight(queue: SchedulingQueue, uid: Uid): SchedulingQueue {
  const number = mapGet(queue.inFlightPods, uid);
  if (number === undefined) return queue;
  let inFlight = mapDelete(queue.inFlight, number);
  for (let first = mapFirst(inFlight, ""); first?.[1].kind === "event"; first = mapFirst(inFlight, ""))
    inFlight = mapDelete(inFlight, first[0]);
  return { ...queue, inFlight, inFlightPods: mapDelete(queue.inFlightPods, uid) };
}
