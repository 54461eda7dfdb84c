/**
 * The places of the scheduling queue (kubernetes pkg/scheduler/backend/queue/scheduling_queue.go): pods to be tried, those
 * in backoff, and those that fit nowhere until something changes.
 */
import { emptyOrderedMap, type Micros, mapDelete, mapFirst, mapGet, mapSet, type Note } from "../../kernel/index.ts";
import type { KubeObject, Pod } from "../../machinery/kinds/index.ts";
import { keyOf } from "../../machinery/meta.ts";
import { note } from "../notes.ts";
import type { ClusterEvent, InFlight, QueuedPod, SchedulerConfig, SchedulingQueue } from "../types.ts";
import { EMPTY_NOMINATOR } from "./nominator.ts";

/** Whether a pod is tried again, and when (queueingStrategy). */
export type Strategy = "skip" | "afterBackoff" | "immediately";

/** What the queue asks of the scheduler around it. */
export interface QueueRules {
  readonly config: SchedulerConfig;
  readonly now: Micros;
  note(noted: Note): void;
  /** The plugin that does not let a pod into the active queue (runPreEnqueuePlugins); empty: none. */
  gateOf(pod: QueuedPod): string;
  /** isPodWorthRequeuing. */
  strategyFor(pod: QueuedPod, event: ClusterEvent, old: KubeObject | null, object: KubeObject | null): Strategy;
}

export const EMPTY_SCHEDULING_QUEUE: SchedulingQueue = Object.freeze({
  pods: emptyOrderedMap<QueuedPod>(),
  active: emptyOrderedMap<string>(),
  backoff: emptyOrderedMap<string>(),
  unschedulable: emptyOrderedMap<string>(),
  inFlight: emptyOrderedMap<InFlight>(),
  inFlightPods: emptyOrderedMap<string>(),
  sequence: 0,
  nominator: EMPTY_NOMINATOR,
});

const NO_PLUGINS: readonly string[] = Object.freeze([]);

/** newQueuedPodInfo. */
export function queuedPodOf(pod: Pod, now: Micros): QueuedPod {
  return {
    key: keyOf(pod),
    uid: pod.metadata.uid ?? "",
    schedulerName: pod.spec.schedulerName ?? "default-scheduler",
    priority: pod.spec.priority ?? 0,
    attempts: 0,
    unschedulableCount: 0,
    consecutiveErrors: 0,
    unschedulablePlugins: NO_PLUGINS,
    pendingPlugins: NO_PLUGINS,
    gatingPlugin: "",
    place: "active",
    order: "",
    since: now,
    backoffUntil: 0,
  };
}

/** Without the pod, wherever it is. The same queue when it is nowhere. */
export function withoutQueued(queue: SchedulingQueue, key: string): SchedulingQueue {
  const pod = mapGet(queue.pods, key);
  if (pod === undefined) return queue;
  return { ...queue, [pod.place]: mapDelete(queue[pod.place], pod.order), pods: mapDelete(queue.pods, key) };
}

export function placed(queue: SchedulingQueue, pod: QueuedPod, place: QueuedPod["place"]): SchedulingQueue {
  const order = orderIn(place, pod);
  const entry: QueuedPod = { ...pod, place, order };
  return { ...queue, pods: mapSet(queue.pods, pod.key, entry), [place]: mapSet(queue[place], order, pod.key) };
}

function orderIn(place: QueuedPod["place"], pod: QueuedPod): string {
  switch (place) {
    case "active":
      // plugins/queuesort/priority_sort.go, Less.
      return `${padded(4_000_000_000 - pod.priority)} ${padded(pod.since)} ${pod.key}`;
    case "backoff":
      return `${padded(pod.backoffUntil)} ${pod.key}`;
    case "unschedulable":
      return `${pod.gatingPlugin === "" ? "" : GATED}${padded(pod.since)} ${pod.key}`;
  }
}

/** Pods that are held back are behind the others: they are not flushed. */
const GATED = "~";

/** A number as text that is in the order of the numbers. */
export function padded(number: number): string {
  return String(number).padStart(16, "0");
}

