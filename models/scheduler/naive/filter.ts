/**
 * A second implementation of what the scheduler decides, to compare it with: plain loops over nodes and pods, as the rules
 * are told, and no indexes. Volumes are left to the first one.
 */
import type {
  Node,
  Pod,
  PodAffinityTerm,
  Taint,
  Toleration,
  TopologySpreadConstraint,
} from "../../machinery/kinds/index.ts";
import { podRequests, requestOf, requestsOfList } from "../../machinery/pods.ts";
import { matchesLabels, meets, selectorOf } from "../../machinery/selectors.ts";

/** All that there is. Pods on nodes name them. */
export interface NaiveCluster {
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  /** Labels by the name of a namespace. */
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Why a pod cannot be on a node: by the plugin that would say so. Empty where it can. */
export function refusals(cluster: NaiveCluster, pod: Pod, node: Node): readonly string[] {
  const refused: string[] = [];
  if (node.spec?.unschedulable && !tolerated({ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }, pod))
    refused.push("NodeUnschedulable");
  if (pod.spec.nodeName && pod.spec.nodeName !== node.metadata.name) refused.push("NodeName");
  if (hardTaints(node).some((taint) => !tolerated(taint, pod))) refused.push("TaintToleration");
  if (!wantsNode(pod, node)) refused.push("NodeAffinity");
  if (portsClash(pod, podsOn(cluster, node))) refused.push("NodePorts");
  if (!hasRoom(cluster, pod, node)) refused.push("NodeResourcesFit");
  if (!isSpread(cluster, pod, node)) refused.push("PodTopologySpread");
  if (!isAmongFriends(cluster, pod, node)) refused.push("InterPodAffinity");
  return refused;
}

export function podsOn({ pods }: NaiveCluster, node: Node): readonly Pod[] {
  return pods.filter(({ spec }) => spec.nodeName === node.metadata.name);
}

function hardTaints(node: Node): readonly Taint[] {
  return (node.spec?.taints ?? []).filter(({ effect }) => effect !== "PreferNoSchedule");
}

/** Whether any toleration of the pod covers the taint; of those that pass the test, where there is one. */
export function tolerated(taint: Taint, pod: Pod, counts: (toleration: Toleration) => boolean = () => true): boolean {
  return (pod.spec.tolerations ?? []).filter(counts).some((toleration) => {
    const sameEffect = !toleration.effect || toleration.effect === taint.effect;
    const sameKey = !toleration.key || toleration.key === taint.key;
    const sameValue = toleration.operator === "Exists" || (toleration.value ?? "") === (taint.value ?? "");
    return sameEffect && sameKey && sameValue;
  });
}

/** Its node selector, and one of the required terms. */
export function wantsNode(pod: Pod, node: Node): boolean {
  const { nodeSelector = {}, affinity } = pod.spec;
  const { labels = {} } = node.metadata;
  if (Object.keys(nodeSelector).some((key) => labels[key] !== nodeSelector[key])) return false;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms === undefined || terms.some((term) => matchesNode(term, node));
}

export function matchesNode(
  {
    matchExpressions = [],
    matchFields = [],
  }: NonNullable<
    NonNullable<NonNullable<Pod["spec"]["affinity"]>["nodeAffinity"]>["requiredDuringSchedulingIgnoredDuringExecution"]
  >["nodeSelectorTerms"][number],
  node: Node,
): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const all = [
    ...matchExpressions.map((one) => [one, node.metadata.labels] as const),
    ...matchFields.map((one) => [one, { "metadata.name": node.metadata.name }] as const),
  ];
  return all.every(([{ key, operator, values = [] }, labels]) => meets({ key, operator, values }, labels));
}

function portsOf(pod: Pod) {
  return pod.spec.containers
    .flatMap(({ ports = [] }) => ports)
    .filter(({ hostPort = 0 }) => hostPort > 0)
    .map(({ hostPort, hostIP, protocol }) => ({ hostPort, ip: hostIP || "0.0.0.0", protocol: protocol || "TCP" }));
}

function portsClash(pod: Pod, others: readonly Pod[]): boolean {
  return portsOf(pod).some((one) =>
    others.flatMap(portsOf).some((two) => {
      const isSame = one.hostPort === two.hostPort && one.protocol === two.protocol;
      return isSame && (one.ip === two.ip || one.ip === "0.0.0.0" || two.ip === "0.0.0.0");
    }),
  );
}

function hasRoom(cluster: NaiveCluster, pod: Pod, node: Node): boolean {
  const there = podsOn(cluster, node);
  const allocatable = requestsOfList(node.status?.allocatable);
  if (there.length + 1 > requestOf(allocatable, "pods")) return false;
  const wanted = podRequests(pod);
  return ["cpu", "memory", "ephemeral-storage", ...Object.keys(wanted.others)].every((name) => {
    const used = there.reduce((sum, one) => sum + requestOf(podRequests(one), name), 0);
    return requestOf(wanted, name) === 0 || requestOf(wanted, name) <= requestOf(allocatable, name) - used;
  });
}

