import type { ResourceName } from "../../machinery/api.ts";
import { keyFor } from "../../machinery/meta.ts";
import { RESOURCES, type ResourceInfo, resourceNamed } from "../../machinery/resources.ts";
import type { Key, KeyRange } from "../../store/types.ts";

/** Where the objects of a resource lie: `/registry/pods/`. */
export function prefixOf(resource: ResourceInfo): Key {
  return `/registry/${resource.storage}/`;
}

/** The key in the store of an object whose key in the cache is `namespace/name`, or `name`. */
export function storeKey(resource: ResourceName, key: string): Key {
  return prefixOf(resourceNamed(resource)) + key;
}

/** All that the API has in the store. */
export const REGISTRY: KeyRange = { key: "/registry/", rangeEnd: "/registry0" };

const RANGES = "/registry/ranges/";

/** All but the ranges of addresses and ports, which are no resource (registry/core/rest/storage_core.go). */
export function isOfCache(key: Key): boolean {
  return !key.startsWith(RANGES);
}

const BY_STORAGE: ReadonlyMap<string, ResourceName> = new Map(RESOURCES.map(({ storage, name }) => [storage, name]));

/** Of which resource an object is, and its key in the cache, by its key in the store. */
export function placeOf(key: Key): readonly [resource: ResourceName, key: string] {
  const rest = key.slice(REGISTRY.key.length);
  const first = rest.indexOf("/");
  const storage = rest.slice(0, first);
  const known = BY_STORAGE.get(storage);
  if (known !== undefined) return [known, rest.slice(first + 1)];
  const second = rest.indexOf("/", first + 1);
  const longer = BY_STORAGE.get(rest.slice(0, second));
  if (longer !== undefined) return [longer, rest.slice(second + 1)];
  // A custom resource: its group, its plural, and the object.
  return [`${rest.slice(first + 1, second)}.${storage}`, rest.slice(second + 1)];
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
