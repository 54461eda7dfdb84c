/** Topology spread constraints, read once (plugins/podtopologyspread/common.go). */
import type { Node, Pod, StringMap, TopologySpreadConstraint } from "../../machinery/kinds/index.ts";
import { controllerOf } from "../../machinery/meta.ts";
import { EVERYTHING, NOTHING, type Selector, selectorOf, selectorOfLabels } from "../../machinery/selectors.ts";
import type { Listers } from "../framework/listers.ts";
import { labelIn } from "../framework/node-affinity.ts";
import { bothSelectors, isEmptySelector, selectorFlaw } from "../framework/selectors.ts";
import type { Population, TallyRequest } from "../framework/tallies.ts";
import { EACH_NODE } from "../framework/topology.ts";

export type DefaultConstraint = Omit<TopologySpreadConstraint, "labelSelector">;

/** PodTopologySpreadArgs. */
export interface PodTopologySpreadArgs {
  readonly defaultingType: "System" | "List";
  readonly defaultConstraints: readonly DefaultConstraint[];
}

export type Action = TopologySpreadConstraint["whenUnsatisfiable"];

export const HOSTNAME = "kubernetes.io/hostname";

/** podtopologyspread/plugin.go, systemDefaultConstraints. */
const SYSTEM_DEFAULTS: readonly DefaultConstraint[] = Object.freeze([
  { topologyKey: HOSTNAME, whenUnsatisfiable: "ScheduleAnyway", maxSkew: 3 },
  { topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway", maxSkew: 5 },
] as const);

export interface Constraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly selector: Selector;
  readonly minDomains: number;
  readonly honoursAffinity: boolean;
  readonly honoursTaints: boolean;
}

/** The constraints of a pod of one kind: its own, or else the defaults. A text: why one cannot be read. */
export function constraintsOf(
  pod: Pod,
  action: Action,
  args: PodTopologySpreadArgs,
  listers: Listers,
): readonly Constraint[] | string {
  const own = pod.spec.topologySpreadConstraints ?? [];
  return own.length > 0 ? read(own, pod, action) : defaultsFor(pod, action, args, listers);
}

/** common.go, filterTopologySpreadConstraints. */
function read(
  constraints: readonly TopologySpreadConstraint[],
  pod: Pod,
  action: Action,
): readonly Constraint[] | string {
  const result: Constraint[] = [];
  for (const one of constraints) {
    if (one.whenUnsatisfiable !== action) continue;
    const flaw = selectorFlaw(one.labelSelector);
    if (flaw !== null) return flaw;
    result.push({
      maxSkew: one.maxSkew,
      topologyKey: one.topologyKey,
      selector: withLabelKeys(selectorOf(one.labelSelector), one.matchLabelKeys, pod.metadata.labels),
      minDomains: one.minDomains ?? 1,
      honoursAffinity: one.nodeAffinityPolicy !== "Ignore",
      honoursTaints: one.nodeTaintsPolicy === "Honor",
    });
  }
  return result;
}

/** common.go, mergeLabelSetWithSelector: the pods must also have the values that this pod has. */
function withLabelKeys(
  selector: Selector,
  keys: readonly string[] | undefined,
  labels: StringMap | undefined,
): Selector {
  if (keys === undefined || keys.length === 0 || labels === undefined) return selector;
  const wanted: Record<string, string> = {};
  for (const key of keys) if (labels[key] !== undefined) wanted[key] = labels[key];
  return Object.keys(wanted).length === 0 ? selector : bothSelectors(selectorOfLabels(wanted), selector);
}

/** common.go, buildDefaultConstraints: only for pods that a service or a controller selects. */
function defaultsFor(
  pod: Pod,
  action: Action,
  { defaultingType, defaultConstraints }: PodTopologySpreadArgs,
  listers: Listers,
): readonly Constraint[] | string {
  const constraints = read(defaultingType === "System" ? SYSTEM_DEFAULTS : defaultConstraints, pod, action);
  if (typeof constraints === "string" || constraints.length === 0) return constraints;
  const selector = defaultSelector(pod, listers);
  return isEmptySelector(selector) ? [] : constraints.map((constraint) => ({ ...constraint, selector }));
}

/** plugins/helper/spread.go, DefaultSelector: what the services of the pod and its controller select together. */
export function defaultSelector(pod: Pod, listers: Listers): Selector {
  const { namespace = "", labels } = pod.metadata;
  const wanted: Record<string, string> = {};
  for (const { spec } of listers.services.list(namespace))
    if (spec.selector !== undefined && hasLabels(labels, spec.selector)) Object.assign(wanted, spec.selector);
  const ofServices = () => (Object.keys(wanted).length === 0 ? EVERYTHING : selectorOfLabels(wanted));
  const owner = controllerOf(pod);
  switch (owner === null ? "" : `${owner.apiVersion} ${owner.kind}`) {
    case "v1 ReplicationController":
      Object.assign(wanted, listers.replicationControllers.get(namespace, owner!.name)?.spec?.selector);
      return ofServices();
    case "apps/v1 ReplicaSet":
      return bothOf(ofServices(), listers.replicaSets.get(namespace, owner!.name)?.spec.selector);
    case "apps/v1 StatefulSet":
      return bothOf(ofServices(), listers.statefulSets.get(namespace, owner!.name)?.spec.selector);
    default:
      return ofServices();
  }
}

/** It has all of the wanted labels (apimachinery labels.Set). */
function hasLabels(labels: StringMap | undefined, wanted: StringMap): boolean {
  for (const key of Object.keys(wanted)) if (labels?.[key] !== wanted[key]) return false;
  return true;
}

function bothOf(one: Selector, two: Parameters<typeof selectorOf>[0]): Selector {
  const selector = selectorOf(two);
  return selector.nothing ? one : bothSelectors(one, selector);
}

/** common.go, nodeLabelsMatchSpreadConstraints: the node has all the keys. */
export function hasAllKeys(node: Node, constraints: readonly Constraint[]): boolean {
  for (const { topologyKey } of constraints) if (labelIn(node.metadata.labels, topologyKey) === undefined) return false;
  return true;
}

/** The count that a constraint needs: common.go, countPodsMatchSelector on the nodes that matchNodeInclusionPolicies. */
export function domainTally(constraint: Constraint, pod: Pod, keys: readonly string[]): TallyRequest {
  const { honoursAffinity, honoursTaints } = constraint;
  const isPicky =
    honoursAffinity &&
    (pod.spec.nodeSelector !== undefined ||
      pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined);
  const others = keys.filter((key) => key !== constraint.topologyKey);
  const population: Population | null =
    others.length === 0 && !isPicky && !honoursTaints
      ? null
      : { labels: others, affinityOf: isPicky ? pod : null, tolerationsOf: honoursTaints ? pod : null };
  return { ...podsOf(constraint, pod), topologyKey: constraint.topologyKey, population };
}

/** The same pods, by node. */
export function nodeTally(constraint: Constraint, pod: Pod): TallyRequest {
  return { ...podsOf(constraint, pod), topologyKey: EACH_NODE, population: null };
}

/** Pods of its namespace that live. A selector of everything counts nothing. */
function podsOf({ selector }: Constraint, pod: Pod): Pick<TallyRequest, "namespaces" | "selectors" | "livingOnly"> {
  const counting = isEmptySelector(selector) ? NOTHING : selector;
  return { namespaces: [pod.metadata.namespace ?? ""], selectors: [counting], livingOnly: true };
}
