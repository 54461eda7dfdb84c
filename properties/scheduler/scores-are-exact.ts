import { naiveScores } from "../../models/scheduler/naive/score.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { decisionsOf, evidenceOf } from "./decisions.ts";
import { withDefaultSpread } from "./spread.ts";

/** Q10. The score of a node is what the formulas of the plugins make it, in integers, each times its weight. */
export const scoresAreExact: ClusterProperty = {
  id: "scheduler/scores-are-exact",
  kind: "always",
  source:
    "kubernetes pkg/scheduler/framework/runtime/framework.go, RunScorePlugins; pkg/scheduler/apis/config/v1/default_plugins.go",
  monitor(context) {
    const decisions = decisionsOf(context);
    decisions.listen((decided) => {
      const { known, decision, state, pod } = decided;
      const { scores } = decision;
      if (scores.length === 0) return;
      const byName = new Map(known.cluster.nodes.map((node) => [node.metadata.name, node]));
      const nodes = scores.map(({ node }) => byName.get(node));
      const spread = withDefaultSpread(state, known.cluster.nodes, pod);
      if (spread === null || nodes.includes(undefined)) return;
      const exact = naiveScores(known.cluster, spread, nodes as never);
      const at = scores.findIndex(({ total }, i) => total !== exact[i]);
      if (at < 0) return;
      const { node, total } = scores[at]!;
      context.violate(`${node} has a score of ${total} for ${decided.name}, and it is ${exact[at]}`, {
        ...evidenceOf(decided),
        scores,
        exact,
      });
    });
    return decisions.with();
  },
};
