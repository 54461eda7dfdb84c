import type { Pod } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { contestedPods, waitsForNode } from "./feasible.ts";

/**
 * L16. A pod for which others had to go is bound, or it is said that it is not to have the room after all. Nothing is said of
 * those that are kept away by pods in their zone: these may come again on another node there, and have to go again.
 */
export const nominationsEnd: ClusterProperty = {
  id: "scheduler/nominations-end",
  kind: "eventually",
  source:
    "kubernetes concepts, Pod Priority and Preemption: nominatedNodeName; pkg/scheduler/framework/preemption/preemption.go, Preempt: cleared where preemption cannot help; kubernetes#72124, #93505; concepts, Pod Priority and Preemption, Cross node preemption",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    return ledger.with({
      pending() {
        const contested = contestedPods(ledger);
        for (const { key, object: pod } of ledger.all<Pod>("pods").values()) {
          const node = pod.status?.nominatedNodeName ?? "";
          if (node !== "" && waitsForNode(pod) && !contested.includes(pod))
            return `pod ${key} is nominated to ${node}, and neither bound nor let go`;
        }
        return null;
      },
    });
  },
};
