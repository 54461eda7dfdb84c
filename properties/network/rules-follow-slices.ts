import { mapEntries, mapGet } from "../../models/kernel/index.ts";
import type { Service } from "../../models/machinery/kinds/index.ts";
import type { ProxyState } from "../../models/proxy/types.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { type SliceLedger, sliceLedgerOf } from "./slices.ts";

/** L10. The rules of a proxy are a function of services and slices: computed once more in the simplest way, where nothing is hinted. */
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
    const { cluster, local } = wantedOf(slices, key, config.node);
    if (cluster === null) continue;
    for (const rule of rules) {
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

/** All that are ready, else all that serve and terminate; null: hints say that some are nearer. */
function wantedOf(slices: SliceLedger, service: string, node: string) {
  const endpoints = slices.endpointsOf(service);
  if (endpoints.some(({ hints }) => hints !== undefined)) return { cluster: null, local: null };
  const pick = (own: boolean): string => {
    const from = endpoints.filter(({ nodeName }) => !own || nodeName === node);
    const ready = from.filter(({ conditions }) => conditions?.ready !== false);
    const leaving = from.filter(({ conditions }) => conditions?.serving !== false && conditions?.terminating === true);
    return ips((ready.length > 0 ? ready : leaving).map(({ addresses }) => ({ ip: addresses[0] ?? "" })));
  };
  return { cluster: pick(false), local: pick(true) };
}
