import { ModelBug } from "../../kernel/index.ts";
import type {
  ApiWatchRequest,
  CreateRequest,
  DeleteCollectionRequest,
  DeleteRequest,
  GetRequest,
  ListRequest,
  NamespaceName,
  PatchRequest,
  ResourceName,
  Subresource,
  UpdateRequest,
} from "../api.ts";
import type { Binding, DeleteOptions, Eviction, Json, KubeObject, Pod, ResourceVersion } from "../kinds/index.ts";
import { resourceOfKind } from "../resources.ts";

export function getRequest(
  resource: ResourceName,
  namespace: NamespaceName,
  name: string,
  resourceVersion: ResourceVersion = "",
  subresource: Subresource = "",
): GetRequest {
  return { verb: "get", resource, namespace, name, subresource, resourceVersion };
}

export function listRequest(
  resource: ResourceName,
  options: Partial<Omit<ListRequest, "verb" | "resource">> = {},
): ListRequest {
  return {
    verb: "list",
    resource,
    namespace: options.namespace ?? "",
    labelSelector: options.labelSelector ?? "",
    fieldSelector: options.fieldSelector ?? "",
    resourceVersion: options.resourceVersion ?? "",
    resourceVersionMatch: options.resourceVersionMatch ?? "",
    limit: options.limit ?? 0,
    continue: options.continue ?? "",
  };
}

export function watchRequest(
  resource: ResourceName,
  options: Partial<Omit<ApiWatchRequest, "verb" | "resource">> = {},
): ApiWatchRequest {
  return {
    verb: "watch",
    resource,
    namespace: options.namespace ?? "",
    labelSelector: options.labelSelector ?? "",
    fieldSelector: options.fieldSelector ?? "",
    resourceVersion: options.resourceVersion ?? "",
    allowWatchBookmarks: options.allowWatchBookmarks ?? true,
    timeoutSeconds: options.timeoutSeconds ?? 0,
  };
}

/** Creates the object, in its own namespace unless one is given. */
export function createRequest(object: KubeObject, namespace?: NamespaceName): CreateRequest {
  return {
    verb: "create",
    resource: resourceOfObject(object),
    namespace: namespace ?? object.metadata.namespace ?? "",
    name: "",
    subresource: "",
    object,
    dryRun: false,
  };
}

/** Puts the object in the place of what is stored. */
export function updateRequest(object: KubeObject, subresource: Subresource = ""): UpdateRequest {
  return {
    verb: "update",
    resource: resourceOfObject(object),
    namespace: object.metadata.namespace ?? "",
    name: object.metadata.name,
    subresource,
    object,
    dryRun: false,
  };
}

export function patchRequest(
  resource: ResourceName,
  namespace: NamespaceName,
  name: string,
  patch: Json,
  options: { readonly type?: "merge" | "strategic"; readonly subresource?: Subresource } = {},
): PatchRequest {
  return {
    verb: "patch",
    resource,
    namespace,
    name,
    subresource: options.subresource ?? "",
    type: options.type ?? "merge",
    patch,
    dryRun: false,
  };
}

export function deleteRequest(
  resource: ResourceName,
  namespace: NamespaceName,
  name: string,
  options: DeleteOptions = {},
): DeleteRequest {
  return { verb: "delete", resource, namespace, name, options };
}

export function deleteCollectionRequest(
  resource: ResourceName,
  namespace: NamespaceName,
  selection: { readonly labelSelector?: string; readonly fieldSelector?: string } = {},
  options: DeleteOptions = {},
): DeleteCollectionRequest {
  return {
    verb: "deletecollection",
    resource,
    namespace,
    labelSelector: selection.labelSelector ?? "",
    fieldSelector: selection.fieldSelector ?? "",
    options,
  };
}

/** Binds a pod to a node, if it is still the pod of that UID. */
export function bindRequest(pod: Pod, node: string): CreateRequest {
  const { namespace, name, uid } = pod.metadata;
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
  const object: Binding = { apiVersion: "v1", kind: "Binding", metadata, target: { kind: "Node", name: node } };
  return {
    verb: "create",
    resource: "pods",
    namespace: namespace ?? "",
    name,
    subresource: "binding",
    object,
    dryRun: false,
  };
}

/** Asks for the eviction of a pod, which its disruption budget may refuse. */
export function evictRequest(namespace: NamespaceName, name: string, deleteOptions?: DeleteOptions): CreateRequest {
  const object: Eviction = {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name, namespace },
    ...(deleteOptions === undefined ? {} : { deleteOptions }),
  };
  return { verb: "create", resource: "pods", namespace, name, subresource: "eviction", object, dryRun: false };
}

function resourceOfObject(object: KubeObject): ResourceName {
  if (object.kind === "" || object.apiVersion === "")
    throw new ModelBug(`an object without a kind: ${object.metadata.name}`);
  return resourceOfKind(object.apiVersion, object.kind).name;
}
