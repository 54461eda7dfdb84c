import type { ApiRequest, ApiWatchRequest, ResourceName, UserName } from "../../machinery/api.ts";
import { resourceNamed } from "../../machinery/resources.ts";
import { forbidden, unauthorized } from "../../machinery/status.ts";
import type { Authorize } from "../strategy.ts";

const NODE_PREFIX = "system:node:";
const READ = ["get", "list", "watch"];
const WRITE = ["create", "update", "patch", "delete"];

/** What kubelets may do, by resource (kubernetes plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go, NodeRules). */
const NODE_RULES: Readonly<Record<string, readonly string[]>> = {
  pods: [...READ, "create", "delete"],
  "pods/status": ["update", "patch"],
  "pods/eviction": ["create"],
  nodes: [...READ, ...WRITE],
  "nodes/status": ["update", "patch"],
  leases: ["get", ...WRITE],
  services: READ,
  configmaps: READ,
  secrets: READ,
  persistentvolumeclaims: READ,
  persistentvolumes: READ,
  events: ["create", "update", "patch"],
};

/** Users that may do everything: administrators, and the components of the control plane. */
const POWERFUL = ["admin", "kubernetes-admin"];

/** The node whose kubelet a user is; null for anybody else. */
export function nodeOf(user: UserName): string | null {
  return user.startsWith(NODE_PREFIX) ? user.slice(NODE_PREFIX.length) : null;
}

/**
 * Who may do what: a small stand-in for RBAC and the node authoriser. Nobody (an empty name) is not even known;
 * administrators and components may do everything, kubelets what they need, others nothing.
 */
export const authorize: Authorize = (user, request) => {
  if (user === "") return unauthorized();
  if (nodeOf(user) !== null) return mayNode(request) ? null : denial(user, request);
  if (POWERFUL.includes(user)) return null;
  if (user.startsWith("system:") && user !== "system:anonymous") return null;
  return denial(user, request);
};

type Asked = ApiRequest | ApiWatchRequest | { readonly verb: "watch"; readonly resource: ResourceName };

function mayNode(request: Asked): boolean {
  const subresource = "subresource" in request && request.subresource !== "" ? `/${request.subresource}` : "";
  return (NODE_RULES[`${request.resource}${subresource}`] ?? []).includes(request.verb);
}

/** apiserver pkg/endpoints/handlers/responsewriters/errors.go, forbiddenMessage. */
function denial(user: UserName, request: Asked) {
  const { group } = resourceNamed(request.resource);
  const subresource = "subresource" in request && request.subresource !== "" ? `/${request.subresource}` : "";
  const namespace = "namespace" in request ? request.namespace : "";
  const scope = namespace === "" ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const name = "name" in request ? request.name : "";
  const resource = request.resource.endsWith(`.${group}`)
    ? request.resource.slice(0, -group.length - 1)
    : request.resource;
  return forbidden(
    request.resource,
    name,
    `User "${user}" cannot ${request.verb} resource "${resource}${subresource}" in API group "${group}" ${scope}`,
  );
}
