import type { DaemonSet } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { daemonNodes } from "../cluster/desired.ts";
import { type ClusterLedger, clusterLedgerOf, type Stored } from "../cluster/ledger.ts";
import { isDeleting, isReady } from "../cluster/objects.ts";
import { programsOf } from "../cluster/programs.ts";
import { isObserved, podsOf, whyNotReady } from "./converging.ts";
import { nodeOf } from "./one-daemon-pod-on-a-node.ts";

/** L1. Each DaemonSet has one ready pod on each node that its template may be on, and none elsewhere; its status says so. */
export const daemonSetsConverge: ClusterProperty = {
  id: "workloads/daemonsets-converge",
  kind: "eventually",
  source:
    'kubernetes concepts, DaemonSet: "As nodes are added to the cluster, Pods are added to them. As nodes are removed from the cluster, those Pods are garbage collected"; kubernetes#78974',
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    const programs = programsOf(context);
    return ledger.with({
      pending() {
        for (const stored of ledger.all<DaemonSet>("daemonsets").values()) {
          if (isDeleting(stored.object) || programs.neverReady(stored.object.spec.template.spec)) continue;
          const why = whyPending(ledger, stored);
          if (why !== null) return why;
        }
        return null;
      },
    });
  },
};

function whyPending(ledger: ClusterLedger, { key, object: set }: Stored<DaemonSet>): string | null {
  const nodes = new Set(daemonNodes(ledger, set));
  const wanted = nodes.size;
  for (const pod of podsOf(ledger, set.metadata.uid ?? "")) {
    if (isDeleting(pod.object) || !isReady(pod.object)) return `DaemonSet ${key} is not complete: ${whyNotReady(pod)}`;
    const node = nodeOf(pod.object);
    if (!nodes.delete(node))
      return `DaemonSet ${key} has pod ${pod.key} on ${node}, which has one already or should have none`;
  }
  const [missing] = nodes;
  if (missing !== undefined) return `DaemonSet ${key} has no pod on ${missing}`;
  const { status } = set;
  if (!isObserved(set))
    return `DaemonSet ${key} is of generation ${set.metadata.generation}, and its status of ${status?.observedGeneration ?? 0}`;
  if ((status?.numberReady ?? 0) !== wanted || (status?.desiredNumberScheduled ?? 0) !== wanted)
    return `the status of DaemonSet ${key} says ${status?.numberReady ?? 0} ready of ${status?.desiredNumberScheduled ?? 0}, where there are ${wanted}`;
  return null;
}
