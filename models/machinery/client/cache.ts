import { emptyOrderedMap, mapDelete, mapGet, mapSet, type OrderedMap, orderedMapFrom } from "../../kernel/index.ts";
import type { KubeObject } from "../kinds/index.ts";
import { keyOf } from "../meta.ts";
import { indexValues } from "./indexers.ts";
import type { Index, Indexes, IndexName } from "./types.ts";

/** The objects of an informer, and its indexes of them (client-go tools/cache/thread_safe_store.go). */
export interface Cache {
  readonly objects: OrderedMap<KubeObject>;
  readonly indexes: Indexes;
}

export function emptyCache(names: readonly IndexName[]): Cache {
  return { objects: emptyOrderedMap(), indexes: indexesOf(names, []) };
}

/** The cache in which `key` has `object` in the place of `old`. */
export function cacheWith(
  cache: Cache,
  names: readonly IndexName[],
  key: string,
  old: KubeObject | null,
  object: KubeObject,
): Cache {
  return {
    objects: mapSet(cache.objects, key, object),
    indexes: indexesWith(cache.indexes, names, key, old, object),
  };
}

/** The cache without `key`, which has `old`. */
export function cacheWithout(cache: Cache, names: readonly IndexName[], key: string, old: KubeObject): Cache {
  return {
    objects: mapDelete(cache.objects, key),
    indexes: indexesWith(cache.indexes, names, key, old, null),
  };
}

/**
 * The cache of these objects. Where the one before has an object in the same version, that one stays, so that the two
 * differ (`mapDifference`) only in what has changed.
 */
export function cacheOf(before: Cache, names: readonly IndexName[], items: readonly KubeObject[]): Cache {
  const entries = items.map((item): readonly [string, KubeObject] => {
    const key = keyOf(item);
    const old = mapGet(before.objects, key);
    const same = old !== undefined && old.metadata.resourceVersion === item.metadata.resourceVersion;
    return [key, same && old.metadata.uid === item.metadata.uid ? old : item];
  });
  return { objects: orderedMapFrom(entries), indexes: indexesOf(names, entries) };
}

/** The index of all entries at once. */
function indexesOf(names: readonly IndexName[], entries: readonly (readonly [string, KubeObject])[]): Indexes {
  const indexes: { [Name in IndexName]?: Index } = {};
  for (const name of names) {
    const keysOf = new Map<string, (readonly [string, true])[]>();
    for (const [key, object] of entries)
      for (const value of indexValues(name, object)) {
        const keys = keysOf.get(value);
        if (keys === undefined) keysOf.set(value, [[key, true]]);
        else keys.push([key, true]);
      }
    indexes[name] = orderedMapFrom([...keysOf].map(([value, keys]) => [value, orderedMapFrom(keys)] as const));
  }
  return indexes;
}

/** The indexes after a change of one object; the same ones when none of its values has changed. */
function indexesWith(
  indexes: Indexes,
  names: readonly IndexName[],
  key: string,
  old: KubeObject | null,
  object: KubeObject | null,
): Indexes {
  let changed: { [Name in IndexName]?: Index } | null = null;
  for (const name of names) {
    const before = old === null ? [] : indexValues(name, old);
    const after = object === null ? [] : indexValues(name, object);
    if (sameValues(before, after)) continue;
    let index = indexes[name]!;
    for (const value of before) if (!after.includes(value)) index = indexWithout(index, value, key);
    for (const value of after) if (!before.includes(value)) index = indexWith(index, value, key);
    changed ??= { ...indexes };
    changed[name] = index;
  }
  return changed ?? indexes;
}

function indexWith(index: Index, value: string, key: string): Index {
  return mapSet(index, value, mapSet(mapGet(index, value) ?? emptyOrderedMap<true>(), key, true));
}

function indexWithout(index: Index, value: string, key: string): Index {
  const keys = mapDelete(mapGet(index, value) ?? emptyOrderedMap<true>(), key);
  return keys.size === 0 ? mapDelete(index, value) : mapSet(index, value, keys);
}

function sameValues(one: readonly string[], two: readonly string[]): boolean {
  if (one.length !== two.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== two[i]) return false;
  return true;
}
