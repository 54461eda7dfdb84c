import { describe, expect, test } from "vitest";
import type { KubeObject, PersistentVolume, PersistentVolumeClaim, Pod } from "../../machinery/kinds/index.ts";
import { podInfoOf } from "../framework/pod-info.ts";
import { moreImportant } from "../framework/preemption.ts";
import { readConfiguration } from "./config.ts";
import { brokenLinear, leastRequestedScore, mostRequestedScore } from "./scoring-strategies.ts";
import { aNode, aPod, decided, reasonsOf, scoresOf } from "./testing.ts";

const CPU = [{ name: "cpu", weight: 1 }];
const withStrategy = (scoringStrategy: object) => ({
  NodeResourcesFit: { ignoredResources: [], ignoredResourceGroups: [], scoringStrategy } as never,
});

describe("NodeResourcesFit scores", () => {
  const nodes = [aNode("a"), aNode("b", { cpu: "8" })];
  const pod = aPod("p", {}, { cpu: "1", memory: "0" });

  test("least and most allocated, in integers", () => {
    expect([leastRequestedScore(1, 3), leastRequestedScore(4, 3), mostRequestedScore(4, 3)]).toEqual([66, 0, 100]);
    const most = decided({ nodes, pod, args: withStrategy({ type: "MostAllocated", resources: CPU }) });
    expect(scoresOf(most, "NodeResourcesFit")).toEqual({ a: [25, 25], b: [12, 12] });
  });

  test("a shape is a broken line, and a resource that scores 0 has no weight", () => {
    const points = [10, 40, 80].map((utilization, i) => ({ utilization, score: [0, 90, 30][i]! }));
    expect([0, 10, 11, 40, 41, 100].map((at) => brokenLinear(points, at))).toEqual([0, 0, 3, 90, 89, 30]);
    const shape = [
      { utilization: 0, score: 0 },
      { utilization: 100, score: 10 },
    ];
    const resources = [...CPU, { name: "memory", weight: 3 }];
    const ratio = { type: "RequestedToCapacityRatio", resources, requestedToCapacityRatio: { shape } };
    expect(scoresOf(decided({ nodes, pod, args: withStrategy(ratio) }), "NodeResourcesFit")).toEqual({
      a: [25, 25],
      b: [12, 12],
    });
  });
});

describe("NodeResourcesBalancedAllocation", () => {
  test("what becomes more even scores above 75, what becomes less even below", () => {
    const there = aPod("there", { nodeName: "a" }, { cpu: "2", memory: "0" });
    const pod = aPod("p", {}, { memory: "4Gi", cpu: "0" });
    const result = decided({ nodes: [aNode("a"), aNode("b")], existing: [there], pod });
    // a: from 75 to 100; b: from 100 to 75.
    expect(scoresOf(result, "NodeResourcesBalancedAllocation")).toEqual({ a: [87, 87], b: [62, 62] });
  });

  test("a pod that asks for nothing is not scored", () => {
    expect(scoresOf(decided({ nodes: [aNode("a")], pod: aPod("p") }), "NodeResourcesBalancedAllocation")).toBeNull();
  });
});

describe("PodTopologySpread scores", () => {
  const zones = ["z1", "z1", "z2"].map((zone, i) => aNode(`n${i}`, {}, { "topology.kubernetes.io/zone": zone }));
  const there = [aPod("web-1", { nodeName: "n0" }), aPod("web-2", { nodeName: "n1" })];

  test("the system's defaults spread what a service selects", () => {
    const service = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "s", namespace: "default" },
      spec: { selector: { app: "web" } },
    };
    const spread = (objects: readonly KubeObject[]) =>
      scoresOf(decided({ nodes: zones, existing: there, pod: aPod("web-3"), objects }), "PodTopologySpread");
    expect(spread([])).toBeNull();
    // n0: host 1 * ln 5 + 2, zone 2 * ln 4 + 4: 10.38; n2: 2 + 4.
    expect(spread([service])).toEqual({ n0: [10, 60], n1: [10, 60], n2: [6, 100] });
  });
});

