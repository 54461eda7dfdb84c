import type { Node } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { isTrue } from "../cluster/objects.ts";

const LIFECYCLE: readonly string[] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

/**
 * L13. A node that is ready again loses the taints of the time when it was not; a node whose kubelet is up is ready again.
 * Evictions that were pending are cancelled with the taints; pods that a late one takes are the business of those that
 * own them.
 */
export const recoveredNodesAreUntainted: ClusterProperty = {
  id: "workloads/recovered-nodes-are-untainted",
  kind: "eventually",
  source:
    "kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go, processTaintBaseEviction, markNodeAsReachable; pkg/controller/tainteviction",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    return ledger.with({
      pending() {
        const up = new Set<string>();
        for (const { config, status } of context.processes)
          if (config.kind === "kubelet" && status === "up") up.add(config.node);
        for (const { key, object: node } of ledger.all<Node>("nodes").values()) {
          if (!up.has(key)) continue;
          if (!isTrue(node.status?.conditions, "Ready")) return `node ${key} is not ready, and its kubelet is up`;
          const taint = node.spec?.taints?.find((one) => LIFECYCLE.includes(one.key));
          if (taint !== undefined) return `node ${key} is ready, and has the taint ${taint.key}:${taint.effect}`;
        }
        return null;
      },
    });
  },
};
