import { append, at, drop, emptyOrderedMap, emptyVector, mapDelete, mapGet, mapSet } from "../../kernel/index.ts";
import type { ResourceName } from "../../machinery/api.ts";
import type { KubeObject } from "../../machinery/kinds/index.ts";
import type { Revision } from "../../store/types.ts";
import { note } from "../notes.ts";
import { atRevision } from "../storage/codec.ts";
import type { ServerTurn } from "../turn.ts";
import type { Cache, CacheEvent } from "../types.ts";

/** A cache of which nothing is known. */
export function emptyCache(resource: ResourceName, capacity: number): Cache {
  return {
    resource,
    objects: emptyOrderedMap(),
    listed: emptyOrderedMap(),
    ring: emptyVector(),
    ringStart: 0,
    capacity,
    dropped: false,
    byTrigger: emptyOrderedMap(),
  };
}

/** A cache with some fields changed, as one literal: a spread costs many times as much. */
export function updateCache(cache: Cache, changes: Partial<Omit<Cache, "resource">>): Cache {
  return {
    resource: cache.resource,
    objects: changes.objects === undefined ? cache.objects : changes.objects,
    listed: changes.listed === undefined ? cache.listed : changes.listed,
    ring: changes.ring === undefined ? cache.ring : changes.ring,
    ringStart: changes.ringStart === undefined ? cache.ringStart : changes.ringStart,
    capacity: changes.capacity === undefined ? cache.capacity : changes.capacity,
    dropped: changes.dropped === undefined ? cache.dropped : changes.dropped,
    byTrigger: changes.byTrigger === undefined ? cache.byTrigger : changes.byTrigger,
  };
}

/** A put that the store tells of, as an event of the cache (watch_cache.go, processEvent). */
export function putEvent(cache: Cache, key: string, object: KubeObject, revision: Revision, now: number): CacheEvent {
  const old = mapGet(cache.objects, key) ?? null;
  return { revision, type: old === null ? "added" : "modified", key, object, old, at: now };
}

/** A deletion: the last state with the version of the deletion. Null where the object was not there. */
export function deleteEvent(cache: Cache, key: string, revision: Revision, now: number): CacheEvent | null {
  const old = mapGet(cache.objects, key);
  if (old === undefined) return null;
  return { revision, type: "deleted", key, object: atRevision(old, revision), old, at: now };
}

/**
 * The cache after an event: its objects, and its ring (watch_cache.go, processEvent, updateCache). The ring doubles where
 * it would lose what is younger than the history that it keeps, and is halved where a half of it would do
 * (resizeCacheLocked).
 */
export function withEvent(turn: ServerTurn, cache: Cache, event: CacheEvent): Cache {
  const { config } = turn;
  let { ring, ringStart, capacity, dropped } = cache;
  if (ring.length - ringStart >= capacity) {
    const oldest = at(ring, ringStart)!;
    const lastQuarter = at(ring, ring.length - Math.max(1, capacity >>> 2))!;
    if (event.at - oldest.at < config.historyUs && capacity < config.ringEventsMax) {
      capacity = Math.min(capacity * 2, config.ringEventsMax);
      turn.note(note.ringGrew);
    } else if (event.at - lastQuarter.at > config.historyUs && capacity > config.ringEventsMin) {
      capacity = Math.max(capacity >>> 1, config.ringEventsMin);
      turn.note(note.ringShrank);
    }
    if (ring.length - ringStart >= capacity) {
      if (!dropped) turn.note(note.ringDropped);
      dropped = true;
      ringStart = ring.length - capacity + 1;
    }
  }
  ring = append(ring, event);
  // A vector can only be cut by a rebuild: when half of it is of no use, which costs little in the mean.
  if (ringStart > 64 && ringStart > ring.length >>> 1) {
    ring = drop(ring, ringStart);
    ringStart = 0;
  }
  const objects = objectsAfter(cache.objects, event);
  return updateCache(cache, { objects, ring, ringStart, capacity, dropped });
}

function objectsAfter(objects: Cache["objects"], event: CacheEvent): Cache["objects"] {
  if (event.type === "deleted") return mapDelete(objects, event.key);
  return mapSet(objects, event.key, event.object);
}

/**
 * The lowest version from which a watch can be served (watch_cache.go, getAllEventsSinceLocked): all that came after
 * the last list while nothing was dropped; else from just before the oldest event.
 */
export function oldestVersion(cache: Cache, listRevision: Revision): Revision {
  if (!cache.dropped) return listRevision;
  return at(cache.ring, cache.ringStart)!.revision - 1;
}

/** The position in the ring of the first event after a version. */
export function ringPositionAfter(cache: Cache, revision: Revision): number {
  let low = cache.ringStart;
  let high = cache.ring.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(cache.ring, middle)!.revision <= revision) low = middle + 1;
    else high = middle;
  }
  return low;
}
