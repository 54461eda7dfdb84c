import type { Micros } from "../../models/kernel/index.ts";
import type { ReplicaSet } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { isDeleting } from "../cluster/objects.ts";
import { RecentNumbers } from "../cluster/recent.ts";
import { creationsOf, watchingCreations } from "./creations.ts";

/** How long a sync may take that was begun with other replicas, or before the deletion was seen. */
const SYNC_US: Micros = 30_000_000;

/**
 * S25. A ReplicaSet's controller asks for no pod beyond the replicas, by what it can know: its cache, while that is less
 * than 5 min behind, and what it has made and asked for itself. For a ReplicaSet that is being deleted it asks for none.
 */
export const replicaSetNoOvershoot: ClusterProperty = {
  id: "workloads/replicaset-no-overshoot",
  kind: "always",
  source:
    'kubernetes pkg/controller/replicaset/replica_set.go, manageReplicas, and controller_utils.go, ControllerExpectations: "the controller will not act before its expectations are met or expired"; kubernetes#41675, #57191',
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    const wanted = new RecentNumbers(SYNC_US);
    const deletedAt = new Map<string, Micros>();
    /** By manager and set: the pods that it has asked for since it sees the set deleted, and the most that it wanted. */
    const askedFor = new Map<string, { count: number; most: number }>();
    ledger.on<ReplicaSet>("replicasets", ({ before, after, atUs }) => {
      const uid = (after ?? before)?.metadata.uid ?? "";
      if (after === null) {
        wanted.forget(uid);
        deletedAt.delete(uid);
        return;
      }
      wanted.set(uid, after.spec.replicas ?? 1, atUs);
      if (isDeleting(after) && !deletedAt.has(uid)) deletedAt.set(uid, atUs);
    });
    creationsOf(context).listen(({ process, owner, ownerSeen, known }) => {
      if (owner.kind !== "ReplicaSet" || ownerSeen === null) return;
      const set = ownerSeen as ReplicaSet;
      const now = context.now();
      const most = Math.max(set.spec.replicas ?? 1, wanted.max(owner.uid, now) ?? 0);
      if (known.length >= most)
        context.violate(
          `${process.id} asks for another pod of ReplicaSet ${owner.name}, which wants ${most}, and it knows of ${known.length}`,
          { uid: owner.uid, pods: known.map(({ metadata }) => metadata.name) },
        );
      if (!isDeleting(set)) return;
      // A sync that was begun before may go on, and makes no more than were wanted then.
      const of = `${process.id}/${owner.uid}`;
      const asked = askedFor.get(of) ?? { count: 0, most: 0 };
      askedFor.set(of, { count: asked.count + 1, most: Math.max(asked.most, most) });
      if (now - (deletedAt.get(owner.uid) ?? now) > SYNC_US || asked.count >= Math.max(asked.most, most))
        context.violate(`${process.id} asks for a pod of ReplicaSet ${owner.name}, which it knows to be deleted`, {
          uid: owner.uid,
        });
    });
    return watchingCreations(context);
  },
};