// ---- Spread

/** The pods that a constraint counts on a node. */
export function countedOn(cluster: NaiveCluster, pod: Pod, constraint: TopologySpreadConstraint, node: Node): number {
  const selector = spreadSelector(pod, constraint);
  if (!selector.nothing && selector.requirements.length === 0) return 0;
  return podsOn(cluster, node).filter(
    ({ metadata }) =>
      metadata.namespace === pod.metadata.namespace &&
      metadata.deletionTimestamp === undefined &&
      matchesLabels(selector, metadata.labels),
  ).length;
}

function spreadSelector(pod: Pod, { labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint) {
  const { labels = {} } = pod.metadata;
  const keys = matchLabelKeys.filter((key) => labels[key] !== undefined);
  const added = keys.map((key) => ({ key, operator: "In" as const, values: [labels[key]!] }));
  const { nothing, requirements } = selectorOf(labelSelector);
  return nothing ? { nothing, requirements } : { nothing, requirements: [...requirements, ...added] };
}

/** Whether the constraint counts pods on a node of which all keys are there. */
export function includes(pod: Pod, constraint: TopologySpreadConstraint, node: Node): boolean {
  if (constraint.nodeAffinityPolicy !== "Ignore" && !wantsNode(pod, node)) return false;
  return constraint.nodeTaintsPolicy !== "Honor" || hardTaints(node).every((taint) => tolerated(taint, pod));
}

function isSpread(cluster: NaiveCluster, pod: Pod, node: Node): boolean {
  const constraints = (pod.spec.topologySpreadConstraints ?? []).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule",
  );
  return constraints.every((constraint) => {
    const { topologyKey, maxSkew, minDomains = 1 } = constraint;
    const value = node.metadata.labels?.[topologyKey];
    if (value === undefined) return false;
    const domains = new Map<string, number>();
    for (const other of cluster.nodes) {
      if (!constraints.every((one) => other.metadata.labels?.[one.topologyKey] !== undefined)) continue;
      if (!includes(pod, constraint, other)) continue;
      const domain = other.metadata.labels![topologyKey]!;
      domains.set(domain, (domains.get(domain) ?? 0) + countedOn(cluster, pod, constraint, other));
    }
    const least = domains.size < minDomains || domains.size === 0 ? 0 : Math.min(...domains.values());
    const self = matchesLabels(spreadSelector(pod, constraint), pod.metadata.labels) ? 1 : 0;
    return (domains.get(value) ?? 0) + self - least <= maxSkew;
  });
}

// ---- Affinity

/** Whether a term of one pod is about another. */
export function isAbout(cluster: NaiveCluster, owner: Pod, term: PodAffinityTerm, other: Pod): boolean {
  const { namespaces = [], namespaceSelector, labelSelector } = term;
  const namespace = other.metadata.namespace ?? "";
  const isOwn = namespaces.length === 0 && namespaceSelector === undefined;
  const isThere =
    (isOwn && namespace === owner.metadata.namespace) ||
    namespaces.includes(namespace) ||
    (namespaceSelector !== undefined && matchesLabels(selectorOf(namespaceSelector), cluster.namespaces[namespace]));
  return isThere && matchesLabels(selectorOf(labelSelector), other.metadata.labels);
}

export function nodeOf(cluster: NaiveCluster, pod: Pod): Node | undefined {
  return cluster.nodes.find(({ metadata }) => metadata.name === pod.spec.nodeName);
}

/** Whether two nodes are in the same domain. */
export function together(key: string, one: Node, two: Node): boolean {
  const value = one.metadata.labels?.[key];
  return value !== undefined && value === two.metadata.labels?.[key];
}

function isAmongFriends(cluster: NaiveCluster, pod: Pod, node: Node): boolean {
  const there = cluster.pods.flatMap((other) => {
    const at = nodeOf(cluster, other);
    return at === undefined ? [] : [[other, at] as const];
  });
  for (const [other, at] of there)
    for (const term of other.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [])
      if (isAbout(cluster, other, term, pod) && together(term.topologyKey, at, node)) return false;
  for (const term of pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [])
    if (there.some(([other, at]) => isAbout(cluster, pod, term, other) && together(term.topologyKey, at, node)))
      return false;
  const terms = pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  if (terms.length === 0) return true;
  if (terms.some(({ topologyKey }) => node.metadata.labels?.[topologyKey] === undefined)) return false;
  const friends = there.filter(([other]) => terms.every((term) => isAbout(cluster, pod, term, other)));
  if (terms.every(({ topologyKey }) => friends.some(([, at]) => together(topologyKey, at, node)))) return true;
  const isAnywhere = friends.some(([, at]) =>
    terms.some(({ topologyKey }) => at.metadata.labels?.[topologyKey] !== undefined),
  );
  return !isAnywhere && terms.every((term) => isAbout(cluster, pod, term, pod));
}
