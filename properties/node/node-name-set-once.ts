import type { Pod } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";

/** S19. A pod is bound to one node at most, once, for as long as its UID lives. */
export const nodeNameSetOnce: ClusterProperty = {
  id: "node/node-name-set-once",
  kind: "always",
  source:
    'kubernetes pkg/registry/core/pod/storage/storage.go, setPodNodeAndMetadata: "pod %v is already assigned to node %q"; core/v1 PodSpec.NodeName',
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    ledger.on<Pod>("pods", ({ key, before, after, revision }) => {
      const node = before?.spec.nodeName ?? "";
      if (node === "" || after === null || before?.metadata.uid !== after.metadata.uid) return;
      if (after.spec.nodeName !== node)
        context.violate(`pod ${key} is bound to ${node}, and then to ${after.spec.nodeName ?? "none"}`, {
          uid: after.metadata.uid,
          revision,
        });
    });
    return ledger.with();
  },
};
