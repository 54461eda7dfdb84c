import type { Pod, Uid } from "../../models/machinery/kinds/index.ts";
import { callLedgerOf, keyOfRequest } from "../cluster/calls.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";

/** S47. A kubelet deletes pods by their UID, and only such as were bound to its node. */
export const kubeletDeletesWhatItWasTold: ClusterProperty = {
  id: "node/kubelet-deletes-what-it-was-told",
  kind: "always",
  source:
    'kubernetes pkg/kubelet/status/status_manager.go, syncPod: "Preconditions: metav1.NewUIDPreconditions(string(pod.UID))", GracePeriodSeconds 0, once canBeDeleted',
  monitor(context) {
    const calls = callLedgerOf(context);
    /** By UID: the node that the pod was bound to. */
    const nodes = new Map<Uid, string>();
    calls.ledger.on<Pod>("pods", ({ after }) => {
      const node = after?.spec.nodeName;
      if (node !== undefined && after?.metadata.uid !== undefined) nodes.set(after.metadata.uid, node);
    });
    calls.listen({
      called({ request }, { id, config }) {
        if (config.kind !== "kubelet" || request.resource !== "pods") return;
        if (request.verb !== "delete" && request.verb !== "deletecollection") return;
        const uid = request.verb === "delete" ? request.options.preconditions?.uid : undefined;
        const key = keyOfRequest(request);
        if (uid === undefined) context.violate(`${id} deletes pod ${key} by its name alone`, {});
        else if (nodes.get(uid) !== config.node)
          context.violate(`${id} deletes pod ${key} of UID ${uid}, which was never bound to ${config.node}`, {
            uid,
            node: nodes.get(uid) ?? null,
          });
      },
    });
    return calls.with();
  },
};