describe("claims", () => {
  const volume = (name: string, node: string): PersistentVolume => ({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      capacity: { storage: "5Gi" },
      accessModes: ["ReadWriteOnce"],
      storageClassName: "local",
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] },
          ],
        },
      },
    },
  });
  const claim = (spec: object, annotations: Record<string, string> = {}): PersistentVolumeClaim => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "c", namespace: "default", annotations },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "local",
      resources: { requests: { storage: "1Gi" } },
      ...spec,
    },
  });
  const local = (provisioner: string, volumeBindingMode = "WaitForFirstConsumer") => ({
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "local" },
    provisioner,
    volumeBindingMode,
  });
  const pod = aPod("p", { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "c" } }] });
  const nodes = [aNode("a"), aNode("b")];
  const against = (...objects: readonly KubeObject[]) => reasonsOf(decided({ nodes, pod, objects }), "VolumeBinding");
  const NONE = "node(s) didn't find available persistent volumes to bind";

  test("that are bound say where the pod can be", () => {
    const bound = claim({ volumeName: "v" }, { "pv.kubernetes.io/bind-completed": "yes" });
    expect(against(bound, volume("v", "b"))).toEqual([["node(s) had volume node affinity conflict"], []]);
    expect(against(bound)[0]).toEqual(["node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"]);
  });

  test("that wait find a volume, or one is made", () => {
    expect(against(claim({}), local("kubernetes.io/no-provisioner"), volume("v", "b"))).toEqual([[NONE], []]);
    expect(against(claim({}), local("csi.example.com"), volume("v", "b"))).toEqual([[], []]);
    const promised = claim({}, { "volume.kubernetes.io/selected-node": "b" });
    expect(against(promised, local("csi.example.com"))).toEqual([[NONE], []]);
    expect(
      against(
        claim({ resources: { requests: { storage: "6Gi" } } }),
        local("kubernetes.io/no-provisioner"),
        volume("v", "b"),
      ),
    ).toEqual([[NONE], [NONE]]);
  });

  test("where capacity is published, there must be enough", () => {
    const driver = {
      apiVersion: "storage.k8s.io/v1",
      kind: "CSIDriver",
      metadata: { name: "csi.example.com" },
      spec: { storageCapacity: true },
    };
    const capacity = {
      apiVersion: "storage.k8s.io/v1",
      kind: "CSIStorageCapacity",
      metadata: { name: "x", namespace: "kube-system" },
      storageClassName: "local",
      nodeTopology: { matchLabels: { "kubernetes.io/hostname": "b" } },
      capacity: "2Gi",
    };
    const objects = [claim({}), local("csi.example.com"), driver, capacity];
    expect(against(...objects)).toEqual([["node(s) did not have enough free storage"], []]);
  });

  test("that others must bind keep the pod from all nodes", () => {
    const { message } = decided({ nodes, pod, objects: [claim({}), local("x", "Immediate")] });
    expect(message).toBe(
      "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
    );
    expect(decided({ nodes, pod }).message).toMatch(/^0\/2 nodes are available: persistentvolumeclaim "c" not found\./);
  });

  test("that one pod alone may use", () => {
    const other = { ...aPod("other", pod.spec), spec: { ...pod.spec, nodeName: "a" } };
    const exclusive = claim(
      { accessModes: ["ReadWriteOncePod"], volumeName: "v" },
      { "pv.kubernetes.io/bind-completed": "yes" },
    );
    const result = decided({ nodes, pod, existing: [other], objects: [exclusive, volume("v", "a")] });
    expect(reasonsOf(result, "VolumeRestrictions")[1]).toEqual([
      "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode",
    ]);
  });

  test("a disk is for one pod, unless both only read", () => {
    const disk = (readOnly: boolean) => [{ name: "d", gcePersistentDisk: { pdName: "x", readOnly } }];
    const reasons = (mine: boolean, theirs: boolean) =>
      reasonsOf(
        decided({
          nodes,
          pod: aPod("p", { volumes: disk(mine) }),
          existing: [aPod("o", { volumes: disk(theirs), nodeName: "a" })],
        }),
        "VolumeRestrictions",
      );
    expect(reasons(true, true)).toEqual([[], []]);
    expect(reasons(true, false)).toEqual([["node(s) had no available disk"], []]);
  });

  test("a driver attaches so many volumes", () => {
    const csi = { ...volume("v", "a"), spec: { ...volume("v", "a").spec, csi: { driver: "d", volumeHandle: "h" } } };
    const csiNode = (name: string, count: number) => ({
      apiVersion: "storage.k8s.io/v1",
      kind: "CSINode",
      metadata: { name },
      spec: { drivers: [{ name: "d", allocatable: { count } }] },
    });
    const bound = claim({ volumeName: "v" });
    const result = decided({ nodes, pod, objects: [csi, bound, csiNode("a", 0), csiNode("b", 1)] });
    expect(reasonsOf(result, "NodeVolumeLimits")).toEqual([["node(s) exceed max volume count"], []]);
  });
});

