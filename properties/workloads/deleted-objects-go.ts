import type { Micros } from "../../models/kernel/index.ts";
import type { KubeObject } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { isDeleting } from "../cluster/objects.ts";

/** Finalizers that the cluster's own controllers take away. */
const OWN: readonly string[] = ["orphan", "foregroundDeletion", "batch.kubernetes.io/job-tracking"];

/** Where Jobs come and go, something is always just being deleted. */
const GRACE_US: Micros = 10_000_000;

/** L8. What is deleted goes, unless a finalizer of somebody else's holds it. */
export const deletedObjectsGo: ClusterProperty = {
  id: "workloads/deleted-objects-go",
  kind: "eventually",
  source: "kubernetes concepts, Finalizers; pkg/controller/namespace/deletion; kubernetes#77081, #36891, #109485",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    return ledger.with({
      pending() {
        for (const resource of ledger.resources())
          for (const { key, object, atUs } of ledger.all(resource).values())
            if (isDeleting(object) && isOurs(object) && context.now() - atUs > GRACE_US) {
              const { finalizers = [], deletionTimestamp } = object.metadata;
              return `${resource} ${key} is being deleted${finalizers.length === 0 ? "" : `, with finalizers ${finalizers.join(", ")}`}, and should have gone by ${deletionTimestamp}`;
            }
        return null;
      },
    });
  },
};

function isOurs({ metadata }: KubeObject): boolean {
  return (metadata.finalizers ?? []).every((finalizer) => OWN.includes(finalizer));
}
