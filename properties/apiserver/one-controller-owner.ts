import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";

/** S15. At most one owner reference of an object is its controller's. */
export const oneControllerOwner: ClusterProperty = {
  id: "apiserver/one-controller-owner",
  kind: "always",
  source:
    'kubernetes apimachinery api/validation/objectmeta.go, ValidateOwnerReferences: "Only one reference can have Controller set to true"',
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    ledger.on("*", ({ resource, key, after, revision }) => {
      const references = after?.metadata.ownerReferences;
      if (references === undefined || references.length < 2) return;
      const controllers = references.filter(({ controller }) => controller === true);
      if (controllers.length > 1)
        context.violate(
          `${resource} ${key} is controlled by ${controllers.map(({ kind, name }) => `${kind} ${name}`).join(" and ")}`,
          {
            revision,
          },
        );
    });
    return ledger.with();
  },
};
