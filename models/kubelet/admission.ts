import { mapEach } from "../kernel/index.ts";
import type { Pod, ResourceList, Taint, Toleration } from "../machinery/kinds/index.ts";
import { fitsNode } from "../machinery/node-affinity.ts";
import { type PodRequests, podRequests, qosClass } from "../machinery/pods.ts";
import { milliValue, value } from "../machinery/quantity.ts";
import { couldRun } from "./status.ts";
import type { KubeletTurn } from "./turn.ts";

export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

/** From this priority on a pod is critical (pkg/kubelet/types/pod_update.go, IsCriticalPodBasedOnPriority). */
export const CRITICAL_PRIORITY = 2_000_000_000;

/** Why a pod is not taken in, or null (pkg/kubelet/kubelet.go, canAdmitPod; lifecycle/predicate.go; eviction Admit). */
export function rejectionOf(turn: KubeletTurn, pod: Pod): Rejection | null {
  return pressureRejection(turn, pod) ?? nodeRejection(turn, pod) ?? fitRejection(turn, pod);
}

/** Under memory pressure pods that request nothing are not taken in (eviction_manager.go, Admit). */
function pressureRejection(turn: KubeletTurn, pod: Pod): Rejection | null {
  if (!turn.node.memoryPressure || (pod.spec.priority ?? 0) >= CRITICAL_PRIORITY) return null;
  if (qosClass(pod) !== "BestEffort") return null;
  const tolerates = (pod.spec.tolerations ?? []).some((toleration) =>
    isTolerated({ key: "node.kubernetes.io/memory-pressure", effect: "NoSchedule" }, toleration),
  );
  if (tolerates) return null;
  return { reason: "Evicted", message: "The node had condition: [MemoryPressure]. " };
}

/** Selector and affinity, and taints that would evict it at once (lifecycle/predicate.go, generalFilter). */
function nodeRejection(turn: KubeletTurn, pod: Pod): Rejection | null {
  const node = turn.ownNode;
  const labels = node?.metadata.labels ?? turn.config.labels;
  if (!fitsNode(pod, turn.config.node, labels))
    return {
      reason: "NodeAffinity",
      message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    };
  for (const taint of node?.spec?.taints ?? []) {
    if (taint.effect !== "NoExecute") continue;
    if ((pod.spec.tolerations ?? []).some((toleration) => isTolerated(taint, toleration))) continue;
    return { reason: "TaintToleration", message: "Predicate TaintToleration failed: node(s) had untolerated taint(s)" };
  }
  return null;
}

function isTolerated({ key, value: taintValue = "", effect }: Taint, toleration: Toleration): boolean {
  if (toleration.effect !== undefined && toleration.effect !== effect) return false;
  if (toleration.key !== undefined && toleration.key !== "" && toleration.key !== key) return false;
  return toleration.operator === "Exists" || (toleration.value ?? "") === taintValue;
}

/**
 * Its requests fit into what is allocatable beside the pods that still hold theirs: until nothing of a pod can run any
 * more, it does (kubelet.go, filterOutInactivePods; kubernetes#106884).
 */
function fitRejection(turn: KubeletTurn, pod: Pod): Rejection | null {
  const used = { pods: 0, cpu: 0, memory: 0, "ephemeral-storage": 0 };
  const others: Record<string, number> = {};
  mapEach(turn.workers, "", null, (worker) => {
    if (worker.source !== "api" || !couldRun(worker)) return;
    used.pods += 1;
    used.cpu += worker.requests.milliCpu;
    used.memory += worker.requests.memoryBytes;
    used["ephemeral-storage"] += worker.requests.ephemeralStorageBytes;
    for (const name of Object.keys(worker.requests.others))
      others[name] = (others[name] ?? 0) + worker.requests.others[name]!;
  });
  const wanted = podRequests(pod);
  const { allocatable } = turn.config;
  const checks: readonly (readonly [name: string, requested: number, used: number])[] = [
    ["pods", 1, used.pods],
    ["cpu", wanted.milliCpu, used.cpu],
    ["memory", wanted.memoryBytes, used.memory],
    ["ephemeral-storage", wanted.ephemeralStorageBytes, used["ephemeral-storage"]],
    ...othersOf(wanted).map((name) => [name, wanted.others[name]!, others[name] ?? 0] as const),
  ];
  for (const [name, requested, inUse] of checks) {
    const capacity = amountOf(allocatable, name);
    if (requested === 0 || requested + inUse <= capacity) continue;
    const figures = `requested: ${requested}, used: ${inUse}, capacity: ${capacity}`;
    return { reason: `OutOf${name}`, message: `Node didn't have enough resource: ${name}, ${figures}` };
  }
  return null;
}

function othersOf({ others }: PodRequests): readonly string[] {
  return Object.keys(others).sort();
}

function amountOf(list: ResourceList, name: string): number {
  return name === "cpu" ? milliValue(list[name]) : value(list[name]);
}

/** Pods are taken in as they were created (kubelet.go, HandlePodAdditions). */
export function byCreation(one: Pod, other: Pod): number {
  const [a, b] = [one.metadata.creationTimestamp ?? "", other.metadata.creationTimestamp ?? ""];
  return a < b ? -1 : a > b ? 1 : 0;
}
