import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";

/** A delete may still ask for another propagation (registry/generic/registry/store.go, deletionFinalizersForGarbageCollection). */
const OF_PROPAGATION: readonly string[] = ["orphan", "foregroundDeletion"];

/** S14. Once an object is being deleted, that is never taken back or put off, and nobody gets to add a finalizer. */
export const deletionIsFinal: ClusterProperty = {
  id: "apiserver/deletion-is-final",
  kind: "always",
  source:
    'kubernetes apimachinery meta/v1 ObjectMeta.DeletionTimestamp: "Once set, this value may not be unset or be set further into the future"; api/validation/objectmeta.go, ValidateNoNewFinalizers: "no new finalizers can be added if the object is being deleted"',
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    ledger.on("*", ({ resource, key, before, after, revision }) => {
      const ends = before?.metadata.deletionTimestamp;
      if (ends === undefined || before === null || after === null) return;
      if (before.metadata.uid !== after.metadata.uid) return;
      const endsNow = after.metadata.deletionTimestamp;
      if (endsNow === undefined) context.violate(`the deletion of ${resource} ${key} is taken back`, { revision });
      else if (endsNow > ends)
        context.violate(`the deletion of ${resource} ${key} is put off from ${ends} to ${endsNow}`, { revision });
      const had = before.metadata.finalizers ?? [];
      const added = (after.metadata.finalizers ?? []).find(
        (one) => !had.includes(one) && !OF_PROPAGATION.includes(one),
      );
      if (added !== undefined)
        context.violate(`finalizer ${added} is added to ${resource} ${key}, which is being deleted`, { revision });
    });
    return ledger.with();
  },
};
