import type { Endpoint, EndpointSlice, Pod, Service } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { type ClusterLedger, clusterLedgerOf } from "../cluster/ledger.ts";
import { isDeleting, isReady, isTerminal, namespaceOf } from "../cluster/objects.ts";

/** Versions of a pod that are looked at, the latest first. */
const VERSIONS_MAX = 64;

/**
 * S45. An endpoint that is written as ready is a pod of that UID which at some version before was ready, not being
 * deleted, not at its end, and had that address.
 */
export const readyEndpointsAreReadyPods: ClusterProperty = {
  id: "network/ready-endpoints-are-ready-pods",
  kind: "always",
  source:
    "kubernetes staging/src/k8s.io/endpointslice/utils.go, podToEndpoint, ShouldPodBeInEndpoints; kubernetes#99345, #109414, #78733",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    ledger.on<EndpointSlice>("endpointslices", ({ key, before, after, revision }) => {
      if (after === null) return;
      const service = serviceOf(ledger, key, after);
      if (service === null || service.spec.publishNotReadyAddresses === true) return;
      const known = new Set((before?.endpoints ?? []).filter(isSaidReady).map(nameOf));
      for (const endpoint of after.endpoints ?? []) {
        if (!isSaidReady(endpoint) || known.has(nameOf(endpoint))) continue;
        const why = whyNot(ledger, endpoint, revision);
        if (why !== null) context.violate(`slice ${key} has ${nameOf(endpoint)} as ready, and ${why}`, { revision });
      }
    });
    return ledger.with();
  },
};

function isSaidReady({ conditions }: Endpoint): boolean {
  return conditions?.ready !== false;
}

function nameOf({ addresses, targetRef }: Endpoint): string {
  return `${addresses[0] ?? ""} of pod ${targetRef?.namespace ?? ""}/${targetRef?.name ?? ""} (${targetRef?.uid ?? ""})`;
}

/** The service of a slice that the controller writes; of others nobody says what they mean. */
function serviceOf(ledger: ClusterLedger, key: string, { metadata }: EndpointSlice): Service | null {
  if (metadata.labels?.["endpointslice.kubernetes.io/managed-by"] !== "endpointslice-controller.k8s.io") return null;
  const name = metadata.labels["kubernetes.io/service-name"] ?? "";
  return ledger.get<Service>("services", `${namespaceOf(key)}/${name}`)?.object ?? null;
}

function whyNot(ledger: ClusterLedger, { addresses, targetRef }: Endpoint, revision: number): string | null {
  if (targetRef?.kind !== "Pod") return null;
  const key = `${targetRef.namespace ?? ""}/${targetRef.name ?? ""}`;
  let hasBeen = false;
  let at = revision;
  for (let looked = 0; looked < VERSIONS_MAX; looked++) {
    const change = ledger.changeUpTo("pods", key, at);
    // What is not known any more may have been so.
    if (change === undefined) return null;
    if (change === null) break;
    const pod = change.after as Pod | null;
    if (pod !== null && pod.metadata.uid === targetRef.uid) {
      hasBeen = true;
      const isIt = pod.status?.podIP === addresses[0] && isReady(pod) && !isDeleting(pod) && !isTerminal(pod);
      if (isIt) return null;
    }
    if (change.previousRevision === 0) break;
    at = change.previousRevision;
  }
  return hasBeen ? "that pod has never been ready with that address" : "there has been no such pod";
}
