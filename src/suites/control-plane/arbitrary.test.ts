import { describe, expect, test } from "vitest";
import { fc, generate } from "../../harness/fast-check.ts";
import { check } from "../../harness/schema.ts";
import { describeFlaws, readManifests } from "../../manifests/index.ts";
import { FAULT_KINDS } from "../../simulator/faults.ts";
import { controlPlaneScenario, type Size } from "./arbitrary.ts";
import { EPISODE_KINDS } from "./episodes.ts";
import { WORKLOAD_KINDS } from "./manifests.ts";
import { ControlPlaneScenarioSchema } from "./scenario.ts";
import { controlPlaneSuite } from "./suite.ts";

// biome-ignore lint/suspicious/noExplicitAny: whatever a manifest may have
type Loose = any;

const ONE_NODE: Size = {
  masters: 1,
  nodes: 1,
  etcd: "stacked",
  etcdMembers: 0,
  zones: 1,
  runtime: "docker",
  liveRestore: false,
  snapshots: false,
};

const profile = controlPlaneSuite.profiles.quick!;
const scenarios = Array.from({ length: 250 }, (_, index) => generate(controlPlaneScenario(profile), 1, index));

function share(predicate: (scenario: (typeof scenarios)[number]) => boolean): number {
  return scenarios.filter(predicate).length / scenarios.length;
}

describe("a generated scenario", () => {
  test("fits its schema as it is, contradicts itself nowhere, and survives a JSON round trip", () => {
    for (const scenario of scenarios) {
      expect(check(ControlPlaneScenarioSchema, JSON.parse(JSON.stringify(scenario)))).toEqual({
        kind: "fits",
        value: scenario,
      });
      expect(controlPlaneSuite.contradiction(scenario)).toBeNull();
    }
  });

  test("keeps within its profile, and lists its actions in the order of their times", () => {
    for (const { workload, faults, phases, system } of scenarios) {
      expect(phases.chaosMs).toBeGreaterThanOrEqual(5000);
      expect(phases.chaosMs).toBeLessThanOrEqual(profile.chaosMsMax);
      expect(system.masters).toBeLessThanOrEqual(3);
      expect(system.nodes).toBeLessThanOrEqual(10);
      for (const list of [workload, faults]) {
        const times = list.map(({ atMs }) => atMs);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect(times.every((atMs) => atMs >= 0 && atMs <= phases.chaosMs)).toBe(true);
      }
    }
  });

  test("begins with manifests that the API takes without a word", () => {
    for (const { system, workload } of scenarios.slice(0, 60)) {
      const applied = workload.flatMap((operation) => ("objects" in operation ? operation.objects : []));
      for (const object of [...system.objects, ...applied]) {
        const { flaws, warnings } = readManifests([{ path: "generated", text: JSON.stringify(object) }]);
        // An owner is there when it is applied, and not in this file.
        const odd = warnings.filter(({ field }) => field !== "metadata.ownerReferences");
        expect(describeFlaws([...flaws, ...odd])).toEqual([]);
      }
    }
  });

  test("has a volume for each claim that a set may ever make", () => {
    const sizes = fc.constant(ONE_NODE);
    const sets = controlPlaneScenario(profile, undefined, {
      workloads: ["StatefulSet"],
      episodes: EPISODE_KINDS,
      sizes,
    });
    for (const { system, workload } of Array.from({ length: 1000 }, (_, index) => generate(sets, 1, index))) {
      const wanted = new Map<string, number>();
      const wants = (name: string, replicas: unknown) =>
        wanted.set(name, Math.max(wanted.get(name) ?? 0, Number(replicas ?? 1)));
      for (const { kind, metadata, spec } of system.objects as Loose[])
        if (kind === "StatefulSet") wants(metadata.name, spec.replicas);
      for (const one of workload as unknown as Loose[]) {
        if (one.kind === "scale" && one.resource === "statefulsets") wants(one.name, one.replicas);
        for (const { kind, metadata, spec } of (one.objects ?? []) as Loose[])
          if (kind === "StatefulSet") wants(metadata.name, spec.replicas);
      }
      for (const [name, replicas] of wanted) {
        const volumes = (system.objects as Loose[]).filter(({ spec }) => spec?.storageClassName === `local-${name}`);
        if (volumes.length > 0) expect(volumes.length).toBeGreaterThanOrEqual(replicas);
      }
    }
  });

  test("puts in order the nodes that a person has cordoned", () => {
    for (const { workload } of scenarios) {
      const cordoned = workload.flatMap((one) => (one.kind === "cordon" || one.kind === "drain" ? [one.node] : []));
      const back = new Set(workload.flatMap((one) => (one.kind === "uncordon" ? [one.node] : [])));
      expect(cordoned.filter((node) => !back.has(node))).toEqual([]);
    }
  });

  test("is of every kind: sizes, runtimes, workloads, faults and paces", () => {
    for (const kind of WORKLOAD_KINDS)
      expect(
        share(({ system }) => system.objects.some((object) => object["kind"] === kind)),
        kind,
      ).toBeGreaterThan(0.1);
    for (const kind of FAULT_KINDS)
      expect(
        share(({ faults }) => faults.some((fault) => fault.kind === kind)),
        kind,
      ).toBeGreaterThan(0.02);
    for (const masters of [1, 2, 3]) expect(share(({ system }) => system.masters === masters)).toBeGreaterThan(0.1);
    for (const runtime of ["docker", "containerd", "rkt"])
      expect(share(({ system }) => system.runtime === runtime)).toBeGreaterThan(0.08);
    expect(share(({ system }) => system.etcd === "external")).toBeGreaterThan(0.25);
    expect(share(({ system }) => system.config.client.requestTimeoutMs === 30_000)).toBeGreaterThan(0.04);
    expect(share(({ phases }) => phases.stayDown.length > 0)).toBeGreaterThan(0.1);
  });

  test("has episodes of each kind to choose from", () => {
    expect(EPISODE_KINDS.length).toBeGreaterThanOrEqual(13);
  });
});

describe("with manifests of the user's own", () => {
  const { objects } = readManifests([{ path: "own", text: OWN() }]);
  const given = objects.map(({ object }) => object);
  const own = Array.from({ length: 40 }, (_, index) => generate(controlPlaneScenario(profile, given), 1, index));

  test("each run begins with them, and a person changes them and nothing else", () => {
    for (const { system, workload } of own) {
      expect(system.objects.map(({ kind }) => kind).toSorted()).toEqual(["ConfigMap", "Deployment", "Job"]);
      for (const operation of workload) if (operation.kind === "scale") expect(operation.name).toBe("shop");
    }
    expect(own.some(({ workload }) => workload.some(({ kind }) => kind === "scale"))).toBe(true);
  });

  test("programs in jobs and init containers come to an end, whatever else runs of their image", () => {
    for (const { system } of own) {
      const ending = system.images.filter(({ image }) => !image.endsWith("*")).map(({ image }) => image);
      expect(ending.toSorted()).toEqual(["busybox:1", "shop:2-to-its-end"]);
      const job = system.objects.find(({ kind }) => kind === "Job");
      expect(JSON.stringify(job)).toContain("shop:2-to-its-end");
    }
  });
});

function OWN(): string {
  const containers = "[{ name: shop, image: 'shop:2' }]";
  return `
apiVersion: apps/v1
kind: Deployment
metadata: { name: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec: { initContainers: [{ name: wait, image: 'busybox:1' }], containers: ${containers} }
---
apiVersion: batch/v1
kind: Job
metadata: { name: fill }
spec: { template: { spec: { restartPolicy: Never, containers: ${containers} } } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { a: b }
`;
}
