import { describe, expect, test } from "vitest";
import type { KubeObject, Node, Pod, PodSpec } from "../machinery/kinds/index.ts";
import { nodeEvents, podEvents } from "./changes.ts";
import { listersOf } from "./framework/listers.ts";
import { interestsIn, isOfInterest } from "./hints/index.ts";
import { nodeOf, podOf } from "./testing/drill.ts";
import type { ClusterEvent } from "./types.ts";

const ZONE = "topology.kubernetes.io/zone";
const LISTERS = listersOf([]);

function named(name: string, spec: Partial<PodSpec> = {}, labels: Record<string, string> = {}): Pod {
  const pod = podOf(name, spec);
  return { ...pod, metadata: { ...pod.metadata, uid: `uid-${name}`, labels } };
}

/** Whether a plugin thinks that an event may help a pod it has rejected. */
function helps(plugin: string, event: string, pod: Pod, old: KubeObject | null, object: KubeObject | null): boolean {
  const [resource, action] = event.split("/");
  const interests = interestsIn({ resource, action } as ClusterEvent).filter((one) => one.plugin === plugin);
  return interests.some(({ hint }) => hint === null || hint(pod, old, object, LISTERS));
}

const withTaint = (...keys: readonly string[]): Node =>
  nodeOf("n", "1", { taints: keys.map((key) => ({ key, effect: "NoSchedule" })) });

describe("what a change of a node is", () => {
  test.each<[string, Node, Node, readonly string[]]>([
    ["nothing", nodeOf("n"), nodeOf("n"), []],
    ["more room", nodeOf("n"), nodeOf("n", "2"), ["updateAllocatable"]],
    ["other labels", nodeOf("n"), nodeOf("n", "1", {}, { a: "b" }), ["updateLabel"]],
    [
      "a taint, and a cordon",
      nodeOf("n"),
      { ...withTaint("t"), spec: { unschedulable: true, taints: [] } },
      ["updateTaint"],
    ],
    [
      "a condition",
      nodeOf("n"),
      { ...nodeOf("n"), status: { ...nodeOf("n").status, conditions: [{ type: "Ready", status: "True" }] } },
      ["updateCondition"],
    ],
  ])("%s", (_, old, node, actions) => {
    expect(nodeEvents(old, node).map(({ action }) => action)).toEqual(actions);
  });
});

describe("what a change of a pod is", () => {
  const gated = named("p", { schedulingGates: [{ name: "g" }] });
  test.each<[string, Pod, Pod, readonly string[]]>([
    ["its status", named("p"), { ...named("p"), status: { phase: "Running" } }, ["updateOther"]],
    ["its labels", named("p"), named("p", {}, { a: "b" }), ["updateLabel"]],
    ["its last gate", gated, named("p"), ["updateGatesEliminated"]],
    ["a toleration", named("p"), named("p", { tolerations: [{ operator: "Exists" }] }), ["updateToleration"]],
    ["less than before", named("p"), named("p", { containers: [{ name: "c" }] }), ["updateScaleDown"]],
  ])("%s", (_, old, pod, actions) => {
    expect(podEvents(old, pod).map(({ action }) => action)).toEqual(actions);
  });

  test("most of it is of no interest", () => {
    expect(isOfInterest({ resource: "assignedPod", action: "updateOther" })).toBe(false);
    expect(isOfInterest({ resource: "node", action: "updateCondition" })).toBe(false);
    expect(isOfInterest({ resource: "assignedPod", action: "delete" })).toBe(true);
  });
});

