import type { Service } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { type Change, clusterLedgerOf } from "../cluster/ledger.ts";

/** S44. No two services have the same ClusterIP, or the same node port of a protocol; nor one twice. */
export const serviceAddressesAreUnique: ClusterProperty = {
  id: "network/service-addresses-are-unique",
  kind: "always",
  source: "kubernetes pkg/registry/core/service; kubernetes#37488, #43233, #54885, #64466",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    const holders = new Map<string, string>();
    ledger.on<Service>("services", ({ key, before, after, revision }: Change<Service>) => {
      for (const item of before === null ? [] : itemsOf(before)) if (holders.get(item) === key) holders.delete(item);
      if (after === null) return;
      const items = itemsOf(after);
      const twice = items.find((item, at) => items.indexOf(item) !== at);
      if (twice !== undefined) context.violate(`service ${key} has ${twice} twice`, { revision });
      for (const item of items) {
        const other = holders.get(item);
        if (other !== undefined && other !== key)
          context.violate(`services ${other} and ${key} both have ${item}`, { revision });
        holders.set(item, key);
      }
    });
    return ledger.with();
  },
};

/** What it holds, in words. The health check's port is one of TCP. */
function itemsOf({ spec }: Service): readonly string[] {
  const { clusterIP = "", ports = [], healthCheckNodePort = 0, type } = spec;
  const items = clusterIP === "" || clusterIP === "None" || type === "ExternalName" ? [] : [`the address ${clusterIP}`];
  for (const { protocol = "TCP", nodePort = 0 } of ports)
    if (nodePort !== 0) items.push(`the node port ${nodePort}/${protocol}`);
  return healthCheckNodePort === 0 ? items : [...items, `the node port ${healthCheckNodePort}/TCP`];
}