describe("preemption", () => {
  const low = (name: string, cpu: string, more: Partial<Pod["spec"]> = {}) =>
    aPod(name, { nodeName: "a", priority: 1, ...more }, { cpu });
  const high = (cpu: string, spec: Partial<Pod["spec"]> = {}) => aPod("high", { priority: 10, ...spec }, { cpu });
  const victims = (existing: readonly Pod[], pod: Pod, objects: readonly KubeObject[] = []) =>
    decided({ nodes: [aNode("a")], existing, pod, objects }).preemption?.victims.map(
      ({ pod: one }) => one.metadata.name,
    );

  test("as few go as must, the least important first", () => {
    const existing = [low("x", "1"), low("y", "1", { priority: 5 }), low("z", "2", { priority: 3 })];
    expect(victims(existing, high("1"))).toEqual(["x"]);
    expect(victims(existing, high("2"))).toEqual(["z"]);
    expect(victims(existing, high("4"))).toEqual(["y", "z", "x"]);
  });

  test("a disruption budget is kept where that is possible", () => {
    const budget = {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "b", namespace: "default" },
      spec: { selector: { matchLabels: { app: "x" } } },
      status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
    };
    const existing = [low("x", "2"), low("y", "2", { priority: 5 })];
    expect(victims(existing, high("2"))).toEqual(["x"]);
    expect(victims(existing, high("2"), [budget])).toEqual(["y"]);
  });

  test("what keeps it away for other reasons is not helped", () => {
    const { message } = decided({ nodes: [aNode("a")], existing: [low("x", "1")], pod: high("9") });
    expect(message).toBe(
      "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
    );
    const polite = decided({
      nodes: [aNode("a")],
      existing: [low("x", "4")],
      pod: high("1", { preemptionPolicy: "Never" }),
    });
    expect(polite.message).toBe(
      "0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.",
    );
  });

  test("pods in the way go: those that keep it away, and those that are where it must be alone", () => {
    const term = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "x" } } };
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    expect(victims([low("x-1", "0"), low("x-2", "0"), low("y", "0")], high("0", { affinity }))).toEqual(["x-1", "x-2"]);
    const hostile = low("y", "0", {
      affinity: {
        podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...term, labelSelector: {} }] },
      },
    });
    expect(victims([hostile, low("z", "0")], high("0"))).toEqual(["y"]);
    const constraint = {
      maxSkew: 1,
      topologyKey: "kubernetes.io/hostname",
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector: { matchLabels: { app: "high" } },
    } as const;
    const spread = decided({
      nodes: [aNode("a"), aNode("b", { pods: "0" })],
      existing: [low("high-1", "0")],
      pod: high("0", { topologySpreadConstraints: [constraint] }),
    });
    expect(spread.preemption?.victims.map(({ pod }) => pod.metadata.name)).toEqual(["high-1"]);
  });

  test("room that is promised to another counts as taken", () => {
    const promised = podInfoOf(aPod("promised", { priority: 10 }, { cpu: "3" }));
    const nominations = new Map([["a", [promised]]]);
    const result = (priority: number) =>
      decided({ nodes: [aNode("a")], pod: aPod("p", { priority }, { cpu: "2" }), options: { nominations } }).node?.name;
    expect([result(5), result(11)]).toEqual([undefined, "a"]);
  });

  test("importance is priority, then age", () => {
    const at = (name: string, startTime: string, priority = 0) =>
      podInfoOf({ ...aPod(name, { priority }), status: { startTime } });
    const pods = [
      at("young", "2026-01-02T00:00:00Z"),
      at("old", "2026-01-01T00:00:00Z"),
      at("high", "2026-01-03T00:00:00Z", 1),
    ];
    expect(pods.toSorted(moreImportant).map(({ pod }) => pod.metadata.name)).toEqual(["high", "old", "young"]);
  });
});

