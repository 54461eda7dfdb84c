import type {
  Json,
  KubeObject,
  LabelSelector,
  Namespace,
  PersistentVolume,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  PriorityClass,
  ReplicaSet,
  Service,
  StatefulSet,
  StorageClass,
  StringMap,
} from "../../machinery/kinds/index.ts";

/** Objects of a kind, as a component's informer has them: a `View` of the API client is one. */
export interface Lister<O extends KubeObject> {
  get(namespace: string, name: string): O | null;
  /** All of them; in a namespace, where one is named. In the order of their keys. */
  list(namespace?: string): readonly O[];
}

/** storage.k8s.io/v1: what the drivers of a node can hold. */
export interface CSINode extends KubeObject {
  readonly spec?: {
    readonly drivers?: readonly {
      readonly name: string;
      readonly nodeID?: string;
      readonly topologyKeys?: readonly string[] | null;
      readonly allocatable?: { readonly count?: number };
    }[];
  };
}

/** storage.k8s.io/v1 */
export interface CSIDriver extends KubeObject {
  readonly spec?: { readonly storageCapacity?: boolean };
}

/** storage.k8s.io/v1 */
export interface CSIStorageCapacity extends KubeObject {
  readonly storageClassName?: string;
  readonly nodeTopology?: LabelSelector;
  readonly capacity?: string | number;
  readonly maximumVolumeSize?: string | number;
}

/** storage.k8s.io/v1 */
export interface VolumeAttachment extends KubeObject {
  readonly spec?: {
    readonly attacher?: string;
    readonly nodeName?: string;
    readonly source?: { readonly persistentVolumeName?: string; readonly inlineVolumeSpec?: Json };
  };
}

/** v1 */
export interface ReplicationController extends KubeObject {
  readonly spec?: { readonly selector?: StringMap; readonly replicas?: number; readonly template?: Json };
}

/** The objects besides nodes and pods that decide where a pod can be. */
export interface Listers {
  readonly namespaces: Lister<Namespace>;
  readonly services: Lister<Service>;
  readonly replicaSets: Lister<ReplicaSet>;
  readonly statefulSets: Lister<StatefulSet>;
  readonly replicationControllers: Lister<ReplicationController>;
  readonly claims: Lister<PersistentVolumeClaim>;
  readonly volumes: Lister<PersistentVolume>;
  readonly classes: Lister<StorageClass>;
  readonly csiNodes: Lister<CSINode>;
  readonly csiDrivers: Lister<CSIDriver>;
  readonly capacities: Lister<CSIStorageCapacity>;
  readonly attachments: Lister<VolumeAttachment>;
  readonly budgets: Lister<PodDisruptionBudget>;
  readonly priorityClasses: Lister<PriorityClass>;
}

/** A lister of the given objects; of those with the same key the last one counts. */
export function listerOf<O extends KubeObject>(objects: readonly O[]): Lister<O> {
  const byKey = new Map<string, O>();
  for (const object of objects) byKey.set(`${object.metadata.namespace ?? ""}/${object.metadata.name}`, object);
  const sorted = [...byKey.keys()].sort().map((key) => byKey.get(key)!);
  const byNamespace = new Map<string, O[]>([["", sorted]]);
  for (const object of sorted) {
    const { namespace = "" } = object.metadata;
    if (namespace === "") continue;
    const others = byNamespace.get(namespace);
    if (others === undefined) byNamespace.set(namespace, [object]);
    else others.push(object);
  }
  return {
    get: (namespace, name) => byKey.get(`${namespace}/${name}`) ?? null,
    list: (namespace = "") => byNamespace.get(namespace) ?? [],
  };
}

const KINDS: Readonly<Record<string, keyof Listers>> = {
  Namespace: "namespaces",
  Service: "services",
  ReplicaSet: "replicaSets",
  StatefulSet: "statefulSets",
  ReplicationController: "replicationControllers",
  PersistentVolumeClaim: "claims",
  PersistentVolume: "volumes",
  StorageClass: "classes",
  CSINode: "csiNodes",
  CSIDriver: "csiDrivers",
  CSIStorageCapacity: "capacities",
  VolumeAttachment: "attachments",
  PodDisruptionBudget: "budgets",
  PriorityClass: "priorityClasses",
};

/** The listers of a mixed list of objects. Kinds that mean nothing to the scheduler are left out. */
export function listersOf(objects: readonly KubeObject[]): Listers {
  const of = (name: keyof Listers): Lister<never> =>
    listerOf(objects.filter(({ kind }) => KINDS[kind] === name) as never[]);
  return {
    namespaces: of("namespaces"),
    services: of("services"),
    replicaSets: of("replicaSets"),
    statefulSets: of("statefulSets"),
    replicationControllers: of("replicationControllers"),
    claims: of("claims"),
    volumes: of("volumes"),
    classes: of("classes"),
    csiNodes: of("csiNodes"),
    csiDrivers: of("csiDrivers"),
    capacities: of("capacities"),
    attachments: of("attachments"),
    budgets: of("budgets"),
    priorityClasses: of("priorityClasses"),
  };
}
