import type { Taint } from "../../machinery/kinds/index.ts";
import type { Plugin } from "../framework/plugin.ts";
import { unresolvable } from "../framework/status.ts";
import { isTolerated } from "../framework/taints.ts";

const CORDONED: Taint = Object.freeze({ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" });
const UNSCHEDULABLE = unresolvable("node(s) were unschedulable");

/** plugins/nodeunschedulable/node_unschedulable.go: a cordoned node takes only who tolerates it. */
export const nodeUnschedulable: Plugin = {
  name: "NodeUnschedulable",
  canRefuse: ({ snapshot }) => snapshot.isCordoned,
  filter: (_, { pod }, { node }) =>
    node.spec?.unschedulable !== true || isTolerated(CORDONED, pod.pod.spec.tolerations) ? null : UNSCHEDULABLE,
};
