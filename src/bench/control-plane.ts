import process from "node:process";
import type { ClusterTypes } from "../../models/cluster/types.ts";
import { mapEach } from "../../models/kernel/index.ts";
import type { Pod } from "../../models/machinery/kinds/index.ts";
import { isPodReady } from "../../models/machinery/pods.ts";
import { addRun, noSums, scenarioOf } from "../harness/campaign.ts";
import { runScenario } from "../harness/run.ts";
import type { Scenario } from "../harness/scenario.ts";
import { FAULT_KINDS } from "../simulator/faults.ts";
import { World } from "../simulator/world.ts";
import { configWith, scenarioWith } from "../suites/control-plane/defaults.ts";
import { manifestsOf, type WorkloadPlan } from "../suites/control-plane/manifests.ts";
import { type Pace, REAL } from "../suites/control-plane/paces.ts";
import type { ControlPlaneScenario, ManifestSpec } from "../suites/control-plane/scenario.ts";
import { controlPlaneSuite } from "../suites/control-plane/suite.ts";
import { controlPlaneSystem } from "../suites/control-plane/system.ts";
import type { SimulateFigures } from "./simulate.ts";

const MASTERS = 3;
const WORKERS = 10;
const WORKLOADS = 20;

/** Of a run at the real pace. */
const TROUBLE_MS = 600_000;

/**
 * Generated runs of a cluster of 3 masters and 10 workers with 20 workloads, all properties on, until so many events.
 *
 * The time includes that in which each cluster comes up. At the real pace all durations are those of a real cluster, and
 * the trouble of the quick profile is spread over ten minutes; at the short one they are squeezed about fivefold, and so
 * is the trouble.
 */
export function controlPlaneSimulate(pace: Pace, events: number): SimulateFigures {
  const quick = controlPlaneSuite.profiles["quick"]!;
  const plan = { seed: 1, profile: pace === REAL ? { ...quick, chaosMsMax: TROUBLE_MS } : quick };
  const sums = noSums();
  const from = performance.now();
  let residentEarly = 0;
  for (let run = 0; sums.events < events; run++) {
    addRun(sums, runScenario(controlPlaneSuite, enlarged(scenarioOf(controlPlaneSuite, plan, run), pace)));
    if (residentEarly === 0 && sums.events >= events / 10) residentEarly = process.memoryUsage.rss();
  }
  return {
    events: sums.events,
    runs: sums.runs,
    seconds: (performance.now() - from) / 1000,
    virtualSeconds: sums.virtualUs / 1e6,
    residentEarly,
    residentLate: process.memoryUsage.rss(),
  };
}

/** A generated scenario in the benchmark's size: its own workloads first, then others up to twenty. */
function enlarged(scenario: Scenario, pace: Pace): Scenario {
  const { system, phases } = scenario as ControlPlaneScenario;
  const own = system.objects.filter(({ kind }) => !["Service", "PodDisruptionBudget"].includes(String(kind))).length;
  const more = Array.from({ length: Math.max(0, WORKLOADS - own) }, (_, i) => manifestsOf(planOf(i)));
  const etcdMembers = system.etcd === "external" ? MASTERS : 0;
  const objects = [...system.objects, ...more.flat()];
  const enlargedSystem = { ...system, masters: MASTERS, nodes: WORKERS, etcdMembers, config: configAt(pace, system) };
  if (pace !== REAL) return { ...scenario, system: { ...enlargedSystem, objects } } as Scenario;
  return {
    ...scenario,
    system: { ...enlargedSystem, objects: unhurried(objects) },
    phases: { ...phases, chaosMs: TROUBLE_MS, settleMs: pace.settleMs },
  } as Scenario;
}

/** The durations of a pace, and what else the scenario has. */
function configAt(pace: Pace, { config }: ControlPlaneScenario["system"]): ControlPlaneScenario["system"]["config"] {
  const paced = configWith(pace.config);
  const operator = Object.entries(config.controllers).filter(([name]) => name === "database-operator");
  return { ...paced, store: config.store, controllers: { ...paced.controllers, ...Object.fromEntries(operator) } };
}

/** Workloads whose probes come as often as the API's default says. */
function unhurried(objects: readonly ManifestSpec[]): readonly ManifestSpec[] {
  const text = JSON.stringify(objects, (key, value: unknown) => (key === "periodSeconds" ? undefined : value));
  return JSON.parse(text) as readonly ManifestSpec[];
}

const KINDS = ["Deployment", "StatefulSet", "ReplicaSet", "DaemonSet", "Job"] as const;

function planOf(index: number): WorkloadPlan {
  const kind = KINDS[index % KINDS.length]!;
  return {
    kind,
    name: `more-${index + 1}`,
    namespace: "default",
    replicas: 3,
    image: kind === "Job" ? "job:v1" : "app:v1",
    graceSeconds: 2,
    tolerationSeconds: 10,
    readinessProbe: index % 2 === 0,
    livenessProbe: false,
    surge: "25%",
    unavailable: "25%",
    recreate: false,
    parallel: index % 3 === 0,
    budget: null,
    service: index % 4 === 0,
    claims: "none",
  };
}

/** What bringing up a large cluster has cost. */
export interface ScaleFigures {
  readonly pods: number;
  readonly nodes: number;
  readonly events: number;
  readonly seconds: number;
  readonly virtualSeconds: number;
  readonly residentBytes: number;
}

const PODS_A_DEPLOYMENT = 100;
/** It is looked whether all is ready after each of so many virtual microseconds. */
const LOOK_US = 5_000_000;
const LATEST_US = 3_600_000_000;

/** Brings up Deployments of 100 pods each on so many nodes, with one master, no faults and the real settings. */
export function controlPlaneScale(nodes: number, pods: number): ScaleFigures {
  const objects = Array.from({ length: pods / PODS_A_DEPLOYMENT }, (_, i) => deployment(`app-${i + 1}`));
  const node = { cpu: "32", memory: "128Gi", pods: 110 };
  const scenario = scenarioWith({ system: { masters: 1, nodes, node, objects } });
  const { seed, network, disk, clock } = scenario;
  const from = performance.now();
  const world = new World<ClusterTypes>(controlPlaneSystem(scenario), {
    seed,
    network,
    disk,
    clock,
    faultKinds: FAULT_KINDS,
  });
  world.start();
  while (readyPods(world) < pods) {
    if (world.now >= LATEST_US) throw new Error(`only ${readyPods(world)} of ${pods} pods are ready after an hour`);
    world.run(world.now + LOOK_US);
  }
  return {
    pods,
    nodes,
    events: world.events,
    seconds: (performance.now() - from) / 1000,
    virtualSeconds: world.now / 1e6,
    residentBytes: process.memoryUsage.rss(),
  };
}

function readyPods(world: World<ClusterTypes>): number {
  const { state } = world.process("api-1");
  if (state?.kind !== "apiServer") return 0;
  const pods = state.caches.find(({ resource }) => resource === "pods");
  let ready = 0;
  if (pods !== undefined)
    mapEach(pods.objects, "", null, (pod) => {
      if (isPodReady(pod as Pod)) ready++;
    });
  return ready;
}

function deployment(name: string): ManifestSpec {
  const container = {
    name: "main",
    image: "app:v1",
    resources: { requests: { cpu: "100m", memory: "100Mi" }, limits: { memory: "200Mi" } },
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default" },
    spec: {
      replicas: PODS_A_DEPLOYMENT,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [container] } },
    },
  };
}
