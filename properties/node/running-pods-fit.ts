import type { Pod, Uid } from "../../models/machinery/kinds/index.ts";
import { abandonedOf } from "../cluster/abandoned.ts";
import { callLedgerOf } from "../cluster/calls.ts";
import type { ClusterProcess, ClusterProperty } from "../cluster/cluster-property.ts";
import { quantityOf, requestOf } from "../cluster/objects.ts";
import { runningLedgerOf } from "../cluster/running.ts";

const RESOURCES = ["cpu", "memory"] as const;

/**
 * S20. What the pods that run on a node request fits what it has to give.
 *
 * More may be bound to it than fits, as when two schedulers do not know of one another: the kubelet admits what fits, and
 * only that runs. Pods that were given up without its word do not count.
 */
export const runningPodsFit: ClusterProperty = {
  id: "node/running-pods-fit",
  kind: "always",
  source:
    "kubernetes pkg/kubelet/lifecycle/predicate.go, Admit: OutOfcpu, OutOfmemory, OutOfpods; pkg/scheduler/framework/plugins/noderesources/fit.go",
  monitor(context) {
    const calls = callLedgerOf(context);
    const running = runningLedgerOf(context);
    const abandoned = abandonedOf(context);
    const kubelets = new Map<string, ClusterProcess>();
    for (const process of context.processes) if (process.config.kind === "kubelet") kubelets.set(process.host, process);
    running.listen({
      started({ process }) {
        const kubelet = kubeletOf(kubelets.get(process.host));
        if (kubelet === null) return;
        const pods = new Map<Uid, Pod>();
        for (const { container } of running.on(process)) {
          const pod = calls.ledger.byUid(container.podUid)?.object as Pod | undefined;
          if (pod !== undefined && !abandoned.has(container.podUid)) pods.set(container.podUid, pod);
        }
        const { allocatable, node } = kubelet;
        for (const resource of RESOURCES) {
          let requested = 0;
          for (const pod of pods.values()) requested += requestOf(pod, resource);
          const available = allocatable[resource];
          if (available === undefined || requested <= quantityOf(available) * (1 + 1e-9)) continue;
          context.violate(`the pods that run on ${node} request ${requested} of ${resource}, and it has ${available}`, {
            pods: [...pods.values()].map(({ metadata }) => metadata.name).sort(),
          });
          return;
        }
        if (allocatable.pods !== undefined && pods.size > quantityOf(allocatable.pods))
          context.violate(`${pods.size} pods run on ${node}, which has room for ${allocatable.pods}`, {});
      },
    });
    return calls.with(running.with());
  },
};

function kubeletOf(process: ClusterProcess | undefined) {
  return process?.config.kind === "kubelet" ? process.config : null;
}
