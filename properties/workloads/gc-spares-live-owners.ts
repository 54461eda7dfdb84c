import type { Micros } from "../../models/kernel/index.ts";
import type { KubeObject, OwnerReference, Uid } from "../../models/machinery/kinds/index.ts";
import { resourceOfKind } from "../../models/machinery/resources.ts";
import { callLedgerOf, keyOfRequest } from "../cluster/calls.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import type { ClusterLedger } from "../cluster/ledger.ts";
import { isDeleting, joinKey } from "../cluster/objects.ts";

/** A collector reads its owners no longer than this before it deletes. */
const READ_US: Micros = 30_000_000;

/**
 * S32. The garbage collector deletes no object that has an owner which is there under its UID, where the reference says,
 * and does not itself wait for its dependents to go. A CronJob's controller deletes Jobs of its own in the same way, beyond
 * its history limits: nothing is said of those.
 */
export const gcSparesLiveOwners: ClusterProperty = {
  id: "workloads/gc-spares-live-owners",
  kind: "always",
  source:
    'kubernetes pkg/controller/garbagecollector/garbagecollector.go, attemptToDeleteItem: "if len(solid) != 0, only delete the references to absent owners"; kubernetes#88097, #65200, #92743',
  monitor(context) {
    const calls = callLedgerOf(context);
    /** By UID: owners that waited for their dependents, and until when. Who asked before cannot know of a change of mind. */
    const waited = new Map<Uid, Micros>();
    calls.ledger.on("*", ({ before, atUs }) => {
      if (before !== null && waits(before)) waited.set(before.metadata.uid ?? "", atUs);
    });
    const hasJustWaited = (uid: Uid) => context.now() - (waited.get(uid) ?? Number.NEGATIVE_INFINITY) < READ_US;
    calls.listen({
      called({ request }, { id, config }) {
        if (config.kind !== "controllerManager" || request.verb !== "delete") return;
        // Of all that a manager deletes, only this says how to propagate and which UID it means.
        const { preconditions, propagationPolicy } = request.options;
        if (preconditions?.uid === undefined || propagationPolicy === undefined) return;
        const stored = calls.ledger.get(request.resource, keyOfRequest(request));
        if (stored === undefined || stored.object.metadata.uid !== preconditions.uid || isDeleting(stored.object))
          return;
        const owner = stored.object.metadata.ownerReferences?.find(
          (one) =>
            (one.kind !== "CronJob" || request.resource !== "jobs") &&
            isSolid(calls.ledger, stored.object, one) &&
            !hasJustWaited(one.uid),
        );
        if (owner !== undefined)
          context.violate(
            `${id} collects ${request.resource} ${stored.key} as garbage, and its owner ${owner.kind} ${owner.name} is there`,
            { uid: stored.object.metadata.uid, owner: owner.uid },
          );
      },
    });
    return calls.with();
  },
};

/** The owner is there, and is not being deleted in the foreground. */
export function isSolid(ledger: ClusterLedger, { metadata }: KubeObject, owner: OwnerReference): boolean {
  const { name: resource, namespaced } = resourceOfKind(owner.apiVersion, owner.kind);
  const found = ledger.get(resource, joinKey(namespaced ? metadata.namespace : "", owner.name))?.object;
  if (found === undefined || found.metadata.uid !== owner.uid) return false;
  return !waits(found);
}

/** It is being deleted in the foreground. */
function waits(object: KubeObject): boolean {
  return isDeleting(object) && (object.metadata.finalizers ?? []).includes("foregroundDeletion");
}
