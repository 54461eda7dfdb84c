import type { ResourceName } from "./api.ts";

/** A resource of the API: how it is named, and where it lies in the store. */
export interface ResourceInfo {
  /** The plural, in a request; for custom resources with the group behind it. */
  readonly name: ResourceName;
  readonly kind: string;
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly namespaced: boolean;
  /** Its objects are at `/registry/<storage>/[<namespace>/]<name>` (kubernetes: pkg/registry, kubeapiserver/default_storage_factory_builder.go). */
  readonly storage: string;
  /** It has a status that only the subresource writes. */
  readonly hasStatus: boolean;
  /** An update may come without a resourceVersion (AllowUnconditionalUpdate). */
  readonly unconditionalUpdate: boolean;
}

const core = (name: string, kind: string, namespaced = true, storage = name, hasStatus = true): ResourceInfo => ({
  name,
  kind,
  apiVersion: "v1",
  group: "",
  namespaced,
  storage,
  hasStatus,
  unconditionalUpdate: true,
});

const grouped = (
  apiVersion: string,
  name: string,
  kind: string,
  { namespaced = true, hasStatus = true, unconditionalUpdate = true, storage = name } = {},
): ResourceInfo => ({
  name,
  kind,
  apiVersion,
  group: apiVersion.slice(0, apiVersion.indexOf("/")),
  namespaced,
  storage,
  hasStatus,
  unconditionalUpdate,
});

/** The resources that the API server knows, in the order in which a namespace's content is deleted and listed. */
export const RESOURCES: readonly ResourceInfo[] = [
  core("namespaces", "Namespace", false),
  core("nodes", "Node", false, "minions"),
  core("pods", "Pod"),
  core("services", "Service", true, "services/specs"),
  core("configmaps", "ConfigMap", true, "configmaps", false),
  core("secrets", "Secret", true, "secrets", false),
  core("persistentvolumes", "PersistentVolume", false),
  core("persistentvolumeclaims", "PersistentVolumeClaim"),
  core("events", "Event", true, "events", false),
  grouped("apps/v1", "replicasets", "ReplicaSet"),
  grouped("apps/v1", "deployments", "Deployment"),
  grouped("apps/v1", "statefulsets", "StatefulSet"),
  grouped("apps/v1", "daemonsets", "DaemonSet"),
  grouped("apps/v1", "controllerrevisions", "ControllerRevision", { hasStatus: false }),
  grouped("batch/v1", "jobs", "Job"),
  grouped("batch/v1", "cronjobs", "CronJob"),
  grouped("discovery.k8s.io/v1", "endpointslices", "EndpointSlice", { hasStatus: false }),
  grouped("coordination.k8s.io/v1", "leases", "Lease", { hasStatus: false, unconditionalUpdate: false }),
  grouped("policy/v1", "poddisruptionbudgets", "PodDisruptionBudget", { unconditionalUpdate: false }),
  grouped("scheduling.k8s.io/v1", "priorityclasses", "PriorityClass", { namespaced: false, hasStatus: false }),
  grouped("storage.k8s.io/v1", "storageclasses", "StorageClass", { namespaced: false, hasStatus: false }),
];

const BY_NAME: ReadonlyMap<string, ResourceInfo> = new Map(RESOURCES.map((resource) => [resource.name, resource]));
/** No two of them have a kind of the same name. */
const BY_KIND: ReadonlyMap<string, ResourceInfo> = new Map(RESOURCES.map((resource) => [resource.kind, resource]));

/** The resource of that name. One that is not in the table is a custom one: `plural.group`, namespaced, with a status. */
export function resourceNamed(name: ResourceName): ResourceInfo {
  const known = BY_NAME.get(name);
  if (known !== undefined) return known;
  const dot = name.indexOf(".");
  const group = dot < 0 ? "" : name.slice(dot + 1);
  return {
    name,
    kind: "",
    apiVersion: "",
    group,
    namespaced: true,
    storage: dot < 0 ? name : `${group}/${name.slice(0, dot)}`,
    hasStatus: true,
    unconditionalUpdate: false,
  };
}

/** The resource of a kind. The plural of one that is not in the table is guessed as kubectl does: `Policy`, `policies`. */
export function resourceOfKind(apiVersion: string, kind: string): ResourceInfo {
  const known = BY_KIND.get(kind);
  if (known !== undefined && known.apiVersion === apiVersion) return known;
  const slash = apiVersion.indexOf("/");
  const group = slash < 0 ? "" : apiVersion.slice(0, slash);
  const plural = pluralOf(kind.toLowerCase());
  return { ...resourceNamed(group === "" ? plural : `${plural}.${group}`), kind, apiVersion };
}

/** apimachinery meta.UnsafeGuessKindToResource. */
function pluralOf(singular: string): string {
  if (singular.endsWith("s")) return `${singular}es`;
  if (singular.endsWith("y")) return `${singular.slice(0, -1)}ies`;
  return `${singular}s`;
}
