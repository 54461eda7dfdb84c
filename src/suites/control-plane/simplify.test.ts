import { describe, expect, test } from "vitest";
import { generate } from "../../harness/fast-check.ts";
import { controlPlaneScenario } from "./arbitrary.ts";
import { contradiction } from "./contradiction.ts";
import { scenarioWith } from "./defaults.ts";
import type { ControlPlaneScenario } from "./scenario.ts";
import { simplerOperations, simplerScenarios } from "./simplify.ts";
import { controlPlaneSuite } from "./suite.ts";

const sizes = (of: ControlPlaneScenario) =>
  [...simplerScenarios(of)].map(({ system }) => `${system.masters}+${system.nodes}`);

describe("fewer hosts", () => {
  test("the boldest change comes first, and none adds a host", () => {
    const before = scenarioWith({ system: { masters: 3, nodes: 4 } });
    expect(sizes(before).slice(0, 9)).toEqual(["1+4", "2+4", "3+1", "3+2", "3+3", "3+3", "3+3", "3+3", "3+3"]);
  });

  test("what names a host or a process that is gone goes; manifests stay as they are", () => {
    const objects = [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "node-2" }, data: { to: "node-2" } }];
    const before = scenarioWith({
      system: { masters: 1, nodes: 2, objects },
      workload: [
        { kind: "drain", node: "node-2" },
        { kind: "cordon", node: "node-1" },
        { kind: "apply", objects },
      ],
      faults: [
        { kind: "kill", target: "kubelet-2", downMs: 1 },
        { kind: "partition", side: ["node-2", "runtime-1"], durationMs: 1 },
      ],
      phases: { chaosMs: 10, stayDown: ["node-2"] },
    });
    const one = [...simplerScenarios(before)].find(({ system }) => system.nodes === 1)!;
    expect(one.workload).toEqual([before.workload[1], before.workload[2]]);
    expect(one.faults).toEqual([{ ...before.faults[1], side: ["runtime-1"] }]);
    expect(one.phases.stayDown).toEqual([]);
    expect(one.system.objects).toEqual(objects);
  });

  test("a node in the middle may be the one that goes", () => {
    const before = scenarioWith({
      system: { nodes: 3 },
      faults: [{ kind: "kill", target: "kubelet-3", downMs: 1 }],
      workload: [{ kind: "cordon", node: "node-3" }],
    });
    const moved = [...simplerScenarios(before)].filter(({ system, faults }) => system.nodes === 2 && faults.length > 0);
    expect(moved.map(({ faults, workload }) => [faults[0], workload[0]])).toContainEqual([
      expect.objectContaining({ target: "kubelet-2" }),
      expect.objectContaining({ node: "node-2" }),
    ]);
  });
});

test("fewer objects, replicas and images, and then the configuration", () => {
  const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a" }, spec: { replicas: 4 } };
  const before = scenarioWith({
    system: {
      masters: 1,
      nodes: 1,
      objects: [deployment],
      images: [{ image: "unused:*" }],
      runtime: "rkt",
      config: { kubelet: { syncFrequencyMs: 5 } },
    },
  });
  const simpler = [...simplerScenarios(before)].map(({ system }) => system);
  expect(simpler.some(({ objects }) => objects.length === 0)).toBe(true);
  const replicas = simpler.map(({ objects }) => (objects[0]?.["spec"] as typeof deployment.spec | undefined)?.replicas);
  expect(new Set(replicas)).toEqual(new Set([undefined, 1, 2, 3, 4]));
  expect(simpler.some(({ images }) => images.length === 0)).toBe(true);
  expect(simpler.some(({ runtime }) => runtime === "docker")).toBe(true);
  expect(simpler.some(({ config }) => config.kubelet.syncFrequencyMs === 60_000)).toBe(true);
});

test("what comes to an end by its image goes on doing so, as long as something uses it", () => {
  const spec = {
    initContainers: [{ name: "init", image: "init:v1" }],
    containers: [{ name: "main", image: "app:v1" }],
  };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec };
  const images = [
    { image: "init:v1", exitsAfterMs: 1000 },
    { image: "app:*", readyAfterMs: 1000 },
  ];
  const before = scenarioWith({ system: { masters: 1, nodes: 1, objects: [pod], images } });
  const left = [...simplerScenarios(before)].filter(({ system }) => system.objects.length === 1);
  expect(left.every(({ system }) => system.images.some(({ image }) => image === "init:v1"))).toBe(true);
  expect(left.some(({ system }) => system.images.length === 1)).toBe(true);
  const without = { ...before, system: { ...before.system, objects: [] } };
  expect([...simplerScenarios(without)].some(({ system }) => system.images.length === 0)).toBe(true);
});

test("an operation with one option at its default", () => {
  const { workload } = scenarioWith({
    workload: [{ kind: "delete", resource: "pods", namespace: "extra", name: "a", wait: false, gracePeriodSeconds: 3 }],
  });
  const simpler = [...simplerOperations(workload[0]!)];
  expect(simpler).toContainEqual({ ...workload[0], wait: true });
  expect(simpler).toContainEqual({ ...workload[0], namespace: "default" });
  expect(simpler.some((operation) => !("gracePeriodSeconds" in operation))).toBe(true);
});

test("what is simpler contradicts itself nowhere, and is never the same", () => {
  const profile = controlPlaneSuite.profiles.quick!;
  for (let index = 0; index < 40; index++) {
    const before = generate(controlPlaneScenario(profile), 5, index);
    const text = JSON.stringify(before);
    for (const simpler of simplerScenarios(before)) {
      expect(contradiction(simpler)).toBeNull();
      expect(JSON.stringify(simpler)).not.toBe(text);
    }
  }
});

test("classes and volumes stay as long as something asks for them", () => {
  const named = (kind: string, name: string, spec = {}) => ({ apiVersion: "v1", kind, metadata: { name }, spec });
  const claim = named("PersistentVolumeClaim", "data", { storageClassName: "local" });
  const objects = [
    named("StorageClass", "local"),
    named("StorageClass", "other"),
    named("PersistentVolume", "one", { storageClassName: "local" }),
    named("PriorityClass", "high"),
    claim,
    named("Pod", "web", { priorityClassName: "high" }),
  ];
  const gone = (scenario: ControlPlaneScenario) =>
    [...simplerScenarios(scenario)]
      .filter(({ system }) => system.objects.length < scenario.system.objects.length)
      .map(({ system }) => scenario.system.objects.find((object) => !system.objects.includes(object))!["metadata"]);
  expect(gone(scenarioWith({ system: { masters: 1, nodes: 1, objects } }))).toEqual(
    ["other", "data", "web"].map((name) => ({ name })),
  );
  expect(gone(scenarioWith({ system: { masters: 1, nodes: 1, objects: objects.slice(0, 4) } }))).toEqual(
    ["local", "other", "one", "high"].map((name) => ({ name })),
  );
});
