/**
 * The scheduling queue (kubernetes pkg/scheduler/backend/queue/scheduling_queue.go): pods to be tried, those in backoff,
 * and those that fit nowhere until something changes.
 */
import { emptyOrderedMap, type Micros, mapDelete, mapFirst, mapGet, mapSet } from "../kernel/index.ts";
import { exponentialBackoff } from "../machinery/client/backoff.ts";
import type { Pod } from "../machinery/kinds/index.ts";
import { keyOf } from "../machinery/meta.ts";
import type { QueuedPod, SchedulerConfig, SchedulingQueue } from "./types.ts";

type Place = QueuedPod["place"];

export const EMPTY_SCHEDULING_QUEUE: SchedulingQueue = Object.freeze({
  pods: emptyOrderedMap<QueuedPod>(),
  active: emptyOrderedMap<string>(),
  backoff: emptyOrderedMap<string>(),
  unschedulable: emptyOrderedMap<string>(),
});

/** Add: a new pod is tried at once. One that waits already stays where it is. */
export function queueAddPod(queue: SchedulingQueue, pod: Pod, now: Micros): SchedulingQueue {
  const key = keyOf(pod);
  const uid = pod.metadata.uid ?? "";
  const known = mapGet(queue.pods, key);
  if (known?.uid === uid) return queue;
  const { priority = 0 } = pod.spec;
  const fresh: QueuedPod = { key, uid, priority, attempts: 0, place: "active", order: "", since: now, backoffUntil: 0 };
  return placed(known === undefined ? queue : queueRemovePod(queue, key), fresh, "active", now);
}

/** Delete. */
export function queueRemovePod(queue: SchedulingQueue, key: string): SchedulingQueue {
  const pod = mapGet(queue.pods, key);
  if (pod === undefined) return queue;
  return { ...queue, [pod.place]: mapDelete(queue[pod.place], pod.order), pods: mapDelete(queue.pods, key) };
}

/** Pop: the pod of the highest priority that has waited longest, and the queue without it. */
export function queuePopPod(queue: SchedulingQueue): readonly [queue: SchedulingQueue, pod: QueuedPod] | null {
  const first = mapFirst(queue.active, "");
  if (first === undefined) return null;
  const pod = mapGet(queue.pods, first[1])!;
  return [queueRemovePod(queue, pod.key), pod];
}

/** calculateBackoffDuration: 1 s after the first attempt, doubled with each, 10 s at the most. */
export function podBackoffUs(config: SchedulerConfig, attempts: number): Micros {
  return exponentialBackoff(config.podInitialBackoffUs, config.podMaxBackoffUs, Math.max(0, attempts - 1));
}

/** AddUnschedulableIfNotPresent, for a pod that was tried and fits nowhere: it waits until something changes. */
export function queueUnschedulable(
  queue: SchedulingQueue,
  config: SchedulerConfig,
  tried: QueuedPod,
  now: Micros,
): SchedulingQueue {
  const attempts = tried.attempts + 1;
  const backoffUntil = now + podBackoffUs(config, attempts);
  return placed(queue, { ...tried, attempts, backoffUntil }, "unschedulable", now);
}

/** AddUnschedulableIfNotPresent, for a pod whose attempt failed for another reason: it is tried again after its backoff. */
export function queueFailed(
  queue: SchedulingQueue,
  config: SchedulerConfig,
  tried: QueuedPod,
  now: Micros,
): SchedulingQueue {
  const attempts = tried.attempts + 1;
  const backoffUntil = now + podBackoffUs(config, attempts);
  return placed(queue, { ...tried, attempts, backoffUntil }, "backoff", now);
}

/** MoveAllToActiveOrBackoffQueue: something has changed that may make room. The same queue when nobody waits for it. */
export function queueMoveAll(queue: SchedulingQueue, now: Micros): SchedulingQueue {
  let moved = queue;
  for (let first = mapFirst(moved.unschedulable, ""); first !== undefined; first = mapFirst(moved.unschedulable, ""))
    moved = queueMovePod(moved, first[1], now);
  return moved;
}

/** moveToActiveQ or moveToBackoffQ: of one that fits nowhere. The same queue when it is not such a one. */
export function queueMovePod(queue: SchedulingQueue, key: string, now: Micros): SchedulingQueue {
  const pod = mapGet(queue.pods, key);
  if (pod?.place !== "unschedulable") return queue;
  return placed(queueRemovePod(queue, key), pod, pod.backoffUntil > now ? "backoff" : "active", now);
}

/** flushBackoffQCompleted: those whose backoff is over are tried again. The same queue when there are none. */
export function queueFlushBackoff(queue: SchedulingQueue, now: Micros): SchedulingQueue {
  let flushed = queue;
  for (let first = mapFirst(flushed.backoff, ""); first !== undefined; first = mapFirst(flushed.backoff, "")) {
    const pod = mapGet(flushed.pods, first[1])!;
    if (pod.backoffUntil > now) break;
    flushed = placed(queueRemovePod(flushed, pod.key), pod, "active", now);
  }
  return flushed;
}

/** flushUnschedulablePodsLeftover: those that have waited for 5 min are tried again. The same queue when there are none. */
export function queueFlushUnschedulable(queue: SchedulingQueue, config: SchedulerConfig, now: Micros): SchedulingQueue {
  let flushed = queue;
  for (
    let first = mapFirst(flushed.unschedulable, "");
    first !== undefined;
    first = mapFirst(flushed.unschedulable, "")
  ) {
    if (mapGet(flushed.pods, first[1])!.since + config.unschedulableFlushUs > now) break;
    flushed = queueMovePod(flushed, first[1], now);
  }
  return flushed;
}

/** When the next pod is to be flushed; null: none. Unschedulable ones are looked for each 30 s. */
export function queueDue(queue: SchedulingQueue, config: SchedulerConfig): Micros | null {
  const backoff = mapFirst(queue.backoff, "");
  const leftover = mapFirst(queue.unschedulable, "");
  const backoffDue = backoff === undefined ? null : mapGet(queue.pods, backoff[1])!.backoffUntil;
  if (leftover === undefined) return backoffDue;
  const full = mapGet(queue.pods, leftover[1])!.since + config.unschedulableFlushUs;
  const flushDue = Math.ceil(full / config.flushEveryUs) * config.flushEveryUs;
  return backoffDue === null ? flushDue : Math.min(backoffDue, flushDue);
}

function placed(queue: SchedulingQueue, pod: QueuedPod, place: Place, now: Micros): SchedulingQueue {
  const order = orderIn(place, pod, now);
  const entry: QueuedPod = { ...pod, place, order, since: now };
  return { ...queue, pods: mapSet(queue.pods, pod.key, entry), [place]: mapSet(queue[place], order, pod.key) };
}

function orderIn(place: Place, pod: QueuedPod, now: Micros): string {
  switch (place) {
    case "active":
      return `${padded(4_000_000_000 - pod.priority)} ${padded(now)} ${pod.key}`;
    case "backoff":
      return `${padded(pod.backoffUntil)} ${pod.key}`;
    case "unschedulable":
      return `${padded(now)} ${pod.key}`;
  }
}

/** A number as text that is in the order of the numbers. */
function padded(number: number): string {
  return String(number).padStart(16, "0");
}
