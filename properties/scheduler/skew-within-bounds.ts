import type { Node, Pod } from "../../models/machinery/kinds/index.ts";
import { tolerated, wantsNode } from "../../models/scheduler/naive/filter.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { decisionsOf, evidenceOf } from "./decisions.ts";
import { skewWith } from "./spread.ts";

/** Q1. When a pod gets its node, no domain is ahead of the emptiest by more than its constraints allow. */
export const skewWithinBounds: ClusterProperty = {
  id: "scheduler/skew-within-bounds",
  kind: "always",
  source:
    "kubernetes concepts, Pod Topology Spread Constraints: maxSkew; pkg/scheduler/framework/plugins/podtopologyspread/filtering.go",
  monitor(context) {
    const decisions = decisionsOf(context);
    decisions.listen((decided) => {
      const { pod, decision, known } = decided;
      const hard = (pod.spec.topologySpreadConstraints ?? []).filter(
        ({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule",
      );
      const node = known.cluster.nodes.find(({ metadata }) => metadata.name === decision.node);
      if (hard.length === 0 || node === undefined) return;
      const { pods, nodes } = known.cluster;
      const withAllKeys = nodes.filter(({ metadata }) =>
        hard.every(({ topologyKey }) => metadata.labels?.[topologyKey] !== undefined),
      );
      for (const constraint of hard) {
        // A constraint with labels of its own revision is left to the filters.
        if ((constraint.matchLabelKeys ?? []).length > 0) continue;
        const counted = withAllKeys.filter(
          (one) =>
            (constraint.nodeAffinityPolicy === "Ignore" || wantsNode(pod, one)) &&
            (constraint.nodeTaintsPolicy !== "Honor" || isTolerated(pod, one)),
        );
        const skew = skewWith(pods, counted, pod, node, constraint);
        if (skew <= constraint.maxSkew) continue;
        const { topologyKey, maxSkew } = constraint;
        context.violate(
          `${decided.name} on ${decision.node} makes a skew of ${skew} over ${topologyKey}, and ${maxSkew} is allowed`,
          evidenceOf(decided),
        );
        return;
      }
    });
    return decisions.with();
  },
};

function isTolerated(pod: Pod, { spec }: Node): boolean {
  return (spec?.taints ?? []).every((taint) => taint.effect === "PreferNoSchedule" || tolerated(taint, pod));
}
