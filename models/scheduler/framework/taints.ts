/** Taints and tolerations (kubernetes staging/src/k8s.io/component-helpers/scheduling/corev1/helpers.go). */
import type { Taint, Toleration } from "../../machinery/kinds/index.ts";

/** api/core/v1/toleration.go, ToleratesTaint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  const { key = "", operator = "Equal", value = "", effect } = toleration;
  if (effect !== undefined && (effect as string) !== "" && effect !== taint.effect) return false;
  if (key !== "" && key !== taint.key) return false;
  switch (operator as string) {
    case "":
    case "Equal":
      return value === (taint.value ?? "");
    case "Exists":
      return true;
    default:
      return false;
  }
}

export function isTolerated(taint: Taint, tolerations: readonly Toleration[] | undefined): boolean {
  if (tolerations === undefined) return false;
  for (const toleration of tolerations) if (tolerates(toleration, taint)) return true;
  return false;
}

/** FindMatchingUntoleratedTaint with DoNotScheduleTaintsFilterFunc: of the taints NoSchedule and NoExecute. */
export function hasUntoleratedTaint(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
): boolean {
  if (taints === undefined) return false;
  for (const taint of taints)
    if ((taint.effect === "NoSchedule" || taint.effect === "NoExecute") && !isTolerated(taint, tolerations))
      return true;
  return false;
}
