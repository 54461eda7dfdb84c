import type { Micros } from "../../models/kernel/index.ts";
import type { Uid } from "../../models/machinery/kinds/index.ts";
import { callLedgerOf, keyOfRequest } from "../cluster/calls.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { isDeleting, same } from "../cluster/objects.ts";
import { isSolid } from "./gc-spares-live-owners.ts";

/**
 * S33. An object whose owner was deleted with the propagation policy Orphan is not collected for its sake, if it was its
 * dependent before that, however short. The real collector may not have heard of one that came just before; this one asks.
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
    /** Of these somebody has asked for the opposite as well: the later of two takes the place of the earlier. */
    const contested = new Set<Uid>();
    calls.ledger.on("*", ({ before, after, atUs }) => {
      const uid = (after ?? before)?.metadata.uid ?? "";
      if (after === null) {
        createdAt.delete(uid);
        return;
      }
      // When it got the owners that it has now.
      if (!same(before?.metadata.ownerReferences ?? null, after.metadata.ownerReferences ?? null))
        createdAt.set(uid, atUs);
      if (isDeleting(after) && (after.metadata.finalizers ?? []).includes("orphan") && !orphaning.has(uid))
        orphaning.set(uid, atUs);
    });
    calls.listen({
      called({ request }, { id, config }) {
        if (request.verb !== "delete") return;
        const { preconditions, propagationPolicy } = request.options;
        if (propagationPolicy === "Background" || propagationPolicy === "Foreground")
          contested.add(calls.ledger.get(request.resource, keyOfRequest(request))?.object.metadata.uid ?? "");
        if (config.kind !== "controllerManager") return;
        if (preconditions?.uid === undefined || propagationPolicy === undefined) return;
        const stored = calls.ledger.get(request.resource, keyOfRequest(request));
        if (stored === undefined || stored.object.metadata.uid !== preconditions.uid) return;
        const owners = stored.object.metadata.ownerReferences ?? [];
        const owner = owners.find(({ uid }) => orphaning.has(uid) && !contested.has(uid));
        if (owner === undefined || owners.some((one) => isSolid(calls.ledger, stored.object, one))) return;
        if ((createdAt.get(preconditions.uid) ?? Number.POSITIVE_INFINITY) > orphaning.get(owner.uid)!) return;
        context.violate(
          `${id} collects ${request.resource} ${stored.key}, whose owner ${owner.kind} ${owner.name} was deleted so as to leave it behind`,
          { uid: preconditions.uid, owner: owner.uid },
        );
      },
    });
    return calls.with();
  },
};