describe("configuration", () => {
  const read = (...profiles: readonly object[]) => {
    const result = readConfiguration({
      apiVersion: "kubescheduler.config.k8s.io/v1",
      kind: "KubeSchedulerConfiguration",
      profiles,
    });
    return result.kind === "flaws" ? result.flaws.map(({ field }) => field) : result.configuration.profiles;
  };
  const namesOf = (...profiles: readonly object[]) => {
    const [profile] = read(...profiles) as Exclude<ReturnType<typeof read>, string[]>;
    if (typeof profile === "string" || profile === undefined) throw new Error(`refused: ${profile}`);
    return {
      filters: profile.filters.map(({ name }) => name),
      scores: profile.scores.map(({ plugin, weight }) => `${plugin.name} ${weight}`),
      preempts: profile.preemption !== null,
    };
  };

  test("the defaults, in their order and with their weights", () => {
    const { filters, scores, preempts } = namesOf();
    expect(filters.join(" ")).toBe(
      "NodeUnschedulable NodeName TaintToleration NodeAffinity NodePorts NodeResourcesFit VolumeRestrictions NodeVolumeLimits VolumeBinding VolumeZone PodTopologySpread InterPodAffinity",
    );
    expect(scores).toEqual([
      "TaintToleration 3",
      "NodeAffinity 2",
      "NodeResourcesFit 1",
      "PodTopologySpread 2",
      "InterPodAffinity 2",
      "NodeResourcesBalancedAllocation 1",
      "ImageLocality 1",
    ]);
    expect(preempts).toBe(true);
  });

  test("a point's own plugins come first, and keep their weights", () => {
    const score = { enabled: [{ name: "ImageLocality", weight: 9 }], disabled: [{ name: "NodeAffinity" }] };
    const { scores, filters } = namesOf({ plugins: { score } });
    expect(scores[0]).toBe("ImageLocality 9");
    expect(scores).not.toContain("NodeAffinity 2");
    expect(filters).toContain("NodeAffinity");
  });

  test("everything off but one", () => {
    const multiPoint = { disabled: [{ name: "*" }], enabled: [{ name: "NodePorts" }] };
    expect(namesOf({ plugins: { multiPoint } })).toEqual({ filters: ["NodePorts"], scores: [], preempts: false });
    const postFilter = { disabled: [{ name: "*" }] };
    expect(namesOf({ plugins: { postFilter } }).preempts).toBe(false);
  });

  test.each([
    [{ schedulerNam: "x" }, "profiles[0].schedulerNam"],
    [
      { pluginConfig: [{ name: "InterPodAffinity", args: { hardPodAffinityWeight: 101 } }] },
      "profiles[0].pluginConfig[0].args.hardPodAffinityWeight",
    ],
    [
      {
        pluginConfig: [
          {
            name: "PodTopologySpread",
            args: { defaultConstraints: [{ maxSkew: 1, topologyKey: "z", whenUnsatisfiable: "ScheduleAnyway" }] },
          },
        ],
      },
      "profiles[0].pluginConfig[0].args.defaultConstraints",
    ],
    [
      {
        pluginConfig: [
          { name: "NodeResourcesFit", args: { scoringStrategy: { resources: [{ name: "cpu", weight: -1 }] } } },
        ],
      },
      "profiles[0].pluginConfig[0].args.scoringStrategy.resources[0].weight",
    ],
    [
      { pluginConfig: [{ name: "NodeResourcesFit", args: { ignoredResourceGroups: ["a/b"] } }] },
      "profiles[0].pluginConfig[0].args.ignoredResourceGroups[0]",
    ],
    [
      { plugins: { multiPoint: { enabled: [{ name: "NodeNames" }] } } },
      "profiles[0].plugins.multiPoint.enabled[0].name",
    ],
  ])("%j is refused", (profile, field) => {
    expect(read(profile)).toEqual([field]);
  });

  test("two profiles need two names", () => {
    expect(read({ schedulerName: "a" }, { schedulerName: "a" })).toEqual(["profiles[1].schedulerName"]);
    expect(read({ schedulerName: "a" }, {})).toEqual(["profiles[1].schedulerName"]);
  });
});
