/**
 * What a cluster comes to, computed once more from the objects that people wrote, in the simplest way there is: how many
 * pods of which image each workload has. Properties compare it with what is there.
 */
import type {
  DaemonSet,
  Deployment,
  Node,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodSpec,
  PodTemplateSpec,
  ReplicaSet,
  StatefulSet,
  Taint,
  Toleration,
} from "../../models/machinery/kinds/index.ts";
import type { ClusterLedger, Stored } from "./ledger.ts";
import { controllerOf, isDeleting, selects } from "./objects.ts";

/** A template without the label by which a Deployment tells its ReplicaSets apart. */
export function templateOf({ metadata = {}, ...rest }: PodTemplateSpec): object {
  const { "pod-template-hash": _hash, ...labels } = metadata.labels ?? {};
  return { ...rest, metadata: { ...metadata, labels } };
}

/** Pods that are to be there, for the object at the top of their owners. */
export interface DesiredPods {
  /** `Deployment default/web`. */
  readonly owner: string;
  /** In the order of the containers; null: any, since a free ReplicaSet keeps the pods that it has. */
  readonly images: string | null;
  readonly count: number;
}

/** What the Deployments, StatefulSets, DaemonSets and free ReplicaSets want. */
export function desiredPods(ledger: ClusterLedger, canBe: (spec: PodSpec) => boolean): readonly DesiredPods[] {
  const desired: DesiredPods[] = [];
  const want = (kind: string, stored: Stored, template: PodTemplateSpec, count: number) => {
    if (!isDeleting(stored.object) && canBe(template.spec))
      desired.push({
        owner: `${kind} ${stored.key}`,
        images: kind === "ReplicaSet" ? null : imagesOf(template.spec),
        count,
      });
  };
  for (const stored of ledger.all<Deployment>("deployments").values())
    if (stored.object.spec.paused !== true)
      want("Deployment", stored, stored.object.spec.template, stored.object.spec.replicas ?? 1);
  for (const stored of ledger.all<ReplicaSet>("replicasets").values())
    if (controllerOf(stored.object) === undefined)
      want("ReplicaSet", stored, stored.object.spec.template, stored.object.spec.replicas ?? 1);
  for (const stored of ledger.all<StatefulSet>("statefulsets").values()) {
    const { replicas = 1, template, updateStrategy } = stored.object.spec;
    // Below a partition, or where a person replaces pods, several images may be right.
    if (updateStrategy?.type !== "OnDelete" && (updateStrategy?.rollingUpdate?.partition ?? 0) === 0)
      want("StatefulSet", stored, template, replicas);
  }
  for (const stored of ledger.all<DaemonSet>("daemonsets").values()) {
    const { template, updateStrategy } = stored.object.spec;
    if (updateStrategy?.type !== "OnDelete")
      want("DaemonSet", stored, template, daemonNodes(ledger, stored.object).length);
  }
  return desired;
}

/** The nodes on which a DaemonSet wants a pod, as its selectors, affinity and tolerations have it. */
export function daemonNodes(ledger: ClusterLedger, { spec }: DaemonSet): readonly string[] {
  const { nodeSelector, affinity, tolerations = [] } = spec.template.spec;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const names: string[] = [];
  for (const { key, object: node } of ledger.all<Node>("nodes").values()) {
    const { labels } = node.metadata;
    if (nodeSelector !== undefined && !selects({ matchLabels: nodeSelector }, labels)) continue;
    if (required !== undefined && !required.some((term) => fits(term, node))) continue;
    const taints = node.spec?.taints ?? [];
    if (taints.every((taint) => DAEMONS_TOLERATE.includes(taint.key) || tolerates(tolerations, taint))) names.push(key);
  }
  return names.sort();
}

/** daemon/util, AddOrUpdateDaemonPodTolerations. */
const DAEMONS_TOLERATE: readonly string[] = [
  "node.kubernetes.io/not-ready",
  "node.kubernetes.io/unreachable",
  "node.kubernetes.io/disk-pressure",
  "node.kubernetes.io/memory-pressure",
  "node.kubernetes.io/pid-pressure",
  "node.kubernetes.io/unschedulable",
];

function fits({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, { metadata }: Node): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return (
    matchExpressions.every((one) => meets(one, metadata.labels?.[one.key])) &&
    matchFields.every((one) => meets(one, metadata.name))
  );
}

function meets({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return Number(value) > Number(values[0]);
    case "Lt":
      return Number(value) < Number(values[0]);
  }
}

function tolerates(tolerations: readonly Toleration[], { key, value = "", effect }: Taint): boolean {
  if (effect === "PreferNoSchedule") return true;
  return tolerations.some((one) => {
    if ((one.effect ?? "") !== "" && one.effect !== effect) return false;
    if ((one.key ?? "") !== "" && one.key !== key) return false;
    return one.operator === "Exists" || (one.value ?? "") === value;
  });
}

/** The images of a pod's containers, in order. */
export function imagesOf({ containers }: PodSpec): string {
  return containers.map(({ image = "" }) => image).join(" ");
}

/** The object at the top of an object's owners: `Deployment default/web`; itself where it has none. */
export function rootOf(ledger: ClusterLedger, stored: Stored): string {
  const owner = controllerOf(stored.object);
  const above = owner === undefined ? undefined : ledger.byUid(owner.uid);
  return above === undefined ? `${stored.object.kind} ${stored.key}` : rootOf(ledger, above);
}
