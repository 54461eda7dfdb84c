import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import { IMAGES, type WorkloadKind, type WorkloadPlan } from "../control-plane/manifests.ts";
import type { ManifestSpec } from "../control-plane/scenario.ts";
import { weighted } from "../shared/arbitrary.ts";
import { DEDICATED, DISK, GPU } from "./nodes.ts";

type Fields = Readonly<Record<string, unknown>>;

const HOST = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";

/** Priorities, from the highest on; the last one preempts nobody. */
export const PRIORITIES = { urgent: 10_000, high: 1000, low: -10, patient: 5000 } as const;
export type Priority = keyof typeof PRIORITIES;

const priorityClasses: readonly ManifestSpec[] = Object.entries(PRIORITIES).map(([name, value]) => ({
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name },
  value,
  ...(name === "patient" ? { preemptionPolicy: "Never" } : {}),
}));

/**
 * Classes of volumes: those of `zonal` are there, each in a zone; those of `made` are made when a node is known; those of
 * `instant` are there, and bound at once.
 */
export const ZONAL = "zonal";
export const MADE = "made";
export const INSTANT = "instant";

const storageClasses: readonly ManifestSpec[] = [
  { name: ZONAL, provisioner: "kubernetes.io/no-provisioner", volumeBindingMode: "WaitForFirstConsumer" },
  { name: MADE, provisioner: "example.com/disks", volumeBindingMode: "WaitForFirstConsumer" },
  { name: INSTANT, provisioner: "kubernetes.io/no-provisioner", volumeBindingMode: "Immediate" },
].map(({ name, ...rest }) => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name },
  ...rest,
}));

/** What every run begins with: classes of pods and of volumes, and some volumes. */
export function groundwork(zones: number, volumes: number): readonly ManifestSpec[] {
  const made = Array.from({ length: volumes }, (_, i) => zonalVolume(`v${i + 1}`, `zone-${(i % zones) + 1}`));
  return [...priorityClasses, ...storageClasses, ...made];
}

/** A volume that can only be used in a zone. */
export function zonalVolume(name: string, zone: string, storageClassName = ZONAL): ManifestSpec {
  const matchExpressions = [{ key: ZONE, operator: "In", values: [zone] }];
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName,
      hostPath: { path: `/data/${name}` },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
    },
  };
}

/** A claim of a volume. */
export function claim(name: string, storageClassName: string): ManifestSpec {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: "default" },
    spec: claimSpec(storageClassName),
  };
}

