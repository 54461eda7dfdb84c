import type { Micros } from "../../models/kernel/index.ts";
import type { Uid } from "../../models/machinery/kinds/index.ts";
import { callLedgerOf, keyOfRequest } from "../cluster/calls.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { isDeleting } from "../cluster/objects.ts";
import { isSolid } from "./gc-spares-live-owners.ts";

/** How long a dependent must have been there before the owner was deleted, so that the collector has heard of it. */
const KNOWN_US: Micros = 20_000_000;

/**
 * S33. An object whose owner was deleted with the propagation policy Orphan is not collected for its sake. Dependents that
 * came just before the deletion may not have been heard of, and are not spoken of.
 */
export const orphansAreKept: ClusterProperty = {
  id: "workloads/orphans-are-kept",
  kind: "always",
  source:
    'kubernetes concepts, Garbage Collection: "Kubernetes leaves behind orphaned objects"; pkg/controller/garbagecollector, attemptToOrphan; kubernetes#26120',
  monitor(context) {
    const calls = callLedgerOf(context);
    const createdAt = new Map<Uid, Micros>();
    /** Owners that were deleted with Orphan: when that began. */
    const orphaning = new Map<Uid, Micros>();
    calls.ledger.on("*", ({ before, after, atUs }) => {
      const uid = (after ?? before)?.metadata.uid ?? "";
      if (after === null) {
        createdAt.delete(uid);
        return;
      }
      if (before === null && after.metadata.ownerReferences !== undefined) createdAt.set(uid, atUs);
      if (isDeleting(after) && (after.metadata.finalizers ?? []).includes("orphan") && !orphaning.has(uid))
        orphaning.set(uid, atUs);
    });
    calls.listen({
      called({ request }, { id, config }) {
        if (config.kind !== "controllerManager" || request.verb !== "delete") return;
        const { preconditions, propagationPolicy } = request.options;
        if (preconditions?.uid === undefined || propagationPolicy === undefined) return;
        const stored = calls.ledger.get(request.resource, keyOfRequest(request));
        if (stored === undefined || stored.object.metadata.uid !== preconditions.uid) return;
        const owners = stored.object.metadata.ownerReferences ?? [];
        const owner = owners.find(({ uid }) => orphaning.has(uid));
        if (owner === undefined || owners.some((one) => isSolid(calls.ledger, stored.object, one))) return;
        if ((createdAt.get(preconditions.uid) ?? Number.POSITIVE_INFINITY) > orphaning.get(owner.uid)! - KNOWN_US)
          return;
        context.violate(
          `${id} collects ${request.resource} ${stored.key}, whose owner ${owner.kind} ${owner.name} was deleted so as to leave it behind`,
          { uid: preconditions.uid, owner: owner.uid },
        );
      },
    });
    return calls.with();
  },
};
