import type { EndpointSlice, Pod, Service } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { type ClusterLedger, clusterLedgerOf } from "../cluster/ledger.ts";
import { isDeleting, isReady, isTerminal, namespaceOf, selects } from "../cluster/objects.ts";

/**
 * L9. The endpoints of a service are a function of its pods: those of its namespace that it selects, have an address and
 * have not ended; each once, ready if the pod is ready and not being deleted.
 */
export const endpointsFollowPods: ClusterProperty = {
  id: "workloads/endpoints-follow-pods",
  kind: "eventually",
  source:
    "kubernetes staging/src/k8s.io/endpointslice/utils.go, ShouldPodBeInEndpoints, podToEndpoint; kubernetes#50067, #125638, #47711, #85353",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    return ledger.with({
      pending() {
        const wanted = wantedIn(ledger);
        const told = toldIn(ledger);
        for (const [service, endpoints] of wanted) {
          const why = whyDifferent(service, endpoints, told.get(service) ?? new Map());
          if (why !== null) return why;
        }
        for (const [service, endpoints] of told)
          if (!wanted.has(service) && ledger.get("services", service) === undefined && endpoints.size > 0)
            return `service ${service} is gone, and has endpoints still`;
        return null;
      },
    });
  },
};

/** By address: whether it is ready, and which pod it is. `twice`: it is told of more than once. */
type Endpoints = Map<string, { readonly ready: boolean; readonly pod: string; readonly twice: boolean }>;

function wantedIn(ledger: ClusterLedger): Map<string, Endpoints> {
  const wanted = new Map<string, Endpoints>();
  for (const { key, object } of ledger.all<Service>("services").values()) {
    const { selector, publishNotReadyAddresses = false, type } = object.spec;
    if (selector === undefined || Object.keys(selector).length === 0 || type === "ExternalName" || isDeleting(object))
      continue;
    const endpoints: Endpoints = new Map();
    for (const stored of ledger.all<Pod>("pods").values()) {
      if (namespaceOf(stored.key) !== namespaceOf(key) || isTerminal(stored.object)) continue;
      const address = stored.object.status?.podIP ?? "";
      if (address === "" || !selects({ matchLabels: selector }, stored.object.metadata.labels)) continue;
      const ready = publishNotReadyAddresses || (isReady(stored.object) && !isDeleting(stored.object));
      endpoints.set(address, { ready, pod: stored.object.metadata.name, twice: false });
    }
    wanted.set(key, endpoints);
  }
  return wanted;
}

function toldIn(ledger: ClusterLedger): Map<string, Endpoints> {
  const told = new Map<string, Endpoints>();
  for (const { key, object } of ledger.all<EndpointSlice>("endpointslices").values()) {
    const name = object.metadata.labels?.["kubernetes.io/service-name"];
    if (name === undefined || isDeleting(object)) continue;
    const service = `${namespaceOf(key)}/${name}`;
    const endpoints = told.get(service) ?? new Map();
    told.set(service, endpoints);
    for (const { addresses, conditions, targetRef } of object.endpoints ?? [])
      for (const address of addresses)
        endpoints.set(address, {
          ready: conditions?.ready ?? true,
          pod: targetRef?.name ?? "",
          twice: endpoints.has(address),
        });
  }
  return told;
}

function whyDifferent(service: string, wanted: Endpoints, told: Endpoints): string | null {
  for (const [address, { ready, pod }] of wanted) {
    const endpoint = told.get(address);
    if (endpoint === undefined) return `service ${service} has no endpoint for pod ${pod} at ${address}`;
    if (endpoint.twice) return `service ${service} has the endpoint ${address} twice`;
    if (endpoint.ready !== ready)
      return `service ${service} has pod ${pod} as ${endpoint.ready ? "ready" : "not ready"}, and it is${ready ? "" : " not"}`;
  }
  for (const [address, { pod }] of told)
    if (!wanted.has(address))
      return `service ${service} has an endpoint ${address} for pod ${pod}, which is none of its pods`;
  return null;
}
