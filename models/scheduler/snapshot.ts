/** What a cycle looks at (kubernetes pkg/scheduler/backend/cache/cache.go, UpdateSnapshot). */
import { mapEach, mapGet } from "../kernel/index.ts";
import { EMPTY_SNAPSHOT, nodesOf, type Placed, withChanges } from "./framework/snapshot.ts";
import { padded } from "./queue/places.ts";
import type { CachedSnapshot, SchedulerCache } from "./types.ts";

export const EMPTY_CACHED_SNAPSHOT: CachedSnapshot = Object.freeze({ generation: 0, nodes: EMPTY_SNAPSHOT });

/** UpdateSnapshot: takes over what has changed since the last one, and no more. */
export function updatedSnapshot(snapshot: CachedSnapshot, cache: SchedulerCache): CachedSnapshot {
  if (snapshot.generation === cache.generation) return snapshot;
  const changed: Placed[] = [];
  mapEach(cache.changes, padded(snapshot.generation + 1), null, (name) => {
    const { node, pods } = mapGet(cache.nodes, name)!;
    if (node !== null) changed.push({ node, pods });
  });
  return {
    generation: cache.generation,
    nodes: withChanges(snapshot.nodes, changed, goneFrom(snapshot, cache, changed)),
  };
}

/** removeDeletedNodesFromSnapshot: only where there are more nodes in the snapshot than there should be. */
function goneFrom({ nodes }: CachedSnapshot, cache: SchedulerCache, changed: readonly Placed[]): readonly string[] {
  const fresh = changed.filter(({ node }) => !Object.hasOwn(nodes.slots, node.metadata.name)).length;
  if (nodes.nodes.length + fresh === cache.present) return [];
  return nodesOf(nodes)
    .map(({ name }) => name)
    .filter((name) => (mapGet(cache.nodes, name)?.node ?? null) === null);
}
