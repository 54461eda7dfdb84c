import type { Node } from "../../models/machinery/kinds/index.ts";
import { overlap } from "../../models/network/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";

/** S43. The blocks of pod addresses of any two nodes have no address in common. */
export const nodeBlocksAreDisjoint: ClusterProperty = {
  id: "network/node-blocks-are-disjoint",
  kind: "always",
  source:
    "kubernetes pkg/controller/nodeipam/ipam/range_allocator.go; kubernetes#21458, #29058, cloud-provider-azure#4556",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    ledger.on<Node>("nodes", ({ before, after, revision }) => {
      if (after === null || blocksOf(after).join() === (before === null ? "" : blocksOf(before).join())) return;
      const nodes = [...ledger.all<Node>("nodes").values()].map(({ key, object }) => ({
        name: key,
        podCIDRs: blocksOf(object),
      }));
      const pair = overlap(nodes);
      if (pair === null) return;
      const [one, other] = pair.map((name) => `${name} (${nodes.find((node) => node.name === name)!.podCIDRs.join()})`);
      context.violate(`the blocks of nodes ${one} and ${other} overlap`, { revision });
    });
    return ledger.with();
  },
};

function blocksOf({ spec }: Node): readonly string[] {
  return spec?.podCIDRs ?? (spec?.podCIDR === undefined || spec.podCIDR === "" ? [] : [spec.podCIDR]);
}
