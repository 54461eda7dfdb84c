import { mapEach } from "../../kernel/index.ts";
import type { KubeObject } from "../../machinery/kinds/index.ts";
import type { ResourceInfo } from "../../machinery/resources.ts";
import type { ServerTurn } from "../turn.ts";
import type { Cache } from "../types.ts";
import { type Filter, passes } from "./matching.ts";

/** The objects of a cache that pass, in the order of their keys. */
export function rangeInCache(
  turn: ServerTurn,
  info: ResourceInfo,
  cache: Cache,
  filter: Filter,
): readonly KubeObject[] {
  const found: KubeObject[] = [];
  const within = info.namespaced && filter.namespace !== "";
  const from = within ? `${filter.namespace}/` : "";
  const to = within ? `${filter.namespace}0` : null;
  mapEach(cache.objects, from, to, (object) => {
    if (passes(turn, info, filter, object)) found.push(object);
  });
  return found;
}
