/**
 * The work queue of client-go (util/workqueue: queue.go, delaying_queue.go, default_rate_limiters.go), as plain data.
 *
 * A key is in it at most once, however often it is added. One that comes while it is worked on waits until that is done,
 * so that no key is worked on twice at a time. All operations take logarithmic time.
 */
import {
  emptyOrderedMap,
  type Micros,
  mapDelete,
  mapFirst,
  mapGet,
  mapHas,
  mapSet,
  type OrderedMap,
} from "../../kernel/index.ts";
import { exponentialBackoff } from "./backoff.ts";

export interface WorkQueue {
  /** Keys whose turn will come, by their place in the line. */
  readonly line: OrderedMap<string>;
  /** How many places were given out. */
  readonly places: number;
  /** Keys that want to be worked on: those in the line, and those that came while they were worked on. */
  readonly dirty: OrderedMap<true>;
  readonly processing: OrderedMap<true>;
  /** Keys that are to be added at a time, by time and key. */
  readonly delayed: OrderedMap<string>;
  /** The same times, by key. */
  readonly dueOf: OrderedMap<Micros>;
  /** Failures in a row, by key. */
  readonly failures: OrderedMap<number>;
}

/** How long a key waits after a failure [5 ms doubling to 1000 s]. */
export interface RateLimits {
  readonly baseUs: Micros;
  readonly maxUs: Micros;
}

/** client-go util/workqueue, DefaultControllerRateLimiter. */
export const CONTROLLER_RATE_LIMITS: RateLimits = Object.freeze({ baseUs: 5_000, maxUs: 1_000_000_000 });

export const EMPTY_QUEUE: WorkQueue = Object.freeze({
  line: emptyOrderedMap<string>(),
  places: 0,
  dirty: emptyOrderedMap<true>(),
  processing: emptyOrderedMap<true>(),
  delayed: emptyOrderedMap<string>(),
  dueOf: emptyOrderedMap<Micros>(),
  failures: emptyOrderedMap<number>(),
});

/** queue.go, Add: nothing where it already waits; into the line unless it is worked on. */
export function queueAdd(queue: WorkQueue, key: string): WorkQueue {
  if (mapHas(queue.dirty, key)) return queue;
  const dirty = mapSet(queue.dirty, key, true);
  return mapHas(queue.processing, key) ? { ...queue, dirty } : inLine({ ...queue, dirty }, key);
}

/** queue.go, Get: the key whose turn it is, or null. It is worked on until {@link queueDone}. */
export function queueTake(queue: WorkQueue): readonly [queue: WorkQueue, key: string] | null {
  const first = mapFirst(queue.line, "");
  if (first === undefined) return null;
  const [place, key] = first;
  const taken: WorkQueue = {
    line: mapDelete(queue.line, place),
    places: queue.places,
    dirty: mapDelete(queue.dirty, key),
    processing: mapSet(queue.processing, key, true),
    delayed: queue.delayed,
    dueOf: queue.dueOf,
    failures: queue.failures,
  };
  return [taken, key];
}

/** queue.go, Done: a key that was added meanwhile comes again. */
export function queueDone(queue: WorkQueue, key: string): WorkQueue {
  const done = { ...queue, processing: mapDelete(queue.processing, key) };
  return mapHas(queue.dirty, key) ? inLine(done, key) : done;
}

/** delaying_queue.go, AddAfter: added after a time, or when an earlier request for the key says. */
export function queueAddAfter(queue: WorkQueue, key: string, now: Micros, afterUs: Micros): WorkQueue {
  if (afterUs <= 0) return queueAdd(queue, key);
  const due = now + afterUs;
  const before = mapGet(queue.dueOf, key);
  if (before !== undefined && before <= due) return queue;
  const delayed = before === undefined ? queue.delayed : mapDelete(queue.delayed, dueKey(before, key));
  return { ...queue, delayed: mapSet(delayed, dueKey(due, key), key), dueOf: mapSet(queue.dueOf, key, due) };
}

/** rate_limiting_queue.go, AddRateLimited: added after a time that grows with each failure of the key. */
export function queueAddRateLimited(
  queue: WorkQueue,
  key: string,
  now: Micros,
  limits: RateLimits = CONTROLLER_RATE_LIMITS,
): WorkQueue {
  const failures = mapGet(queue.failures, key) ?? 0;
  const counted = { ...queue, failures: mapSet(queue.failures, key, failures + 1) };
  return queueAddAfter(counted, key, now, exponentialBackoff(limits.baseUs, limits.maxUs, failures));
}

/** rate_limiting_queue.go, Forget: the key's backoff starts anew. */
export function queueForget(queue: WorkQueue, key: string): WorkQueue {
  const failures = mapDelete(queue.failures, key);
  return failures === queue.failures ? queue : { ...queue, failures };
}

/** rate_limiting_queue.go, NumRequeues. */
export function queueFailures(queue: WorkQueue, key: string): number {
  return mapGet(queue.failures, key) ?? 0;
}

/** Adds the keys whose time has come. The same queue where there is none. */
export function queueWake(queue: WorkQueue, now: Micros): WorkQueue {
  let woken = queue;
  for (let first = firstDelayed(woken); first !== null && first.due <= now; first = firstDelayed(woken)) {
    const { due, key } = first;
    woken = {
      ...woken,
      delayed: mapDelete(woken.delayed, dueKey(due, key)),
      dueOf: mapDelete(woken.dueOf, key),
    };
    woken = queueAdd(woken, key);
  }
  return woken;
}

/** When the next key is to be added by {@link queueWake}; null: none waits for a time. */
export function queueNextDue(queue: WorkQueue): Micros | null {
  return firstDelayed(queue)?.due ?? null;
}

/** How many keys are in the line (queue.go, Len). */
export function queueLength(queue: WorkQueue): number {
  return queue.line.size;
}

function firstDelayed(queue: WorkQueue): { readonly due: Micros; readonly key: string } | null {
  const first = mapFirst(queue.delayed, "");
  return first === undefined ? null : { due: mapGet(queue.dueOf, first[1])!, key: first[1] };
}

function inLine(queue: WorkQueue, key: string): WorkQueue {
  const places = queue.places + 1;
  return { ...queue, line: mapSet(queue.line, ordered(places), key), places };
}

function dueKey(due: Micros, key: string): string {
  return `${ordered(due)} ${key}`;
}

/** A number as text that is in the order of the numbers. */
function ordered(number: number): string {
  return String(number).padStart(16, "0");
}
