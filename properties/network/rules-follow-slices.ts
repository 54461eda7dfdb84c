import { mapEntries, mapGet } from "../../models/kernel/index.ts";
import type { Endpoint, Node, Service } from "../../models/machinery/kinds/index.ts";
import type { ProxyState } from "../../models/proxy/types.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { type SliceLedger, sliceLedgerOf } from "./slices.ts";

/** L10. The rules of a proxy are a function of services and slices: computed once more in the simplest way. */
export const rulesFollowSlices: ClusterProperty = {
  id: "network/rules-follow-slices",
  kind: "eventually",
  source: "kubernetes pkg/proxy/topology.go, CategorizeEndpoints",
  monitor(context) {
    const slices = sliceLedgerOf(context);
    return slices.ledger.with({
      pending() {
        for (const { id, status, state } of context.processes) {
          if (status !== "up" || state?.kind !== "proxy") continue;
          const why = whyDifferent(slices, state);
          if (why !== null) return `${id}: ${why}`;
        }
        return null;
      },
    });
  },
};

function whyDifferent(slices: SliceLedger, { kernel, config }: ProxyState): string | null {
  const services = slices.ledger.all<Service>("services");
  for (const [key, { object }] of services) {
    const { type, clusterIP = "", ports = [] } = object.spec;
    const rules = mapGet(kernel.rules, key) ?? [];
    if (type === "ExternalName" || clusterIP === "" || clusterIP === "None") {
      if (rules.length > 0) return `it has rules of ${key}, which has no address`;
      continue;
    }
    if (rules.length !== ports.length) return `it has rules of ${rules.length} of ${ports.length} ports of ${key}`;
    for (const rule of rules) {
      const { cluster, local } = wantedOf(slices, key, rule.portName, config.node);
      const usesCluster = !rule.internalLocal || rule.nodePort !== 0;
      if (usesCluster && ips(rule.cluster) !== cluster)
        return `${key} goes to ${ips(rule.cluster)}, and should to ${cluster}`;
      if (rule.internalLocal && ips(rule.local) !== local)
        return `${key} goes to ${ips(rule.local)} on its node, and should to ${local}`;
    }
  }
  for (const [key] of mapEntries(kernel.rules)) if (!services.has(key)) return `it has rules of ${key}, which is gone`;
  return null;
}

function ips(targets: readonly { readonly ip: string }[]): string {
  return [...new Set(targets.map(({ ip }) => ip))].sort().join(", ");
}

/** All that are ready, or the near ones of them; else all that serve and terminate. */
function wantedOf(slices: SliceLedger, service: string, portName: string, node: string) {
  const endpoints = slices.endpointsAt(service, Number.MAX_SAFE_INTEGER, portName) ?? [];
  const own = endpoints.filter(({ nodeName }) => nodeName === node);
  const usable = (from: readonly Endpoint[], near: (ready: readonly Endpoint[]) => readonly Endpoint[]): string => {
    const ready = from.filter(({ conditions }) => conditions?.ready !== false);
    const leaving = from.filter(({ conditions }) => conditions?.serving !== false && conditions?.terminating === true);
    return ips((ready.length > 0 ? near(ready) : leaving).map(({ addresses }) => ({ ip: addresses[0] ?? "" })));
  };
  const zone = slices.ledger.get<Node>("nodes", node)?.object.metadata.labels?.["topology.kubernetes.io/zone"] ?? "";
  return { cluster: usable(endpoints, (ready) => nearest(ready, node, zone)), local: usable(own, (ready) => ready) };
}

/** Those for this node; else those for its zone; all, where one of them is for nobody, or none for here. */
function nearest(ready: readonly Endpoint[], node: string, zone: string): readonly Endpoint[] {
  for (const [hint, here] of [
    ["forNodes", node],
    ["forZones", zone],
  ] as const) {
    const isFor = ({ hints }: Endpoint) => hints?.[hint]?.some(({ name }) => name === here) ?? false;
    const all = ready.every(({ hints }) => (hints?.[hint]?.length ?? 0) > 0);
    if (here !== "" && all && ready.some(isFor)) return ready.filter(isFor);
  }
  return ready;
}
