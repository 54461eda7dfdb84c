import { RESOURCES } from "../../models/machinery/resources.ts";

/** Kinds of Kubernetes that the models do not know: they pass as plain objects. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  v1: [
    "Binding",
    "ComponentStatus",
    "Endpoints",
    "LimitRange",
    "PodTemplate",
    "ReplicationController",
    "ResourceQuota",
    "ServiceAccount",
  ],
  "apps/v1": [],
  "batch/v1": [],
  "autoscaling/v1": ["HorizontalPodAutoscaler", "Scale"],
  "autoscaling/v2": ["HorizontalPodAutoscaler"],
  "networking.k8s.io/v1": ["Ingress", "IngressClass", "NetworkPolicy", "IPAddress", "ServiceCIDR"],
  "rbac.authorization.k8s.io/v1": ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
  "policy/v1": ["Eviction"],
  "storage.k8s.io/v1": ["CSIDriver", "CSINode", "CSIStorageCapacity", "VolumeAttachment", "VolumeAttributesClass"],
  "discovery.k8s.io/v1": [],
  "coordination.k8s.io/v1": [],
  "scheduling.k8s.io/v1": [],
};

/** Those of them that are in no namespace. */
const OF_CLUSTER = [
  "ComponentStatus",
  "IngressClass",
  "IPAddress",
  "ServiceCIDR",
  "ClusterRole",
  "ClusterRoleBinding",
  "CSIDriver",
  "CSINode",
  "VolumeAttachment",
  "VolumeAttributesClass",
];

/** Whether an object of a kind that the models do not know is in no namespace. */
export function isOfCluster(apiVersion: string, kind: string): boolean {
  return OTHERS[apiVersion]?.includes(kind) === true && OF_CLUSTER.includes(kind);
}

/** Groups of Kubernetes that are gone: all of their versions. */
const GONE = ["extensions"];

/**
 * What kubectl says of a kind that no API server has; null where one may have it. Groups of others may have any kind.
 */
export function kindFlaw(apiVersion: string, kind: string): string | null {
  if (RESOURCES.some((resource) => resource.apiVersion === apiVersion && resource.kind === kind)) return null;
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  const known = OTHERS[apiVersion];
  if (known?.includes(kind)) return null;
  const isOurs =
    known !== undefined ||
    GONE.includes(group) ||
    RESOURCES.some((resource) => resource.group === group && resource.kind === kind);
  if (!isOurs) return null;
  const served = RESOURCES.find((resource) => resource.kind === kind)?.apiVersion;
  const hint = served === undefined ? "" : ` (it is served as ${served})`;
  return `no matches for kind "${kind}" in version "${apiVersion}"${hint}`;
}
