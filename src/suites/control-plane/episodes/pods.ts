import { type Arbitrary, fc } from "../../../harness/fast-check.ts";
import type { Fault } from "../../../simulator/faults.ts";
import { IMAGES } from "../manifests.ts";
import type { ControlPlaneOperation, ManifestSpec } from "../scenario.ts";
import { beginning, type ClusterEpisode, type ClusterSetting } from "./setting.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What is put on a node by hand. */
interface Form {
  readonly image: string;
  readonly spec?: Fields;
  readonly container?: Fields;
}

const probe = { httpGet: { path: "/", port: 80 }, periodSeconds: 1, failureThreshold: 2 };
const other = (image: string): Fields => ({ name: "other", image });

/** Pods of the kinds that workloads have not. */
const FORMS: readonly Form[] = [
  { image: IMAGES.v1, container: { readinessProbe: probe } },
  { image: IMAGES.hanging, container: { livenessProbe: probe }, spec: { terminationGracePeriodSeconds: 4 } },
  { image: IMAGES.v1, spec: { otherContainers: [other(IMAGES.flaky)] } },
  { image: IMAGES.flaky, spec: { otherContainers: [other(IMAGES.v1)], restartPolicy: "OnFailure" } },
  { image: IMAGES.flaky, spec: { restartPolicy: "OnFailure" } },
  { image: IMAGES.job, spec: { restartPolicy: "OnFailure", otherContainers: [other(IMAGES.flaky)] } },
  { image: IMAGES.flaky, spec: { restartPolicy: "Never", otherContainers: [other(IMAGES.job)] } },
  { image: IMAGES.stubborn, spec: { activeDeadlineSeconds: 3, terminationGracePeriodSeconds: 3 } },
  { image: IMAGES.v1, spec: { initContainers: [{ name: "init", image: IMAGES.job }] } },
  {
    image: IMAGES.flaky,
    spec: { initContainers: [{ name: "side", image: IMAGES.v1, restartPolicy: "Always" }], restartPolicy: "OnFailure" },
  },
];

/** Pods of one's own, of all kinds, on one node: they are deleted, and perhaps made again under their names. */
export function ownPods(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  return onOneNode(setting, fc.array(fc.constantFrom(...FORMS), { minLength: 1, maxLength: 4, size: "max" }));
}

/** They use more memory than the node has: some are evicted. Their priority does not count before what they asked for. */
export function hungryPods(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const one = fc
    .record({
      image: fc.constantFrom(IMAGES.hungry, IMAGES.hungry, IMAGES.greedy, IMAGES.v1),
      memory: fc.constantFrom("64Mi", "1Gi", "2Gi"),
      priorityClassName: fc.constantFrom("", "", PRIORITY),
      stubborn: fc.boolean(),
    })
    .map(
      ({ image, memory, priorityClassName }): Form => ({
        image,
        container: { resources: { requests: { cpu: "100m", memory } } },
        spec: {
          terminationGracePeriodSeconds: 4,
          ...(priorityClassName === "" ? {} : { priorityClassName }),
        },
      }),
    );
  return onOneNode(setting, fc.array(one, { minLength: 3, maxLength: 5, size: "max" }));
}

const PRIORITY = "important";

/** They ask for more than the node has: who comes late is refused, and comes again when another has gone, or is going. */
export function crowdedNode(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const one = fc
    .record({
      image: fc.constantFrom(IMAGES.v1, IMAGES.stubborn, IMAGES.job),
      cpu: fc.constantFrom("1500m", "2500m"),
      restartPolicy: fc.constantFrom("Always", "Never"),
    })
    .map(
      ({ image, cpu, restartPolicy }): Form => ({
        image,
        container: { resources: { requests: { cpu, memory: "64Mi" } } },
        spec: { restartPolicy, terminationGracePeriodSeconds: 4 },
      }),
    );
  return onOneNode(setting, fc.array(one, { minLength: 2, maxLength: 4, size: "max" }));
}

function onOneNode(setting: ClusterSetting, forms: Arbitrary<readonly Form[]>): Arbitrary<ClusterEpisode> {
  const { cast } = setting;
  return fc
    .record({
      atMs: beginning(setting, 15_000),
      index: fc.integer({ min: 0, max: cast.nodes.length - 1 }),
      forms,
      everyMs: fc.constantFrom(10, 500, 2000),
      lastsMs: fc.integer({ min: 500, max: 12_000 }),
      first: fc.boolean(),
      again: fc.boolean(),
      trouble: fc.constantFrom(
        "none" as const,
        "kubelet" as const,
        "kubelet" as const,
        "runtime" as const,
        "host" as const,
      ),
      troubleMs: fc.integer({ min: 500, max: 12_000 }),
    })
    .map(({ atMs, index, forms, everyMs, lastsMs, first, again, trouble, troubleMs }) => {
      const node = cast.nodes[index]!;
      const pods = forms.map((form, at) => podOf(`own-${at + 1}`, node, form));
      const make = (pod: ManifestSpec, at: number): ControlPlaneOperation => ({
        kind: "apply",
        atMs: at,
        session: 3,
        objects: [PRIORITY_CLASS, pod],
        manifests: [],
      });
      const gone = (at: number, atMs: number, session: number): ControlPlaneOperation => ({
        kind: "delete",
        atMs,
        session,
        resource: "pods",
        namespace: "default",
        name: `own-${at + 1}`,
        wait: false,
      });
      const workload = pods.map((pod, at) => make(pod, atMs + at * everyMs));
      const endMs = atMs + pods.length * everyMs + lastsMs;
      // The first makes room while the others are still to come.
      if (first)
        workload.push(
          gone(0, atMs + everyMs + 1000, 2),
          make(podOf("own-late", node, forms[0]!), atMs + everyMs + 1500),
        );
      if (again) workload.push(gone(0, endMs - 400, 2), make(pods[0]!, endMs - 399));
      workload.push(...pods.map((_, at) => gone(at, setting.chaosMs, 3)));
      workload.push({ ...gone(0, setting.chaosMs, 3), name: "own-late" } as ControlPlaneOperation);
      return { workload, faults: troubleOf(trouble, setting, index, atMs + troubleMs) };
    });
}

function troubleOf(
  trouble: "none" | "kubelet" | "runtime" | "host",
  { cast }: ClusterSetting,
  index: number,
  atMs: number,
): readonly Fault[] {
  switch (trouble) {
    case "none":
      return [];
    case "kubelet":
      return [{ kind: "kill", atMs, target: cast.kubelets[index]!, downMs: 100 }];
    case "runtime":
      return [{ kind: "kill", atMs, target: cast.runtimes[index]!, downMs: 500 }];
    case "host":
      return [{ kind: "crash", atMs, target: cast.nodes[index]!, downMs: 2000, torn: false }];
  }
}

const PRIORITY_CLASS: ManifestSpec = {
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name: PRIORITY },
  value: 1000,
};

function podOf(name: string, nodeName: string, { image, spec = {}, container = {} }: Form): ManifestSpec {
  const { otherContainers = [], ...rest } = spec as Fields & { readonly otherContainers?: readonly Fields[] };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: { app: name } },
    spec: {
      nodeName,
      terminationGracePeriodSeconds: 2,
      containers: [{ name: "main", image, ...container }, ...otherContainers],
      ...rest,
    },
  };
}
