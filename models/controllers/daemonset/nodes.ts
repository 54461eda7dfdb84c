import type {
  Affinity,
  DaemonSet,
  Node,
  NodeSelectorTerm,
  Pod,
  PodTemplateSpec,
  Taint,
  Toleration,
} from "../../machinery/kinds/index.ts";
import { fitsNode } from "../../machinery/node-affinity.ts";
import { tolerates } from "../taint-eviction/tolerations.ts";

/** What a node is to a set of daemons. */
export interface Fitness {
  /** One is created there. */
  readonly shouldRun: boolean;
  /** One that is there stays. */
  readonly shouldContinue: boolean;
}

const RUN: Fitness = { shouldRun: true, shouldContinue: true };
const STAY: Fitness = { shouldRun: false, shouldContinue: true };
const NEITHER: Fitness = { shouldRun: false, shouldContinue: false };

/** kubernetes pkg/controller/daemon/util/daemonset_util.go, AddOrUpdateDaemonPodTolerations. */
const DAEMON_TOLERATIONS: readonly Toleration[] = [
  { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" },
  { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute" },
  { key: "node.kubernetes.io/disk-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/memory-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/pid-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/unschedulable", operator: "Exists", effect: "NoSchedule" },
];
const HOST_NETWORK_TOLERATION: Toleration = {
  key: "node.kubernetes.io/network-unavailable",
  operator: "Exists",
  effect: "NoSchedule",
};

/** The tolerations of a set's pods: its own, and those that daemons have. */
export function daemonTolerations({ spec }: PodTemplateSpec): readonly Toleration[] {
  const added = spec.hostNetwork === true ? [...DAEMON_TOLERATIONS, HOST_NETWORK_TOLERATION] : DAEMON_TOLERATIONS;
  const own = spec.tolerations ?? [];
  const isOwn = (one: Toleration): boolean =>
    own.some(({ key, operator, effect }) => key === one.key && operator === one.operator && effect === one.effect);
  return [...own, ...added.filter((one) => !isOwn(one))];
}

/** kubernetes pkg/controller/daemon/daemon_controller.go, NodeShouldRunDaemonPod. */
export function fitnessOf(node: Node, { spec }: DaemonSet): Fitness {
  const { template } = spec;
  const { nodeName = "" } = template.spec;
  if (nodeName !== "" && nodeName !== node.metadata.name) return NEITHER;
  if (!fitsNode(template, node.metadata.name, node.metadata.labels ?? {})) return NEITHER;
  const taints = node.spec?.taints ?? [];
  if (taints.length === 0) return RUN;
  const tolerations = daemonTolerations(template);
  const isTolerated = (taint: Taint): boolean => tolerations.some((toleration) => tolerates(toleration, taint));
  const untolerated = taints.filter((taint) => taint.effect !== "PreferNoSchedule" && !isTolerated(taint));
  if (untolerated.length === 0) return RUN;
  // "Scheduled daemon pods should continue running if they tolerate NoExecute taint."
  return untolerated.some(({ effect }) => effect === "NoExecute") ? NEITHER : STAY;
}

/** The affinity with which the scheduler can bind a pod to this node alone (daemonset_util.go, ReplaceDaemonSetPodNodeNameNodeAffinity). */
export function pinnedTo(affinity: Affinity | undefined, node: string): Affinity {
  const term: NodeSelectorTerm = { matchFields: [{ key: "metadata.name", operator: "In", values: [node] }] };
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] },
    },
  };
}

/** The node of a pod, bound to it or still to be; empty: none (daemonset_util.go, GetTargetNodeName). */
export function targetNodeOf({ spec }: Pod): string {
  if (spec.nodeName !== undefined && spec.nodeName !== "") return spec.nodeName;
  return pinnedNode(spec.affinity);
}

function pinnedNode(affinity: Affinity | undefined): string {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const { matchFields = [] } of terms)
    for (const { key, operator, values = [] } of matchFields)
      if (key === "metadata.name" && operator === "In" && values.length === 1) return values[0]!;
  return "";
}
