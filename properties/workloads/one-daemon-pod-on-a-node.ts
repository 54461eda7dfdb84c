import type { DaemonSet, Pod } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { creationsOf, watchingCreations } from "./creations.ts";

/**
 * S31. A DaemonSet's controller asks for no second pod on a node, by what it can know. With maxSurge there may be two
 * while one takes the place of the other.
 */
export const oneDaemonPodOnANode: ClusterProperty = {
  id: "workloads/one-daemon-pod-on-a-node",
  kind: "always",
  source:
    'kubernetes concepts, DaemonSet: "A DaemonSet ensures that all (or some) Nodes run a copy of a Pod"; pkg/controller/daemon/daemon_controller.go, podsShouldBeOnNode; kubernetes#14528',
  monitor(context) {
    creationsOf(context).listen(({ process, owner, ownerSeen, pod, known }) => {
      if (owner.kind !== "DaemonSet") return;
      const node = nodeOf(pod);
      const surge = (ownerSeen as DaemonSet | null)?.spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0;
      const most = surge === 0 || surge === "0%" ? 1 : 2;
      const there = known.filter((one) => nodeOf(one) === node);
      if (node === "" || there.length < most) return;
      context.violate(
        `${process.id} asks for another pod of DaemonSet ${owner.name} on ${node}, and it knows of ${there.length} there`,
        { uid: owner.uid, node, pods: there.map(({ metadata }) => metadata.name) },
      );
    });
    return watchingCreations(context);
  },
};

/** The node that a daemon pod is on or made for (daemon/util, ReplaceDaemonSetPodNodeNameNodeAffinity). */
export function nodeOf({ spec }: Pod): string {
  if (spec.nodeName !== undefined && spec.nodeName !== "") return spec.nodeName;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const { matchFields = [] } of terms)
    for (const { key, values } of matchFields) if (key === "metadata.name") return values?.[0] ?? "";
  return "";
}
