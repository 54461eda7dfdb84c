/** Small things that every pod gets. */
import type { Pod, Toleration } from "../../machinery/kinds/index.ts";
import type { AdmissionPlugin } from "../strategy.ts";

const NOT_READY = "node.kubernetes.io/not-ready";
const UNREACHABLE = "node.kubernetes.io/unreachable";
const TOLERATION_SECONDS = 300;

/**
 * A pod stays five minutes on a node that is not ready or not reachable, unless it says otherwise (kubernetes
 * plugin/pkg/admission/defaulttolerationseconds/admission.go).
 */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: "DefaultTolerationSeconds",
  admit(_context, request, object) {
    const writes = request.verb === "create" || request.verb === "update" || request.verb === "patch";
    if (!writes || request.resource !== "pods" || request.subresource !== "" || object === null) return object;
    const pod = object as Pod;
    const tolerations = pod.spec?.tolerations ?? [];
    const missing = [NOT_READY, UNREACHABLE].filter((key) => !tolerations.some((one) => toleratesNoExecute(one, key)));
    if (missing.length === 0) return object;
    const added = missing.map((key) => tolerationOf(key));
    return { ...pod, spec: { ...pod.spec, tolerations: [...tolerations, ...added] } } as Pod;
  },
};

function toleratesNoExecute({ key, effect }: Toleration, wanted: string): boolean {
  return (key === wanted || !key) && (effect === "NoExecute" || !effect);
}

function tolerationOf(key: string): Toleration {
  return { key, operator: "Exists", effect: "NoExecute", tolerationSeconds: TOLERATION_SECONDS };
}

/** A pod runs as somebody (kubernetes plugin/pkg/admission/serviceaccount/admission.go). Tokens are not modelled. */
export const serviceAccount: AdmissionPlugin = {
  name: "ServiceAccount",
  admit(_context, request, object) {
    if (request.verb !== "create" || request.resource !== "pods" || request.subresource !== "" || object === null)
      return object;
    const pod = object as Pod;
    if (pod.spec?.serviceAccountName) return object;
    return { ...pod, spec: { ...pod.spec, serviceAccountName: "default" } } as Pod;
  },
};
