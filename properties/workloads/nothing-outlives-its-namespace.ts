import type { Micros } from "../../models/kernel/index.ts";
import type { Namespace } from "../../models/machinery/kinds/index.ts";
import { resourceNamed } from "../../models/machinery/resources.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { isDeleting, microsOf, namespaceOf } from "../cluster/objects.ts";

/** What is made just as its namespace goes, and has an owner, is collected as garbage. */
const GRACE_US: Micros = 10_000_000;

/** Who deletes the namespace has seen what was there so long. */
const KNOWN_US: Micros = 2_000_000;

/** L8. A namespace goes when nothing is left in it, and nothing is afterwards: nobody could delete that any more. */
export const nothingOutlivesItsNamespace: ClusterProperty = {
  id: "workloads/nothing-outlives-its-namespace",
  kind: "eventually",
  source:
    'kubernetes concepts, Namespaces; pkg/controller/namespace/deletion: "deletes all objects in the given namespace"; kubernetes#36891',
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    /** What was being deleted when its namespace went, and had been there for some time. */
    let left: string | null = null;
    ledger.on<Namespace>("namespaces", ({ key, after }) => {
      if (after !== null) return;
      for (const resource of ledger.resources())
        for (const { key: of, object } of ledger.all(resource).values())
          if (namespaceOf(of) === key && isDeleting(object) && resource !== "events") {
            const ageUs = context.now() - microsOf(object.metadata.creationTimestamp ?? "");
            if (ageUs > KNOWN_US) left ??= `${resource} ${of} was being deleted when its namespace went`;
          }
    });
    return ledger.with({
      pending() {
        if (left !== null) return left;
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
