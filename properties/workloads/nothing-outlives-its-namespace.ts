import type { Micros } from "../../models/kernel/index.ts";
import { resourceNamed } from "../../models/machinery/resources.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { namespaceOf } from "../cluster/objects.ts";

/** What is made just as its namespace goes, and has an owner, is collected as garbage. */
const GRACE_US: Micros = 10_000_000;

/** L8. When a namespace is gone, nothing is left in it: nobody could delete that any more. */
export const nothingOutlivesItsNamespace: ClusterProperty = {
  id: "workloads/nothing-outlives-its-namespace",
  kind: "eventually",
  source:
    'kubernetes concepts, Namespaces; pkg/controller/namespace/deletion: "deletes all objects in the given namespace"; kubernetes#36891',
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    return ledger.with({
      pending() {
        for (const resource of ledger.resources()) {
          if (!resourceNamed(resource).namespaced || resource === "events") continue;
          for (const { key, atUs } of ledger.all(resource).values())
            if (ledger.get("namespaces", namespaceOf(key)) === undefined && context.now() - atUs > GRACE_US)
              return `${resource} ${key} is there, and its namespace is not`;
        }
        return null;
      },
    });
  },
};
