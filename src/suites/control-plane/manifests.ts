import type { ManifestSpec } from "./scenario.ts";

/** The kinds of workload that generated runs have. */
export const WORKLOAD_KINDS = ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob"] as const;

export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** Images whose programs behave well, each in its way; `job` ones come to an end. */
export const IMAGES = {
  v1: "app:v1",
  v2: "app:v2",
  /** It takes seconds until it is ready. */
  slow: "slow:v1",
  /** It ends with an error at first, and is restarted. */
  flaky: "flaky:v1",
  /** It dies only by SIGKILL. */
  stubborn: "stubborn:v1",
  /** It never gets ready. */
  broken: "broken:v1",
  /** It is not to be had. */
  missing: "missing:v1",
  job: "job:v1",
  /** It ends with an error, every time. */
  failingJob: "failing-job:v1",
  /** Its first creation on a node does not come to an end. */
  stalling: "stalling:v1",
  /** After a while it answers no probe. */
  hanging: "hanging:v1",
  /** They use much memory. */
  hungry: "hungry:v1",
  greedy: "greedy:v1",
} as const;

/** How they behave. */
export const BEHAVIOURS = [
  { image: "slow:*", readyAfterMs: 4000, startsAfterMs: 2000 },
  { image: "flaky:*", exitsAfterMs: 1500, exitCode: 1, exitsTimes: 2 },
  { image: "stubborn:*", ignoresSigterm: true },
  { image: "broken:*", readyAfterMs: 3_600_000 },
  { image: "missing:*", pullFails: true },
  { image: "job:*", exitsAfterMs: 2000 },
  { image: "failing-job:*", exitsAfterMs: 1000, exitCode: 1 },
  { image: "stalling:*", createStalls: 1 },
  { image: "hanging:*", hangsAfterMs: 3000, ignoresSigterm: true },
  { image: "hungry:*", memoryMi: 2500, stopsAfterMs: 1500 },
  { image: "greedy:*", memoryMi: 4000 },
] as const;

/** What a generated workload is made of. */
export interface WorkloadPlan {
  readonly kind: WorkloadKind;
  readonly name: string;
  readonly namespace: string;
  readonly replicas: number;
  readonly image: string;
  readonly graceSeconds: number;
  /** How long its pods stay on a node that is not ready or not reachable. */
  readonly tolerationSeconds: number;
  readonly readinessProbe: boolean;
  readonly livenessProbe: boolean;
  readonly surge: number | string;
  readonly unavailable: number | string;
  readonly recreate: boolean;
  readonly parallel: boolean;
  /** Beside it: a budget for its pods, and a service in front of them. */
  readonly budget: { readonly minAvailable: number } | { readonly maxUnavailable: number } | null;
  readonly service: boolean;
  /** Of a StatefulSet: each pod has a volume of its own, bound at once or when its pod is. */
  readonly claims: "none" | "Immediate" | "WaitForFirstConsumer";
  /** Of the user's own: the manifest itself, and what is above stands for it. */
  readonly given?: ManifestSpec;
}

const RESOURCES = {
  Deployment: "deployments",
  ReplicaSet: "replicasets",
  StatefulSet: "statefulsets",
  DaemonSet: "daemonsets",
  Job: "jobs",
  CronJob: "cronjobs",
} as const satisfies Record<WorkloadKind, string>;

export function resourceOf(kind: WorkloadKind): string {
  return RESOURCES[kind];
}

/** The manifests of a workload, itself first. */
export function manifestsOf(plan: WorkloadPlan): readonly ManifestSpec[] {
  const { name, namespace, budget, service, given } = plan;
  if (given !== undefined) return [withReplicas(given, plan.replicas)];
  const metadata = { name, namespace, labels: { app: name } };
  const selector = { matchLabels: { app: name } };
  const manifests: ManifestSpec[] = [{ ...workloadOf(plan), metadata }];
  if (budget !== null)
    manifests.push({ apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata, spec: { ...budget, selector } });
  if (plan.kind === "StatefulSet" && plan.claims !== "none") manifests.push(...volumesOf(plan));
  if (service || plan.kind === "StatefulSet")
    manifests.push({
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: { app: name }, ports: [{ port: 80 }] },
    });
  return manifests;
}

