import type { Micros } from "../../models/kernel/index.ts";
import type { KubeObject } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { type ClusterLedger, clusterLedgerOf } from "../cluster/ledger.ts";
import { isDeleting } from "../cluster/objects.ts";

/** Where Jobs come and go, some owner is always just gone. */
const GRACE_US: Micros = 10_000_000;

/** L7. What has owners, none of which is there any more, goes too. */
export const danglingDependentsGo: ClusterProperty = {
  id: "workloads/dangling-dependents-go",
  kind: "eventually",
  source:
    'kubernetes concepts, Garbage Collection: "Kubernetes checks for and deletes objects that no longer have owner references, like the pods left behind when you delete a ReplicaSet"; kubernetes#109748',
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    return ledger.with({
      pending() {
        for (const resource of ledger.resources())
          for (const { key, object, atUs } of ledger.all(resource).values()) {
            const owners = object.metadata.ownerReferences ?? [];
            if (
              owners.length === 0 ||
              isDeleting(object) ||
              context.now() - atUs <= GRACE_US ||
              hasOwner(ledger, object)
            )
              continue;
            return `${resource} ${key} is there, and its owner ${owners[0]!.kind} ${owners[0]!.name} of UID ${owners[0]!.uid} is not`;
          }
        return null;
      },
    });
  },
};

/**
 * An owner that is there under another name counts: the collector goes by UIDs, and does not look again at a reference of
 * which only the name has changed (graph_builder.go, referencesDiffs).
 */
function hasOwner(ledger: ClusterLedger, { metadata }: KubeObject): boolean {
  return (metadata.ownerReferences ?? []).some(({ uid }) => ledger.byUid(uid) !== undefined);
}
