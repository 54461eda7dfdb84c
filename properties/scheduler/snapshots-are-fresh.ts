import { mapEach } from "../../models/kernel/index.ts";
import { nodesOf } from "../../models/scheduler/framework/snapshot.ts";
import type { CachedNode, SchedulerState } from "../../models/scheduler/types.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";

/** S22. A decision is made on what the cache had as its pod was taken up: each node as it was there, with the same pods on it. */
export const snapshotsAreFresh: ClusterProperty = {
  id: "scheduler/snapshots-are-fresh",
  kind: "always",
  source:
    "kubernetes pkg/scheduler/backend/cache/cache.go, UpdateSnapshot: nodes whose generation is newer; kubernetes#63262",
  monitor(context) {
    return {
      concerns: { changes: ["scheduling"], messages: [], notes: [] },
      onStep({ id }, before, after) {
        if (after.kind !== "scheduler" || after.attempt === null) return;
        if (after.attempt === (before as SchedulerState).attempt) return;
        const wrong = staleIn(after);
        if (wrong !== null) context.violate(`${id} takes up ${after.attempt.queued.key} ${wrong}`, { scheduler: id });
      },
    };
  },
};

function staleIn({ cache, snapshot }: SchedulerState): string | null {
  const infos = new Map(nodesOf(snapshot.nodes).map((info) => [info.name, info]));
  let wrong: string | null = null;
  mapEach(cache.nodes, "", null, ({ name, node, pods }: CachedNode) => {
    const info = infos.get(name);
    infos.delete(name);
    if (node === null) {
      if (info !== undefined) wrong = `with ${name}, which is gone, in its snapshot`;
    } else if (info === undefined) wrong = `without ${name} in its snapshot`;
    else if (info.node !== node) wrong = `with ${name} as it was before in its snapshot`;
    else {
      const ids = (list: readonly { readonly id: string }[]) =>
        list
          .map((pod) => pod.id)
          .sort()
          .join(" ");
      if (ids(info.pods) !== ids(pods)) wrong = `with other pods on ${name} in its snapshot than there are`;
    }
    return wrong === null;
  });
  const [left] = infos.keys();
  return wrong ?? (left === undefined ? null : `with ${left}, which is gone, in its snapshot`);
}