/** As many volumes as it may ever claim, of a class that nobody provisions. */
function volumesOf({ name, claims }: WorkloadPlan): readonly ManifestSpec[] {
  const storageClass = {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: `local-${name}` },
    provisioner: "kubernetes.io/no-provisioner",
    volumeBindingMode: claims,
  };
  const volumes = Array.from({ length: VOLUMES }, (_, i) => ({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `volume-${name}-${i}` },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      storageClassName: `local-${name}`,
      hostPath: { path: `/volumes/${name}-${i}` },
    },
  }));
  return [storageClass, ...volumes];
}

/** The most replicas that an operation or an episode asks for: three more than a set begins with, at the most. */
const VOLUMES = 8;

function claimTemplatesOf({ name, claims }: WorkloadPlan) {
  if (claims === "none") return {};
  const spec = {
    accessModes: ["ReadWriteOnce"],
    storageClassName: `local-${name}`,
    resources: { requests: { storage: "1Gi" } },
  };
  return { volumeClaimTemplates: [{ metadata: { name: "data" }, spec }] };
}

/** The manifest with other replicas, if its kind has some. */
function withReplicas(manifest: ManifestSpec, replicas: number): ManifestSpec {
  const scales = ["Deployment", "ReplicaSet", "StatefulSet"].includes(String(manifest["kind"]));
  return scales ? { ...manifest, spec: { ...(manifest["spec"] as object), replicas } } : manifest;
}

function workloadOf(plan: WorkloadPlan): ManifestSpec {
  const { kind, name, replicas, surge, unavailable, recreate, parallel } = plan;
  const selector = { matchLabels: { app: name } };
  const template = templateOf(plan, "Always");
  switch (kind) {
    case "Deployment": {
      const rollingUpdate = { maxSurge: surge, maxUnavailable: unavailable };
      const strategy = recreate ? { type: "Recreate" } : { type: "RollingUpdate", rollingUpdate };
      return { apiVersion: "apps/v1", kind, spec: { replicas, selector, strategy, template } };
    }
    case "ReplicaSet":
      return { apiVersion: "apps/v1", kind, spec: { replicas, selector, template } };
    case "StatefulSet": {
      const podManagementPolicy = parallel ? "Parallel" : "OrderedReady";
      return {
        apiVersion: "apps/v1",
        kind,
        spec: { replicas, serviceName: name, selector, podManagementPolicy, template, ...claimTemplatesOf(plan) },
      };
    }
    case "DaemonSet":
      return { apiVersion: "apps/v1", kind, spec: { selector, template } };
    case "Job":
      return { apiVersion: "batch/v1", kind, spec: jobSpecOf(plan) };
    case "CronJob": {
      const jobTemplate = { spec: jobSpecOf({ ...plan, replicas: 1 }) };
      return {
        apiVersion: "batch/v1",
        kind,
        spec: { schedule: "*/1 * * * *", concurrencyPolicy: parallel ? "Allow" : "Forbid", jobTemplate },
      };
    }
  }
}

function jobSpecOf(plan: WorkloadPlan) {
  const template = templateOf(
    { ...plan, readinessProbe: false, livenessProbe: false },
    plan.recreate ? "OnFailure" : "Never",
  );
  return {
    completions: plan.replicas,
    parallelism: Math.max(1, Math.ceil(plan.replicas / 2)),
    backoffLimit: plan.image === IMAGES.failingJob ? 2 : 20,
    template,
  };
}

function templateOf(plan: WorkloadPlan, restartPolicy: string) {
  const { name, image, graceSeconds, tolerationSeconds, readinessProbe, livenessProbe } = plan;
  const probe = { httpGet: { path: "/", port: 80 }, periodSeconds: 2 };
  const toleration = (key: string) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds });
  return {
    metadata: { labels: { app: name } },
    spec: {
      containers: [
        {
          name: "main",
          image,
          resources: { requests: { cpu: "100m", memory: "64Mi" } },
          ...(readinessProbe ? { readinessProbe: probe } : {}),
          ...(livenessProbe ? { livenessProbe: { ...probe, initialDelaySeconds: 5 } } : {}),
        },
      ],
      restartPolicy,
      terminationGracePeriodSeconds: graceSeconds,
      ...(plan.kind === "DaemonSet"
        ? {}
        : { tolerations: [toleration("node.kubernetes.io/not-ready"), toleration("node.kubernetes.io/unreachable")] }),
    },
  };
}

/** A namespace. */
export function namespaceManifest(name: string): ManifestSpec {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}
