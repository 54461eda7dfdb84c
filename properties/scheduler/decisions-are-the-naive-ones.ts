import type { Node } from "../../models/machinery/kinds/index.ts";
import { naiveScores } from "../../models/scheduler/naive/score.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { type Decided, decisionsOf, evidenceOf } from "./decisions.ts";
import { naiveRefusals } from "./feasible.ts";
import { withDefaultSpread } from "./spread.ts";

/** With more nodes than these not all of them are looked at. */
const NODES_MAX = 99;

/**
 * A decision equals that of a second implementation on the same snapshot: where no node is found there is none, and where one
 * is, none of the others that fit has a better score.
 */
export const decisionsAreTheNaiveOnes: ClusterProperty = {
  id: "scheduler/decisions-are-the-naive-ones",
  kind: "always",
  source: "kubernetes pkg/scheduler/schedule_one.go, schedulePod and selectHost",
  monitor(context) {
    const decisions = decisionsOf(context);
    decisions.listen((decided) => {
      if (decided.known.cluster.nodes.length > NODES_MAX || decided.isError) return;
      const wrong = differenceOf(decided);
      if (wrong !== null) context.violate(`${decided.name} ${wrong}`, evidenceOf(decided));
    });
    return decisions.with();
  },
};

function differenceOf(decided: Decided): string | null {
  const { known, pod, decision } = decided;
  const feasible = known.cluster.nodes.filter((node) => naiveRefusals(known, pod, node).length === 0);
  if (decision.node === "")
    return feasible.length === 0 ? null : `gets no node, and ${namesOf(feasible)} can take it: ${decision.message}`;
  // The node that others have made room on is tried first, and by itself.
  if (feasible.length < 2 || pod.status?.nominatedNodeName === decision.node) return null;
  const spread = withDefaultSpread(decided.state, known.cluster.nodes, pod);
  if (spread === null) return null;
  const totals = naiveScores(known.cluster, spread, feasible);
  const most = Math.max(...totals);
  const at = feasible.findIndex(({ metadata }) => metadata.name === decision.node);
  if (at < 0 || totals[at] === most) return null;
  const scores = feasible.map(({ metadata }, i) => `${metadata.name} ${totals[i]}`);
  return `gets ${decision.node}, which is not the best of ${scores.join(", ")}`;
}

function namesOf(nodes: readonly Node[]): string {
  return nodes.map(({ metadata }) => metadata.name).join(", ");
}
