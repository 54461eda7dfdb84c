import type { ApiRequest } from "../../models/machinery/api.ts";
import type { KubeObject, Namespace, Uid } from "../../models/machinery/kinds/index.ts";
import { callLedgerOf, keyOfRequest } from "../cluster/calls.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";

/** Stands for all finalizers: an update that names no version takes away what its author never saw. */
const ALL = "*";

/**
 * S14. An object goes only when each of its finalizers was taken away by somebody. The last of them may be taken away and
 * the object deleted in one go, so that in the store it is gone with its finalizers on: then somebody must have asked.
 */
export const finalizersHold: ClusterProperty = {
  id: "apiserver/finalizers-hold",
  kind: "always",
  source:
    'kubernetes apimachinery meta/v1 ObjectMeta.Finalizers: "Must be empty before the object is deleted from the registry"; registry/generic/registry/store.go, deleteWithoutFinalizers',
  monitor(context) {
    const calls = callLedgerOf(context);
    const { ledger } = calls;
    /** By the object's UID: finalizers that somebody asked to take away. */
    const asked = new Map<Uid, Set<string>>();
    calls.listen({
      called({ request }) {
        if (request.verb !== "update" && request.verb !== "patch") return;
        const object = ledger.get(request.resource, keyOfRequest(request))?.object;
        const uid = object?.metadata.uid;
        if (object === undefined || uid === undefined) return;
        const taken = takenAway(request, object);
        if (taken.length === 0) return;
        const known = asked.get(uid) ?? new Set();
        for (const finalizer of taken) known.add(finalizer);
        asked.set(uid, known);
      },
    });
    ledger.on("*", ({ resource, key, before, after, revision }) => {
      if (before === null || after !== null) return;
      const uid = before.metadata.uid ?? "";
      const known = asked.get(uid);
      const left = finalizersOf(before).find((one) => !known?.has(one) && !known?.has(ALL));
      asked.delete(uid);
      if (left !== undefined)
        context.violate(`${resource} ${key} is gone, and nobody took its finalizer ${left} away`, { revision });
    });
    return calls.with();
  },
};

/** Those of the metadata, and of a namespace those of its spec. */
function finalizersOf(object: KubeObject): readonly string[] {
  const ofSpec = object.kind === "Namespace" ? ((object as Namespace).spec?.finalizers ?? []) : [];
  return [...(object.metadata.finalizers ?? []), ...ofSpec];
}

function takenAway(request: ApiRequest, object: KubeObject): readonly string[] {
  const had = finalizersOf(object);
  if (request.verb === "update") {
    if ((request.object.metadata.resourceVersion ?? "") === "") return [ALL];
    const kept = finalizersOf(request.object);
    return had.filter((one) => !kept.includes(one));
  }
  if (request.verb !== "patch") return [];
  const { metadata } = request.patch as { readonly metadata?: Readonly<Record<string, unknown>> };
  if (metadata === undefined || metadata === null) return [];
  const listed = metadata.finalizers;
  if (listed === null) return had;
  const removed = (metadata["$deleteFromPrimitiveList/finalizers"] as readonly string[] | undefined) ?? [];
  if (!Array.isArray(listed)) return removed;
  return request.type === "merge" ? had.filter((one) => !listed.includes(one)) : removed;
}
