import type { UnstructuredObject } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";

/** S13. What a controller says it has observed has existed: `status.observedGeneration` is never above the generation. */
export const observedGenerationNotAhead: ClusterProperty = {
  id: "apiserver/observed-generation-not-ahead",
  kind: "always",
  source:
    "kubernetes api-conventions, Typical status properties: observedGeneration is the generation most recently observed",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    ledger.on<UnstructuredObject>("*", ({ resource, key, after, revision }) => {
      const observed = (after?.status as { readonly observedGeneration?: unknown } | undefined)?.observedGeneration;
      if (typeof observed !== "number" || after === null) return;
      const generation = after.metadata.generation ?? 0;
      if (observed > generation)
        context.violate(`the status of ${resource} ${key} is of generation ${observed}, and it has ${generation}`, {
          revision,
        });
    });
    return ledger.with();
  },
};
