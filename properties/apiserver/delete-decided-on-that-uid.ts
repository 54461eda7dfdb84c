import type { RequestId } from "../../models/kernel/index.ts";
import type { ApiResponse } from "../../models/machinery/api.ts";
import type { Uid } from "../../models/machinery/kinds/index.ts";
import { callLedgerOf, keyOfRequest } from "../cluster/calls.ts";
import type { ClusterProcess, ClusterProperty } from "../cluster/cluster-property.ts";
import { cachedObject } from "../cluster/informers.ts";

/**
 * S12. A delete hits the object that its author decided on: the UID that it named, or, where it named none, the one that
 * it saw under this name.
 *
 * A person at kubectl means the name. Pods are another exception: the controllers and the scheduler of Kubernetes 1.36
 * delete them by name alone (controller_utils.go, RealPodControl.DeletePod), so that a pod recreated under its name, as
 * those of a StatefulSet are, may be hit; that is what `workloads/sometimes/delete-hit-another-uid` counts.
 */
export const deleteDecidedOnThatUid: ClusterProperty = {
  id: "apiserver/delete-decided-on-that-uid",
  kind: "always",
  source:
    "kubernetes apiserver registry/rest/delete.go, BeforeDelete: Preconditions.UID, else 409; kubernetes#25224, #29522: deleted by name, a recreated object was hit",
  monitor(context) {
    const calls = callLedgerOf(context);
    /** What the author of a delete under way had seen. */
    const decided = new Map<RequestId, Uid>();
    calls.listen({
      called({ id, request }, process) {
        if (request.verb !== "delete") return;
        const uid = request.options.preconditions?.uid ?? seenBy(process, request.resource, keyOfRequest(request));
        if (uid !== null) decided.set(id, uid);
        if (decided.size > 1_024) decided.delete(decided.keys().next().value!);
      },
      answered({ id, from, request }, response) {
        const uid = decided.get(id);
        decided.delete(id);
        const hit = uidAnswered(response);
        if (uid === undefined || hit === null || hit === uid) return;
        context.violate(
          `${from} decided to delete ${request.resource} ${keyOfRequest(request)} of UID ${uid}, and that of UID ${hit} was deleted`,
          { decided: uid, deleted: hit },
        );
      },
    });
    return calls.with();
  },
};

function seenBy(process: ClusterProcess, resource: string, key: string): Uid | null {
  const { kind } = process.config;
  if (kind === "kubectl" || (resource === "pods" && kind !== "kubelet")) return null;
  return cachedObject(process.state, resource, key)?.metadata.uid ?? null;
}

/** The UID of what a successful delete has hit; null: it has not succeeded, or says nothing. */
export function uidAnswered(response: ApiResponse): Uid | null {
  if (response.kind === "object") return response.object.metadata.uid ?? null;
  if (response.kind !== "status" || response.status.status !== "Success") return null;
  return response.status.details?.uid ?? null;
}
