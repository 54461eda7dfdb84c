import type { Pod } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { conditionOf } from "../cluster/objects.ts";
import { contestedPods, knownToStore, naiveRefusals, priorityOf, waitsForNode } from "./feasible.ts";

/**
 * L5. A pod that fits on some node is bound. What fits is told by the objects in the store, and by a second implementation of
 * the filters: whatever the scheduler remembers otherwise is its mistake.
 */
export const feasiblePodsAreBound: ClusterProperty = {
  id: "scheduler/feasible-pods-are-bound",
  kind: "eventually",
  source:
    "kubernetes pkg/scheduler/backend/queue/scheduling_queue.go: backoff of 10 s at most, leftover pods are flushed after 5 min; kubernetes#49314, #72122, #101877",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    return ledger.with({
      pending() {
        const waiting = [...ledger.all<Pod>("pods").values()].filter(({ object }) => waitsForNode(object));
        if (waiting.length === 0) return null;
        const known = knownToStore(ledger);
        // Those that have to go for one that never gets its room come again and again.
        const calm = Math.max(Number.NEGATIVE_INFINITY, ...contestedPods(ledger).map(priorityOf));
        for (const { key, object: pod } of waiting) {
          if (priorityOf(pod) < calm) continue;
          const node = known.cluster.nodes.find((one) => naiveRefusals(known, pod, one).length === 0);
          if (node === undefined) continue;
          const said = conditionOf(pod.status?.conditions, "PodScheduled")?.message ?? "nothing was said of it";
          return `pod ${key} is not bound, and ${node.metadata.name} can take it: ${said}`;
        }
        return null;
      },
    });
  },
};
