import type { Node } from "../../models/machinery/kinds/index.ts";
import type { RuntimeState } from "../../models/runtime/types.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { runningLedgerOf } from "../cluster/running.ts";

/**
 * S43. What runs on a node has an address of the node's block, and no two pods there have the same. A sandbox keeps its address
 * when its node gets another block: any that the node has had will do.
 */
export const podAddressesAreUnique: ClusterProperty = {
  id: "node/pod-addresses-are-unique",
  kind: "always",
  source: "CNI plugins, ipam/host-local: an address is reserved until CNI DEL; kubernetes, Cluster Networking",
  monitor(context) {
    const running = runningLedgerOf(context);
    const ledger = clusterLedgerOf(context);
    const blocks = new Map<string, Set<string>>();
    ledger.on<Node>("nodes", ({ key, after }) => {
      const block = after?.spec?.podCIDR ?? "";
      if (block !== "") blocks.set(key, (blocks.get(key) ?? new Set()).add(block));
    });
    running.listen({
      started({ process, container: { sandboxId, podNamespace, podName, podUid } }) {
        if (process.state.kind !== "runtime") return;
        const { sandboxes, config }: RuntimeState = process.state;
        const own = sandboxes.find(({ id }) => id === sandboxId);
        if (own === undefined || own.ip === "") return;
        const other = sandboxes.find(({ id, ip, state }) => id !== sandboxId && state === "ready" && ip === own.ip);
        const pod = `${podNamespace}/${podName}`;
        // One that the node brings along is used before the node is registered.
        const brought = config.podCIDR === "" ? [] : [config.podCIDR];
        const had = [...new Set([...brought, ...(blocks.get(config.node) ?? [])])];
        if (other !== undefined)
          context.violate(
            `pod ${pod} runs at ${process.id} with the address ${own.ip}, which pod ${other.podNamespace}/${other.podName} has as well`,
            { uid: podUid, other: other.podUid },
          );
        else if (!had.some((block) => isIn(own.ip, block)))
          context.violate(
            `pod ${pod} runs at ${process.id} with the address ${own.ip}, and its node has had ${had.join() || "no block"}`,
            { uid: podUid },
          );
      },
    });
    return ledger.with(running.with());
  },
};

function isIn(ip: string, block: string): boolean {
  const [base = "", bits = ""] = block.split("/");
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(ip) / size) === Math.floor(numberOf(base) / size);
}

function numberOf(ip: string): number {
  return ip.split(".").reduce((number, part) => number * 256 + Number(part), 0);
}