describe("nodes", () => {
  test("a taint that kept the pod away is gone", () => {
    const event = "node/updateTaint";
    expect(helps("TaintToleration", event, named("p"), withTaint("a"), nodeOf("n"))).toBe(true);
    expect(helps("TaintToleration", event, named("p"), withTaint("a", "b"), withTaint("b"))).toBe(false);
    expect(helps("TaintToleration", event, named("p"), nodeOf("n"), nodeOf("n"))).toBe(false);
    const tolerant = named("p", { tolerations: [{ key: "b", operator: "Exists" }] });
    expect(helps("TaintToleration", event, tolerant, withTaint("a", "b"), withTaint("b"))).toBe(true);
  });

  test("a node is uncordoned", () => {
    const cordoned = nodeOf("n", "1", { unschedulable: true });
    expect(helps("NodeUnschedulable", "node/updateTaint", named("p"), cordoned, nodeOf("n"))).toBe(true);
    expect(helps("NodeUnschedulable", "node/updateTaint", named("p"), nodeOf("n"), nodeOf("n"))).toBe(false);
    expect(helps("NodeUnschedulable", "node/add", named("p"), null, cordoned)).toBe(false);
  });

  test("a node matches that did not", () => {
    const picky = named("p", { nodeSelector: { disk: "ssd" } });
    const ssd = nodeOf("n", "1", {}, { disk: "ssd" });
    expect(helps("NodeAffinity", "node/updateLabel", picky, nodeOf("n"), ssd)).toBe(true);
    expect(helps("NodeAffinity", "node/updateLabel", picky, ssd, ssd)).toBe(false);
    expect(helps("NodeAffinity", "node/add", picky, null, nodeOf("n"))).toBe(false);
  });

  test("there is more of what the pod wants, and enough", () => {
    const event = "node/updateAllocatable";
    const pod = podOf("p", {}, "1500m");
    expect(helps("NodeResourcesFit", event, pod, nodeOf("n", "1"), nodeOf("n", "2"))).toBe(true);
    expect(helps("NodeResourcesFit", event, pod, nodeOf("n", "100m"), nodeOf("n", "1"))).toBe(false);
    expect(helps("NodeResourcesFit", event, pod, nodeOf("n", "3"), nodeOf("n", "2"))).toBe(false);
    expect(helps("NodeResourcesFit", "node/add", pod, null, nodeOf("n", "2"))).toBe(true);
  });

  test("a domain has come, gone or changed", () => {
    const labelSelector = { matchLabels: { app: "x" } };
    const constraint = { maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: "DoNotSchedule", labelSelector } as const;
    const spread = named("p", { topologySpreadConstraints: [constraint] });
    const inZone = (zone: string) => nodeOf("n", "1", {}, { [ZONE]: zone });
    const asked = (event: string, old: Node | null, node: Node | null) =>
      helps("PodTopologySpread", event, spread, old, node);
    expect(asked("node/updateLabel", inZone("a"), inZone("b"))).toBe(true);
    expect(asked("node/updateLabel", inZone("a"), nodeOf("n"))).toBe(true);
    expect(asked("node/updateLabel", inZone("a"), inZone("a"))).toBe(false);
    expect(asked("node/add", null, inZone("a"))).toBe(true);
    expect(asked("node/add", null, nodeOf("n"))).toBe(false);
    expect(asked("node/delete", inZone("a"), null)).toBe(true);
  });
});