function claimSpec(storageClassName: string) {
  return { storageClassName, accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
}

/** What a pod may ask of its node beside room. */
export const WISHES = [
  "disk",
  "disks",
  "softDisk",
  "apart",
  "softApart",
  "apartInZone",
  "together",
  "softTogether",
  "spreadHosts",
  "spreadZones",
  "softSpread",
  "tolerates",
  "gpu",
  "hostPort",
] as const;
export type Wish = (typeof WISHES)[number];

/** What the pods of a workload are made of. */
export interface PodPlan {
  readonly app: string;
  /** Another app, for affinities. */
  readonly friend: string;
  readonly cpu: string;
  readonly memory: string;
  readonly image: string;
  readonly priority: Priority | null;
  readonly graceSeconds: number;
  readonly wishes: readonly Wish[];
}

export const podPlan: Arbitrary<Omit<PodPlan, "app" | "friend">> = fc.record({
  cpu: weighted([1, "100m"], [3, "300m"], [3, "500m"], [2, "800m"], [1, "1500m"]),
  memory: fc.constantFrom("32Mi", "128Mi", "512Mi"),
  image: weighted<string>([5, IMAGES.v1], [1, IMAGES.slow], [1, IMAGES.stubborn]),
  priority: weighted<Priority | null>([4, null], [1, "low"], [2, "high"], [1, "urgent"], [1, "patient"]),
  graceSeconds: fc.constantFrom(1, 2, 5),
  wishes: fc.oneof(
    { weight: 2, arbitrary: fc.constant<Wish[]>([]) },
    { weight: 3, arbitrary: fc.subarray([...WISHES], { minLength: 1, maxLength: 1 }) },
    { weight: 2, arbitrary: fc.subarray([...WISHES], { minLength: 2, maxLength: 3 }) },
  ),
});

const TOLERATIONS = ["not-ready", "unreachable"].map((key) => ({
  key: `node.kubernetes.io/${key}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 5,
}));

/** The spec of a pod, as in a template. */
export function podSpec(plan: PodPlan, more: Fields = {}): Fields {
  const { cpu, memory, image, priority, graceSeconds, wishes } = plan;
  const has = (wish: Wish) => wishes.includes(wish);
  const requests = { cpu, memory, ...(has("gpu") ? { [GPU]: 1 } : {}) };
  const limits = has("gpu") ? { limits: { [GPU]: 1 } } : {};
  const container = {
    name: "main",
    image,
    resources: { requests, ...limits },
    ...(has("hostPort") ? { ports: [{ containerPort: 80, hostPort: 8080 }] } : {}),
  };
  const spread = spreadOf(plan);
  const affinity = affinityOf(plan);
  return {
    containers: [container],
    terminationGracePeriodSeconds: graceSeconds,
    tolerations: has("tolerates")
      ? [...TOLERATIONS, { key: DEDICATED, operator: "Exists", effect: "NoSchedule" }]
      : TOLERATIONS,
    ...(priority === null ? {} : { priorityClassName: priority }),
    ...(has("disk") ? { nodeSelector: { [DISK]: "ssd" } } : {}),
    ...(spread.length === 0 ? {} : { topologySpreadConstraints: spread }),
    ...(Object.keys(affinity).length === 0 ? {} : { affinity }),
    ...more,
  };
}

function spreadOf({ app, wishes }: PodPlan): readonly Fields[] {
  const constraint = (topologyKey: string, whenUnsatisfiable: string, maxSkew: number) => ({
    maxSkew,
    topologyKey,
    whenUnsatisfiable,
    labelSelector: { matchLabels: { app } },
  });
  const found: Fields[] = [];
  if (wishes.includes("spreadHosts")) found.push(constraint(HOST, "DoNotSchedule", 1));
  if (wishes.includes("spreadZones")) found.push(constraint(ZONE, "DoNotSchedule", 1));
  if (wishes.includes("softSpread")) found.push(constraint(found.length === 0 ? ZONE : DISK, "ScheduleAnyway", 1));
  return found;
}

function affinityOf({ app, friend, wishes }: PodPlan): Fields {
  const has = (wish: Wish) => wishes.includes(wish);
  const term = (of: string, topologyKey: string) => ({ labelSelector: { matchLabels: { app: of } }, topologyKey });
  const soft = (of: string, topologyKey: string) => ({ weight: 10, podAffinityTerm: term(of, topologyKey) });
  const disk = (operator: string, values?: readonly string[]) => ({
    matchExpressions: [{ key: DISK, operator, ...(values === undefined ? {} : { values }) }],
  });
  const node = {
    ...(has("disks")
      ? { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [disk("In", ["hdd"]), disk("Exists")] } }
      : {}),
    ...(has("softDisk")
      ? { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 20, preference: disk("NotIn", ["ssd"]) }] }
      : {}),
  };
  const apart = [...(has("apart") ? [term(app, HOST)] : []), ...(has("apartInZone") ? [term(friend, ZONE)] : [])];
  const anti = {
    ...(apart.length === 0 ? {} : { requiredDuringSchedulingIgnoredDuringExecution: apart }),
    ...(has("softApart") ? { preferredDuringSchedulingIgnoredDuringExecution: [soft(app, HOST)] } : {}),
  };
  const together = {
    ...(has("together") ? { requiredDuringSchedulingIgnoredDuringExecution: [term(friend, ZONE)] } : {}),
    ...(has("softTogether") ? { preferredDuringSchedulingIgnoredDuringExecution: [soft(friend, HOST)] } : {}),
  };
  const filled = (name: string, value: Fields) => (Object.keys(value).length === 0 ? {} : { [name]: value });
  return { ...filled("nodeAffinity", node), ...filled("podAntiAffinity", anti), ...filled("podAffinity", together) };
}

/** A pod of nobody's. */
export function pod(name: string, plan: PodPlan, more: Fields = {}): ManifestSpec {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: { app: plan.app } },
    spec: podSpec(plan, more),
  };
}

/** A pod that uses a claim. */
export function mounting(claimName: string): Fields {
  return { volumes: [{ name: "data", persistentVolumeClaim: { claimName } }] };
}

export const KINDS = [
  "Deployment",
  "ReplicaSet",
  "StatefulSet",
  "Job",
  "DaemonSet",
] as const satisfies readonly WorkloadKind[];

interface Workload {
  readonly plan: WorkloadPlan;
  /** What is beside it: a budget. */
  readonly beside: readonly ManifestSpec[];
}

const rest = fc.record({
  replicas: fc.integer({ min: 1, max: 6 }),
  budget: weighted([2, null], [1, { maxUnavailable: 1 }], [1, { minAvailable: 1 }]),
  claims: weighted<string | null>([1, null], [2, ZONAL], [1, MADE]),
});

/** Workloads of some kinds, `w1` and so on. */
export function workloads(kinds: readonly (typeof KINDS)[number][]): Arbitrary<readonly Workload[]> {
  const one = fc.record({
    kind: fc.constantFrom(...kinds),
    pods: podPlan,
    rest,
    friend: fc.integer({ min: 1, max: 4 }),
  });
  return fc.array(one, { minLength: 1, maxLength: 4, size: "max" }).map((list) =>
    list.map(({ kind, pods, rest: { replicas, budget, claims }, friend }, i): Workload => {
      const name = `w${i + 1}`;
      const image = kind === "Job" ? IMAGES.job : pods.image;
      // A host port, or a GPU, on each node is nothing that all nodes have.
      const wishes = kind === "DaemonSet" ? [] : pods.wishes;
      const plan: PodPlan = { ...pods, image, wishes, app: name, friend: `w${Math.min(friend, list.length)}` };
      const given = manifestOf(kind, name, replicas, plan, claims);
      const selector = { matchLabels: { app: name } };
      const metadata = { name, namespace: "default" };
      const beside = { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata, spec: { ...budget, selector } };
      return {
        plan: { ...PLAN, kind, name, replicas, image, given },
        beside: budget === null || kind === "Job" || kind === "DaemonSet" ? [] : [beside],
      };
    }),
  );
}

/** What a plan with a manifest of its own has to say besides. */
const PLAN: Omit<WorkloadPlan, "kind" | "name"> = {
  namespace: "default",
  replicas: 1,
  image: "",
  graceSeconds: 2,
  tolerationSeconds: 5,
  readinessProbe: false,
  livenessProbe: false,
  surge: "25%",
  unavailable: "25%",
  recreate: false,
  parallel: true,
  budget: null,
  service: false,
  claims: "none",
};

export function manifestOf(
  kind: (typeof KINDS)[number],
  name: string,
  replicas: number,
  plan: PodPlan,
  claims: string | null = null,
): ManifestSpec {
  const template = {
    metadata: { labels: { app: name } },
    spec: podSpec(plan, kind === "Job" ? { restartPolicy: "Never" } : {}),
  };
  const selector = { matchLabels: { app: name } };
  const metadata = { name, namespace: "default", labels: { app: name } };
  const apps = (spec: Fields): ManifestSpec => ({ apiVersion: "apps/v1", kind, metadata, spec });
  switch (kind) {
    case "Deployment":
    case "ReplicaSet":
      return apps({ replicas, selector, template });
    case "StatefulSet": {
      const templates =
        claims === null ? {} : { volumeClaimTemplates: [{ metadata: { name: "data" }, spec: claimSpec(claims) }] };
      return apps({ replicas, serviceName: name, selector, podManagementPolicy: "Parallel", template, ...templates });
    }
    case "DaemonSet":
      return apps({ selector, template });
    case "Job":
      return {
        apiVersion: "batch/v1",
        kind,
        metadata,
        spec: { completions: replicas + 1, parallelism: replicas, backoffLimit: 20, template },
      };
  }
}
