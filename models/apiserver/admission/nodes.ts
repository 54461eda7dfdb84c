/** What nodes get, and what kubelets may do. */
import type { ApiRequest } from "../../machinery/api.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { KubeObject, Node, Pod } from "../../machinery/kinds/index.ts";
import { annotationOf } from "../../machinery/meta.ts";
import { forbidden } from "../../machinery/status.ts";
import type { AdmissionPlugin } from "../strategy.ts";
import { nodeOf } from "./authorize.ts";

const NOT_READY = "node.kubernetes.io/not-ready";

/** A new node takes no pods until it is ready (kubernetes plugin/pkg/admission/nodetaint/admission.go). */
export const taintNodesByCondition: AdmissionPlugin = {
  name: "TaintNodesByCondition",
  admit(_context, request, object) {
    if (request.verb !== "create" || request.resource !== "nodes" || object === null) return object;
    const node = object as Node;
    const taints = node.spec?.taints ?? [];
    if (taints.some(({ key, effect }) => key === NOT_READY && effect === "NoSchedule")) return object;
    return { ...node, spec: { ...node.spec, taints: [...taints, { key: NOT_READY, effect: "NoSchedule" }] } } as Node;
  },
};

/** A kubelet may change its own node, its lease and its pods (kubernetes plugin/pkg/admission/noderestriction/admission.go). */
export const nodeRestriction: AdmissionPlugin = {
  name: "NodeRestriction",
  validate(context, request, object, old) {
    const node = nodeOf(context.user);
    if (node === null || request.verb === "get" || request.verb === "list") return null;
    const refusal = refusalFor(node, request, object, old);
    const name = "name" in request ? request.name : "";
    return refusal === null ? null : forbidden(request.resource, name || (object?.metadata?.name ?? ""), refusal);
  },
};

function refusalFor(
  node: string,
  request: ApiRequest,
  object: KubeObject | null,
  old: KubeObject | null,
): string | null {
  switch (request.resource) {
    case "pods":
      return podRefusal(node, request, object as Pod | null, old as Pod | null);
    case "nodes":
      return nodeRefusal(node, request, object as Node | null, old as Node | null);
    case "leases":
      return leaseRefusal(node, request, object);
    default:
      return null;
  }
}

/** admitPod, admitPodCreate, admitPodStatus. */
function podRefusal(node: string, request: ApiRequest, object: Pod | null, old: Pod | null): string | null {
  if (request.verb === "create" && request.subresource === "eviction")
    return isOn(old, node) ? null : `node "${node}" can only evict pods with spec.nodeName set to itself`;
  if (request.verb === "create") {
    if (object === null || annotationOf(object, "kubernetes.io/config.mirror") === null)
      return `pod does not have "kubernetes.io/config.mirror" annotation, node "${node}" can only create mirror pods`;
    return isOn(object, node) ? null : `node "${node}" can only create pods with spec.nodeName set to itself`;
  }
  if (request.verb === "delete")
    return isOn(old, node) ? null : `node "${node}" can only delete pods with spec.nodeName set to itself`;
  if ((request.verb === "update" || request.verb === "patch") && request.subresource === "status")
    return isOn(old, node)
      ? null
      : `node "${node}" can only update pod status for pods with spec.nodeName set to itself`;
  return `unexpected operation "${request.verb.toUpperCase()}", node "${node}" can only create and delete mirror pods`;
}

/** Not seen: it is not there, and the request fails by itself. */
function isOn(pod: Pod | null, node: string): boolean {
  return pod === null || pod.spec?.nodeName === node;
}

/** admitNode: its own, and not its taints once it is there. */
function nodeRefusal(node: string, request: ApiRequest, object: Node | null, old: Node | null): string | null {
  const name = "name" in request && request.name !== "" ? request.name : (object?.metadata.name ?? "");
  if (name !== node) return `node "${node}" is not allowed to modify node "${name}"`;
  if (request.verb === "create" || object === null || old === null) return null;
  if (!deepEqual(object.spec?.taints ?? [], old.spec?.taints ?? []))
    return `node "${node}" is not allowed to modify taints`;
  return null;
}

/** admitLease. */
function leaseRefusal(node: string, request: ApiRequest, object: KubeObject | null): string | null {
  if (request.namespace !== "kube-node-lease")
    return 'can only access leases in the "kube-node-lease" system namespace';
  const name = "name" in request && request.name !== "" ? request.name : (object?.metadata.name ?? "");
  return name === node ? null : "can only access node lease with the same name as the requesting node";
}
