/** Small objects that the API accepts, for tests to spoil. */
import type { Deployment, Job, KubeObject, Pod, StatefulSet } from "../../../machinery/kinds/index.ts";
import { resourceOfKind } from "../../../machinery/resources.ts";
import type { Strategy } from "../../strategy.ts";
import { strategyFor } from "../index.ts";

const meta = (name: string) => ({ name, namespace: "default", uid: `uid-of-${name}` });
const labels = { app: "a" };
const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "nginx:1.25" }] } };

export const POD: Pod = { apiVersion: "v1", kind: "Pod", metadata: meta("pod"), spec: template.spec };

export const DEPLOYMENT: Deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: meta("web"),
  spec: { selector: { matchLabels: labels }, template },
};

export const STATEFUL_SET: StatefulSet = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: meta("db"),
  spec: {
    serviceName: "db",
    selector: { matchLabels: labels },
    template,
    volumeClaimTemplates: [
      {
        metadata: { name: "data" },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      },
    ],
  },
};

export const JOB: Job = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: meta("job"),
  spec: { template: { spec: { ...template.spec, restartPolicy: "Never" } } },
};

const core = (kind: string, rest: object): KubeObject =>
  ({ apiVersion: "v1", kind, metadata: meta(kind.toLowerCase()), ...rest }) as KubeObject;
const of = (apiVersion: string, kind: string, rest: object): KubeObject => ({ ...core(kind, rest), apiVersion });
const clusterScoped = (object: KubeObject): KubeObject => {
  const { namespace: _, ...metadata } = object.metadata;
  return { ...object, metadata };
};

/** One of each kind. */
export const OBJECTS: readonly KubeObject[] = [
  POD,
  DEPLOYMENT,
  STATEFUL_SET,
  JOB,
  of("apps/v1", "ReplicaSet", { spec: { selector: { matchLabels: labels }, template } }),
  of("apps/v1", "DaemonSet", { spec: { selector: { matchLabels: labels }, template } }),
  of("apps/v1", "ControllerRevision", { revision: 1, data: { spec: { template: { $patch: "replace", a: null } } } }),
  of("batch/v1", "CronJob", { spec: { schedule: "*/5 * * * *", jobTemplate: { spec: JOB.spec } } }),
  core("Service", { spec: { selector: labels, ports: [{ port: 80 }] } }),
  core("ConfigMap", { data: { a: "b" } }),
  core("Secret", { stringData: { password: "geheim" } }),
  core("Event", { involvedObject: { kind: "Pod", namespace: "default", name: "pod" }, reason: "Started" }),
  clusterScoped(core("Namespace", {})),
  clusterScoped(core("Node", { status: { capacity: { cpu: "4", memory: "8Gi", pods: 110 } } })),
  clusterScoped(
    core("PersistentVolume", {
      spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/d" } },
    }),
  ),
  core("PersistentVolumeClaim", {
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  }),
  of("discovery.k8s.io/v1", "EndpointSlice", {
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.0.0.1"] }],
    ports: [{ name: "http", port: 80 }],
  }),
  of("coordination.k8s.io/v1", "Lease", { spec: { holderIdentity: "a", leaseDurationSeconds: 15 } }),
  of("policy/v1", "PodDisruptionBudget", { spec: { minAvailable: 1, selector: { matchLabels: labels } } }),
  clusterScoped(of("scheduling.k8s.io/v1", "PriorityClass", { value: 10 })),
  clusterScoped(of("storage.k8s.io/v1", "StorageClass", { provisioner: "example.com/disks" })),
];

export function strategyOf(object: KubeObject): Strategy {
  return strategyFor(resourceOfKind(object.apiVersion, object.kind));
}

/** The object as the API server stores it. */
export function created<O extends KubeObject>(object: O): O {
  const strategy = strategyOf(object);
  return strategy.prepareForCreate(strategy.defaults(object)) as O;
}

/** `field: message` for all that the API server says of a new object. */
export function complaints(object: KubeObject): readonly string[] {
  return strategyOf(object)
    .validate(created(object))
    .map(({ field, message }) => `${field}: ${message}`);
}

/** `field: message` for all that it says of an update. */
export function updateComplaints(object: KubeObject, old: KubeObject): readonly string[] {
  const strategy = strategyOf(object);
  return strategy
    .validateUpdate(strategy.prepareForUpdate(strategy.defaults(object), old), old)
    .map(({ field, message }) => `${field}: ${message}`);
}

/** A copy with the value at a path (`spec.containers.0.image`) replaced; undefined takes the field away. */
export function spoiled<O extends KubeObject>(object: O, path: string, value: unknown): O {
  const copy = JSON.parse(JSON.stringify(object)) as O;
  const keys = path.split("|").length > 1 ? path.split("|") : path.split(".");
  let at = copy as unknown as Record<string, unknown>;
  for (const key of keys.slice(0, -1)) {
    at[key] ??= {};
    at = at[key] as Record<string, unknown>;
  }
  const last = keys[keys.length - 1]!;
  if (value === undefined && Array.isArray(at)) at.splice(Number(last), 1);
  else if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

export function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}