describe("other pods", () => {
  const labelSelector = { matchLabels: { app: "x" } };
  const term = { topologyKey: ZONE, labelSelector };
  const required = { requiredDuringSchedulingIgnoredDuringExecution: [term] };
  const apart = named("p", { affinity: { podAntiAffinity: required } });
  const together = named("p", { affinity: { podAffinity: required } });
  const other = named("o", { nodeName: "n" }, { app: "x" });
  const stranger = named("o", { nodeName: "n" }, { app: "y" });

  test("one has gone, and left its room, if it had any", () => {
    const event = "assignedPod/delete";
    expect(helps("NodeResourcesFit", event, named("p"), other, null)).toBe(true);
    expect(helps("NodeResourcesFit", event, named("p"), named("o"), null)).toBe(false);
    expect(helps("DefaultPreemption", event, named("p"), other, null)).toBe(true);
  });

  test("one has let go of a port that the pod wants", () => {
    const withPort = (name: string, hostPort: number, nodeName?: string) =>
      named(name, {
        containers: [{ name: "c", ports: [{ containerPort: 80, hostPort }] }],
        ...(nodeName !== undefined && { nodeName }),
      });
    const event = "assignedPod/delete";
    expect(helps("NodePorts", event, withPort("p", 80), withPort("o", 80, "n"), null)).toBe(true);
    expect(helps("NodePorts", event, withPort("p", 80), withPort("o", 81, "n"), null)).toBe(false);
  });

  test("one that it wants near has come, or one that it avoids has gone", () => {
    expect(helps("InterPodAffinity", "assignedPod/add", together, null, other)).toBe(true);
    expect(helps("InterPodAffinity", "assignedPod/add", together, null, stranger)).toBe(false);
    expect(helps("InterPodAffinity", "assignedPod/add", apart, null, other)).toBe(false);
    expect(helps("InterPodAffinity", "assignedPod/delete", apart, other, null)).toBe(true);
    expect(helps("InterPodAffinity", "assignedPod/delete", apart, stranger, null)).toBe(false);
    expect(helps("InterPodAffinity", "assignedPod/updateLabel", apart, other, stranger)).toBe(true);
    expect(helps("InterPodAffinity", "assignedPod/updateLabel", apart, stranger, other)).toBe(false);
  });

  test("one that kept it away has gone", () => {
    const keeper = named("k", { nodeName: "n", affinity: { podAntiAffinity: required } });
    expect(helps("InterPodAffinity", "assignedPod/delete", named("p", {}, { app: "x" }), keeper, null)).toBe(true);
    expect(helps("InterPodAffinity", "assignedPod/delete", named("p", {}, { app: "y" }), keeper, null)).toBe(false);
  });

  test("the counts of its spread have changed", () => {
    const constraint = { maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: "DoNotSchedule", labelSelector } as const;
    const spread = named("p", { topologySpreadConstraints: [constraint] });
    const asked = (event: string, old: Pod | null, pod: Pod | null) =>
      helps("PodTopologySpread", event, spread, old, pod);
    expect(asked("assignedPod/delete", other, null)).toBe(true);
    expect(asked("assignedPod/delete", stranger, null)).toBe(false);
    expect(asked("assignedPod/updateLabel", other, stranger)).toBe(true);
    const abroad = { ...other, metadata: { ...other.metadata, namespace: "b" } };
    expect(asked("assignedPod/add", null, abroad)).toBe(false);
  });
});

describe("claims and volumes", () => {
  const user = named("p", { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "data" } }] });
  const claim = (name: string): KubeObject => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: "a" },
  });

  test("its own claims matter to a pod, and no others", () => {
    for (const plugin of ["VolumeBinding", "VolumeZone", "VolumeRestrictions"]) {
      expect(helps(plugin, "claim/update", user, claim("data"), claim("data"))).toBe(true);
      expect(helps(plugin, "claim/add", user, null, claim("other"))).toBe(false);
    }
  });

  test("any volume, and classes that have come", () => {
    const volume = { apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "pv" } };
    const storageClass = (volumeBindingMode: string): KubeObject =>
      ({
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name: "c" },
        volumeBindingMode,
      }) as KubeObject;
    expect(helps("VolumeBinding", "volume/update", user, volume, volume)).toBe(true);
    expect(helps("VolumeZone", "volume/update", user, volume, volume)).toBe(false);
    expect(helps("VolumeBinding", "storageClass/add", user, null, storageClass("Immediate"))).toBe(true);
    expect(helps("VolumeZone", "storageClass/add", user, null, storageClass("Immediate"))).toBe(false);
    expect(helps("VolumeZone", "storageClass/add", user, null, storageClass("WaitForFirstConsumer"))).toBe(true);
  });
});
