import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { decisionsOf, evidenceOf } from "./decisions.ts";
import { naiveRefusals } from "./feasible.ts";

/**
 * S21. Of the node that a pod gets no filter says no, by what the scheduler had before it: the nodes and pods of its snapshot,
 * those that it has assumed, those that others make room for, claims and volumes.
 */
export const boundPodsPassedFilters: ClusterProperty = {
  id: "scheduler/bound-pods-passed-filters",
  kind: "always",
  source: "kubernetes pkg/scheduler/schedule_one.go, findNodesThatPassFilters; kubernetes#72013",
  monitor(context) {
    const decisions = decisionsOf(context);
    decisions.listen((decided) => {
      const { known, pod, decision } = decided;
      if (decision.node === "") return;
      const node = known.cluster.nodes.find(({ metadata }) => metadata.name === decision.node);
      const against = node === undefined ? ["there is no such node"] : naiveRefusals(known, pod, node);
      if (against.length === 0) return;
      context.violate(
        `${decided.name} gets ${decision.node}, and should not: ${against.join(", ")}`,
        evidenceOf(decided),
      );
    });
    return decisions.with();
  },
};
