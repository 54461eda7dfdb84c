import { ModelBug, mapEach, mapGet } from "../../kernel/index.ts";
import type { KubeObject } from "../kinds/index.ts";
import { keyFor } from "../meta.ts";
import type { Cache } from "./cache.ts";
import type { IndexName } from "./types.ts";

/** A read-only view of an informer's cache, in the order of the keys. */
export interface View<O extends KubeObject = KubeObject> {
  readonly synced: boolean;
  get(namespace: string, name: string): O | null;
  byKey(key: string): O | null;
  /** All of them; in a namespace, where one is named. */
  list(namespace?: string): readonly O[];
  byIndex(index: IndexName, value: string): readonly O[];
}

/** The view of a cache. */
export class CacheView<O extends KubeObject> implements View<O> {
  readonly synced: boolean;
  readonly #cache: Cache;

  constructor(cache: Cache, synced: boolean) {
    this.#cache = cache;
    this.synced = synced;
  }

  get(namespace: string, name: string): O | null {
    return this.byKey(keyFor(namespace, name));
  }

  byKey(key: string): O | null {
    return (mapGet(this.#cache.objects, key) as O | undefined) ?? null;
  }

  list(namespace = ""): readonly O[] {
    const found: O[] = [];
    // After "/" comes "0": between them are the keys of the namespace.
    const [from, to] = namespace === "" ? ["", null] : [`${namespace}/`, `${namespace}0`];
    mapEach(this.#cache.objects, from, to, (object) => {
      found.push(object as O);
    });
    return found;
  }

  byIndex(index: IndexName, value: string): readonly O[] {
    const values = this.#cache.indexes[index];
    if (values === undefined) throw new ModelBug(`the informer has no index ${index}`);
    const found: O[] = [];
    const keys = mapGet(values, value);
    if (keys !== undefined)
      mapEach(keys, "", null, (_, key) => {
        found.push(mapGet(this.#cache.objects, key) as O);
      });
    return found;
  }
}
