/**
 * Claims and volumes as they will be (kubernetes pkg/scheduler/util/assumecache, plugins/volumebinding/binder.go): what was
 * decided counts before it is written, so that two pods do not take one volume.
 */
import { emptyOrderedMap, mapDelete, mapGet, mapSet, type OrderedMap } from "../kernel/index.ts";
import type { InformerEvent } from "../machinery/client/types.ts";
import type { KubeObject, PersistentVolume, PersistentVolumeClaim } from "../machinery/kinds/index.ts";
import { keyFor, keyOf, revisionOf } from "../machinery/meta.ts";
import type { Lister } from "./framework/listers.ts";
import type { AssumedStorage } from "./types.ts";

export type Written = PersistentVolume | PersistentVolumeClaim;

export const NO_STORAGE: AssumedStorage = Object.freeze({
  claims: emptyOrderedMap<PersistentVolumeClaim>(),
  volumes: emptyOrderedMap<PersistentVolume>(),
});

/** Assume: from now on it counts as it is to be written. */
export function withAssumed({ claims, volumes }: AssumedStorage, object: Written): AssumedStorage {
  return object.kind === "PersistentVolume"
    ? { claims, volumes: mapSet(volumes, keyOf(object), object) }
    : { claims: mapSet(claims, keyOf(object), object), volumes };
}

/** Restore: it is not written after all, and counts as it was seen. */
export function withoutAssumed({ claims, volumes }: AssumedStorage, { kind, key }: StorageKey): AssumedStorage {
  return kind === "PersistentVolume"
    ? { claims, volumes: mapDelete(volumes, key) }
    : { claims: mapDelete(claims, key), volumes };
}

export interface StorageKey {
  readonly kind: Written["kind"];
  readonly key: string;
}

export function storageKeyOf(object: Written): StorageKey {
  return { kind: object.kind, key: keyOf(object) };
}

/** assume_cache.go, add and delete: what the informer tells of a newer version, or of its end, is the truth. */
export function withNews(storage: AssumedStorage, event: InformerEvent): AssumedStorage {
  const object = event.object as Written;
  const assumed = mapGet<Written>(
    (object.kind === "PersistentVolume" ? storage.volumes : storage.claims) as OrderedMap<Written>,
    event.key,
  );
  if (assumed === undefined) return storage;
  const isNewer = event.type === "deleted" || revisionOf(object) > revisionOf(assumed);
  return isNewer ? withoutAssumed(storage, { kind: object.kind, key: event.key }) : storage;
}

/** The objects of a lister, those that are assumed in the place of what was seen. */
export function overlaid<O extends KubeObject>(lister: Lister<O>, assumed: OrderedMap<O>): Lister<O> {
  if (assumed.size === 0) return lister;
  const now = (object: O): O => mapGet(assumed, keyOf(object)) ?? object;
  return {
    get: (namespace, name) => {
      const object = lister.get(namespace, name);
      return object === null ? null : (mapGet(assumed, keyFor(namespace, name)) ?? object);
    },
    list: (namespace) => lister.list(namespace).map(now),
  };
}
