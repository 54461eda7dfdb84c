import type { ResourceName } from "../../machinery/api.ts";
import { keyFor } from "../../machinery/meta.ts";
import { type ResourceInfo, resourceNamed } from "../../machinery/resources.ts";
import type { Key, KeyRange } from "../../store/types.ts";

/** Where the objects of a resource lie: `/registry/pods/`. */
export function prefixOf(resource: ResourceInfo): Key {
  return `/registry/${resource.storage}/`;
}

/** The key in the store of an object whose key in the cache is `namespace/name`, or `name`. */
export function storeKey(resource: ResourceName, key: string): Key {
  return prefixOf(resourceNamed(resource)) + key;
}

/** The key in the cache. */
export function cacheKey(resource: ResourceInfo, key: Key): string {
  return key.slice(prefixOf(resource).length);
}

/** The key in the cache of an object that a request names. */
export function requestKey(resource: ResourceInfo, namespace: string, name: string): string {
  return keyFor(resource.namespaced ? namespace : "", name);
}

/** All objects of a resource, or those of one of its namespaces. */
export function rangeOf(resource: ResourceInfo, namespace: string): KeyRange {
  const prefix = prefixOf(resource);
  if (namespace === "" || !resource.namespaced) return { key: prefix, rangeEnd: endOf(prefix) };
  return { key: `${prefix}${namespace}/`, rangeEnd: `${prefix}${namespace}0` };
}

/** The first key behind all that begin with a prefix, which ends with a slash. */
function endOf(prefix: Key): Key {
  return `${prefix.slice(0, -1)}0`;
}

/** The key right behind another. */
export function after(key: Key): Key {
  return `${key}\0`;
}
