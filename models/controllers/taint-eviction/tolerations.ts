/** Which taints a pod tolerates, and for how long (component-helpers scheduling/corev1, kubernetes pkg/controller/tainteviction). */
import type { Pod, Taint, Toleration } from "../../machinery/kinds/index.ts";

/** api/core/v1 toleration.go, ToleratesTaint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== undefined && toleration.effect !== taint.effect) return false;
  if (toleration.key !== undefined && toleration.key !== "" && toleration.key !== taint.key) return false;
  if (toleration.operator === "Exists") return true;
  return (toleration.value ?? "") === (taint.value ?? "") && toleration.key !== undefined && toleration.key !== "";
}

/**
 * The seconds that a pod may stay under these taints: null for good, 0 where it tolerates one of them not at all
 * (taint_eviction.go, getMinTolerationTime: of the tolerations that are used, the shortest).
 */
export function secondsTolerated(pod: Pod, taints: readonly Taint[]): number | null {
  let shortest: number | null = null;
  for (const taint of taints) {
    const used = pod.spec.tolerations?.find((toleration) => tolerates(toleration, taint));
    if (used === undefined) return 0;
    if (used.tolerationSeconds === undefined) continue;
    const seconds = Math.max(0, used.tolerationSeconds);
    shortest = shortest === null ? seconds : Math.min(shortest, seconds);
  }
  return shortest;
}

/** Whether each taint is tolerated at all, for however short a time. */
export function allTolerated(pod: Pod, taints: readonly Taint[]): boolean {
  return taints.every((taint) => pod.spec.tolerations?.some((toleration) => tolerates(toleration, taint)) === true);
}
