import type { Toleration } from "../../machinery/kinds/index.ts";
import type { Plugin } from "../framework/plugin.ts";
import { unresolvable } from "../framework/status.ts";
import { hasUntoleratedTaint, isTolerated } from "../framework/taints.ts";
import { normalisedByHighest } from "./common.ts";

const UNTOLERATED = unresolvable("node(s) had untolerated taint(s)");

/** plugins/tainttoleration/taint_toleration.go. Its score is the number of PreferNoSchedule taints that are not tolerated. */
export const taintToleration: Plugin<never, readonly Toleration[]> = {
  name: "TaintToleration",
  canRefuse: ({ snapshot }) => snapshot.isTainted,
  filter: (_, { pod }, { node }) =>
    hasUntoleratedTaint(node.spec?.taints, pod.pod.spec.tolerations) ? UNTOLERATED : null,
  preScore: ({ pod }) => ({
    status: null,
    state: (pod.pod.spec.tolerations ?? []).filter(
      ({ effect }) => effect === undefined || (effect as string) === "" || effect === "PreferNoSchedule",
    ),
  }),
  score: (tolerations, _, { node }) => {
    const taints = node.spec?.taints;
    if (taints === undefined) return 0;
    let count = 0;
    for (const taint of taints) if (taint.effect === "PreferNoSchedule" && !isTolerated(taint, tolerations!)) count++;
    return count;
  },
  normalise: (_, scores) => normalisedByHighest(scores, true),
};
