/** How pods are to be spread, told once more. */
import type {
  LabelSelector,
  Node,
  Pod,
  ReplicaSet,
  Service,
  StatefulSet,
  StringMap,
  TopologySpreadConstraint,
} from "../../models/machinery/kinds/index.ts";
import type { SchedulerState } from "../../models/scheduler/types.ts";
import { controllerOf, selects } from "../cluster/objects.ts";
import { informed } from "./decisions.ts";

const HOST = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";

/**
 * The pod with the constraints that it has by default (podtopologyspread, systemDefaultConstraints): over hosts and zones, with
 * those that the same services and owner select. Null where they are not told here: not all nodes have both labels.
 */
export function withDefaultSpread(state: SchedulerState, nodes: readonly Node[], pod: Pod): Pod | null {
  if ((pod.spec.topologySpreadConstraints ?? []).length > 0) return pod;
  const labelSelector = ownSelector(state, pod);
  if (labelSelector === null) return pod;
  if (!nodes.every(({ metadata }) => metadata.labels?.[HOST] !== undefined && metadata.labels[ZONE] !== undefined))
    return null;
  const constraint = (topologyKey: string, maxSkew: number): TopologySpreadConstraint => ({
    maxSkew,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector,
  });
  return { ...pod, spec: { ...pod.spec, topologySpreadConstraints: [constraint(HOST, 3), constraint(ZONE, 5)] } };
}

/** plugins/helper/spread.go, DefaultSelector: what all of its services and its owner select; null: nothing. */
function ownSelector(state: SchedulerState, pod: Pod): LabelSelector | null {
  const { namespace, labels = {} } = pod.metadata;
  const matchLabels: Record<string, string> = {};
  for (const [, object] of informed(state, "services")) {
    const selector = (object as Service).spec?.selector as StringMap | undefined;
    if (object.metadata.namespace !== namespace || selector === undefined || Object.keys(selector).length === 0)
      continue;
    if (selects({ matchLabels: selector }, labels)) Object.assign(matchLabels, selector);
  }
  const owner = controllerOf(pod);
  const resource = owner?.kind === "ReplicaSet" ? "replicasets" : owner?.kind === "StatefulSet" ? "statefulsets" : null;
  const owned =
    resource === null
      ? undefined
      : informed(state, resource).find(([key]) => key === `${namespace}/${owner?.name}`)?.[1];
  const selector = (owned as ReplicaSet | StatefulSet | undefined)?.spec?.selector;
  Object.assign(matchLabels, selector?.matchLabels);
  const matchExpressions = selector?.matchExpressions ?? [];
  if (Object.keys(matchLabels).length === 0 && matchExpressions.length === 0) return null;
  return { matchLabels, matchExpressions };
}

/** How uneven a constraint's domains are when the pod is on a node too: beyond the emptiest of them. */
export function skewWith(
  pods: readonly Pod[],
  nodes: readonly Node[],
  pod: Pod,
  on: Node,
  constraint: TopologySpreadConstraint,
): number {
  const { topologyKey, labelSelector, minDomains = 1 } = constraint;
  const counts = new Map<string, number>();
  for (const node of nodes) {
    const domain = node.metadata.labels?.[topologyKey];
    if (domain === undefined) continue;
    const here = pods.filter(
      ({ spec, metadata }) =>
        spec.nodeName === node.metadata.name &&
        metadata.namespace === pod.metadata.namespace &&
        metadata.deletionTimestamp === undefined &&
        selects(labelSelector, metadata.labels),
    ).length;
    counts.set(domain, (counts.get(domain) ?? 0) + here);
  }
  const least = counts.size < minDomains ? 0 : Math.min(...counts.values());
  const own = selects(labelSelector, pod.metadata.labels) ? 1 : 0;
  return (counts.get(on.metadata.labels?.[topologyKey] ?? "") ?? 0) + own - least;
}
