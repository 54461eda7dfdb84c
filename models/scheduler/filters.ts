/** Whether a pod can be on a node (kubernetes pkg/scheduler/framework/plugins), one plugin a function. */
import type {
  Node,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  Pod,
  Taint,
  Toleration,
} from "../machinery/kinds/index.ts";
import { type PodRequests, podRequests } from "../machinery/pods.ts";
import { meets } from "../machinery/selectors.ts";
import { podsAllowed } from "./cache.ts";
import type { NodeInfo } from "./types.ts";

const UNSCHEDULABLE: Taint = Object.freeze({ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" });

/** What a pod asks of nodes, computed once for all of them. */
export interface Wanted {
  readonly pod: Pod;
  readonly requests: PodRequests;
  /** The names of other resources that it asks for. */
  readonly others: readonly string[];
}

export function wantedOf(pod: Pod): Wanted {
  const requests = podRequests(pod);
  const others = Object.keys(requests.others).filter((name) => requests.others[name]! > 0);
  return { pod, requests, others };
}

/** Why the pod cannot be on the node, in the scheduler's words; empty where it can. In the order of the real plugins. */
export function reasonsAgainst(wanted: Wanted, info: NodeInfo): readonly string[] {
  const { node } = info;
  if (node === null) return ["node not found"];
  if (!fitsUnschedulable(wanted.pod, node)) return ["node(s) were unschedulable"];
  if (!toleratesTaints(wanted.pod, node)) return ["node(s) had untolerated taint(s)"];
  if (!matchesNodeAffinity(wanted.pod, node)) return ["node(s) didn't match Pod's node affinity/selector"];
  return insufficientResources(wanted, info);
}

/** nodeunschedulable: a cordoned node takes only who tolerates it. */
function fitsUnschedulable(pod: Pod, node: Node): boolean {
  return node.spec?.unschedulable !== true || tolerates(pod.spec.tolerations, UNSCHEDULABLE);
}

/** tainttoleration, Filter: each taint NoSchedule and NoExecute must be tolerated. */
export function toleratesTaints(pod: Pod, node: Node): boolean {
  const taints = node.spec?.taints;
  if (taints === undefined) return true;
  for (const taint of taints)
    if (taint.effect !== "PreferNoSchedule" && !tolerates(pod.spec.tolerations, taint)) return false;
  return true;
}

/** component-helpers scheduling/corev1, Toleration.ToleratesTaint. */
function tolerates(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  if (tolerations === undefined) return false;
  return tolerations.some(({ key = "", operator = "Equal", value = "", effect }) => {
    if (effect !== undefined && effect !== taint.effect) return false;
    if (key !== "" && key !== taint.key) return false;
    return operator === "Exists" || (key !== "" && value === (taint.value ?? ""));
  });
}

/** nodeaffinity, GetRequiredNodeAffinity: the node selector, and one of the terms. */
export function matchesNodeAffinity(pod: Pod, node: Node): boolean {
  const { nodeSelector, affinity } = pod.spec;
  const labels = node.metadata.labels;
  if (nodeSelector !== undefined)
    for (const key of Object.keys(nodeSelector)) if (labels?.[key] !== nodeSelector[key]) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesNodeSelector(required, node);
}

/** component-helpers scheduling/corev1/nodeaffinity, NodeSelector.Match: any term; one without requirements matches nothing. */
export function matchesNodeSelector(selector: NodeSelector, node: Node): boolean {
  return selector.nodeSelectorTerms.some((term) => matchesTerm(term, node));
}

function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  const fields = { "metadata.name": node.metadata.name };
  return (
    matchExpressions.every((expression) => isMet(expression, node.metadata.labels)) &&
    matchFields.every((field) => isMet(field, fields))
  );
}

const LABEL_VALUE = /^$|^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** A requirement that is none (no values, or values that no label can have) matches nothing, as it does not parse in the real one. */
function isMet(requirement: NodeSelectorRequirement, labels: Node["metadata"]["labels"]): boolean {
  const { key, operator, values = [] } = requirement;
  const isOfSet = operator === "In" || operator === "NotIn";
  if (isOfSet && (values.length === 0 || !values.every((value) => LABEL_VALUE.test(value)))) return false;
  return meets({ key, operator, values }, labels);
}

/** noderesources/fit.go, fitsRequest: one more pod, and what it requests, within what is allocatable. */
export function insufficientResources({ requests, others }: Wanted, info: NodeInfo): readonly string[] {
  const { allocatable, requested } = info;
  const reasons: string[] = [];
  if (info.pods + 1 > podsAllowed(info)) reasons.push("Too many pods");
  if (requests.milliCpu > 0 && requests.milliCpu > allocatable.milliCpu - requested.milliCpu)
    reasons.push("Insufficient cpu");
  if (requests.memoryBytes > 0 && requests.memoryBytes > allocatable.memoryBytes - requested.memoryBytes)
    reasons.push("Insufficient memory");
  const storage = allocatable.ephemeralStorageBytes - requested.ephemeralStorageBytes;
  if (requests.ephemeralStorageBytes > 0 && requests.ephemeralStorageBytes > storage)
    reasons.push("Insufficient ephemeral-storage");
  for (const name of others)
    if (requests.others[name]! > (allocatable.others[name] ?? 0) - (requested.others[name] ?? 0))
      reasons.push(`Insufficient ${name}`);
  return reasons;
}