/** calculateBackoffDuration: 1 s after the first time, doubled with each, 10 s at the most. */
export function podBackoffUs(config: SchedulerConfig, { unschedulableCount, consecutiveErrors }: QueuedPod): Micros {
  const count = consecutiveErrors > 0 ? consecutiveErrors : unschedulableCount;
  if (count === 0) return 0;
  return Math.min(config.podMaxBackoffUs, config.podInitialBackoffUs * 2 ** Math.min(count - 1, 40));
}

/** moveToActiveQ: the pod, which is nowhere now, is tried, unless a plugin does not let it in. */
export function toActive(queue: SchedulingQueue, rules: QueueRules, pod: QueuedPod): SchedulingQueue {
  const gate = rules.gateOf(pod);
  if (gate !== "") {
    if (pod.gatingPlugin === "") rules.note(note.gated);
    const unschedulablePlugins = withName(pod.unschedulablePlugins, gate);
    return placed(queue, { ...pod, gatingPlugin: gate, unschedulablePlugins }, "unschedulable");
  }
  if (pod.gatingPlugin !== "") rules.note(note.gateLifted);
  return placed(queue, pod.gatingPlugin === "" ? pod : { ...pod, gatingPlugin: "" }, "active");
}

function withName(names: readonly string[], name: string): readonly string[] {
  return names.includes(name) ? names : [...names, name].sort();
}

/** requeuePodWithQueueingStrategy: of a pod that is nowhere now. */
export function requeued(
  queue: SchedulingQueue,
  rules: QueueRules,
  pod: QueuedPod,
  strategy: Strategy,
): SchedulingQueue {
  if (strategy === "skip") return placed(queue, pod, "unschedulable");
  const isBackingOff = pod.backoffUntil > rules.now;
  // Its backoff may have ended while it waited for a change.
  if (strategy === "afterBackoff" && isBackingOff) {
    // moveToBackoffQ: who is held back does not wait out a backoff either.
    const gate = rules.gateOf(pod);
    return gate === "" ? placed(queue, { ...pod, gatingPlugin: "" }, "backoff") : toActive(queue, rules, pod);
  }
  return toActive(queue, rules, pod);
}

/** flushBackoffQCompleted: those whose backoff is over are tried again. The same queue when there are none. */
export function flushBackoff(queue: SchedulingQueue, rules: QueueRules): SchedulingQueue {
  let flushed = queue;
  for (let first = mapFirst(flushed.backoff, ""); first !== undefined; first = mapFirst(flushed.backoff, "")) {
    const pod = mapGet(flushed.pods, first[1])!;
    if (pod.backoffUntil > rules.now) break;
    flushed = toActive(withoutQueued(flushed, pod.key), rules, pod);
  }
  return flushed;
}

/** flushUnschedulablePodsLeftover: those that have waited for 5 min are tried again. The same queue when there are none. */
export function flushUnschedulable(queue: SchedulingQueue, rules: QueueRules): SchedulingQueue {
  let flushed = queue;
  for (;;) {
    const first = mapFirst(flushed.unschedulable, "");
    if (first === undefined || first[0].startsWith(GATED)) return flushed;
    const pod = mapGet(flushed.pods, first[1])!;
    if (pod.since + rules.config.unschedulableFlushUs > rules.now) return flushed;
    flushed = requeued(withoutQueued(flushed, pod.key), rules, pod, "afterBackoff");
  }
}

/** When the next pod is to be flushed; null: none. Unschedulable ones are looked for each 30 s. */
export function queueDue(queue: SchedulingQueue, config: SchedulerConfig): Micros | null {
  const backoff = mapFirst(queue.backoff, "");
  const leftover = mapFirst(queue.unschedulable, "");
  const backoffDue = backoff === undefined ? null : mapGet(queue.pods, backoff[1])!.backoffUntil;
  if (leftover === undefined || leftover[0].startsWith(GATED)) return backoffDue;
  const full = mapGet(queue.pods, leftover[1])!.since + config.unschedulableFlushUs;
  const flushDue = Math.ceil(full / config.flushEveryUs) * config.flushEveryUs;
  return backoffDue === null ? flushDue : Math.min(backoffDue, flushDue);
}
