import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import type { Profile } from "../../harness/suite.ts";
import { FAULT_KINDS, type Fault } from "../../simulator/faults.ts";
import { driftMax, inOrder, weighted } from "../shared/arbitrary.ts";
import { CLOCK_RATES_OF_LEASES, type FaultSetting, faultOf, type Point } from "../shared/fault-arbitrary.ts";
import { configWith, systemWith } from "./defaults.ts";
import type { ClusterSetting } from "./episodes/setting.ts";
import { EPISODE_KINDS, type EpisodeKind, episode } from "./episodes.ts";
import { type GivenObjects, givenObjects } from "./given.ts";
import { BEHAVIOURS, IMAGES, manifestsOf, WORKLOAD_KINDS, type WorkloadKind, type WorkloadPlan } from "./manifests.ts";
import { OPERATION_KINDS, type OperationKind, operation } from "./operation-arbitrary.ts";
import { type Pace, REAL, SHORT } from "./paces.ts";
import {
  type Cast,
  type ControlPlaneOperation,
  type ControlPlaneScenario,
  type ControlPlaneSystem,
  castOf,
  hostsOf,
} from "./scenario.ts";

/** What a run has at all (swarm testing): runs differ in kind, not only in detail. */
interface Swarm {
  readonly faults: readonly Fault["kind"][];
  readonly operations: readonly OperationKind[];
  readonly episodes: readonly EpisodeKind[];
  readonly chaosMs: number;
  readonly pace: Pace;
  readonly plans: readonly WorkloadPlan[];
  readonly size: Size;
  readonly driftMax: number;
}

/** How large a cluster is, and of what kind. */
export interface Size {
  readonly masters: number;
  readonly nodes: number;
  readonly etcd: "stacked" | "external";
  readonly etcdMembers: number;
  readonly zones: number;
  readonly runtime: "docker" | "containerd" | "rkt";
  readonly liveRestore: boolean;
  readonly snapshots: boolean;
}

/** What the clusters of a suite are drawn from. */
export interface Flavour {
  readonly workloads: readonly WorkloadKind[];
  readonly episodes: readonly EpisodeKind[];
  readonly sizes: Arbitrary<Size>;
}

/**
 * Generated trouble for a cluster.
 *
 * @param given objects of the user's own, instead of generated ones
 */
export function controlPlaneScenario(
  profile: Profile,
  given?: readonly unknown[],
  flavour: Flavour = EVERYTHING,
): Arbitrary<ControlPlaneScenario> {
  const own = given === undefined ? null : givenObjects(given);
  return swarm(profile, own, flavour).chain((drawn) => scenarioIn(drawn, profile, own));
}

const sizes: Arbitrary<Size> = fc.record({
  masters: weighted([5, 1], [2, 2], [5, 3]),
  nodes: weighted([2, 1], [3, 2], [5, 3], [3, 4], [2, 6], [1, 10]),
  etcd: weighted<"stacked" | "external">([3, "stacked"], [2, "external"]),
  etcdMembers: weighted([1, 1], [3, 3]),
  zones: fc.constantFrom(1, 1, 2, 3),
  runtime: weighted<"docker" | "containerd" | "rkt">([3, "docker"], [3, "containerd"], [1, "rkt"]),
  liveRestore: fc.boolean(),
  snapshots: weighted([3, false], [1, true]),
});

const EVERYTHING: Flavour = { workloads: WORKLOAD_KINDS, episodes: EPISODE_KINDS, sizes };

const plan: Arbitrary<Omit<WorkloadPlan, "name" | "kind" | "image" | "namespace">> = fc.record({
  replicas: fc.integer({ min: 1, max: 5 }),
  graceSeconds: fc.constantFrom(1, 2, 5),
  tolerationSeconds: fc.constantFrom(2, 5, 10, 30),
  readinessProbe: fc.boolean(),
  livenessProbe: weighted([3, false], [1, true]),
  surge: fc.constantFrom<(number | string)[]>("25%", 1, 2, 0),
  unavailable: fc.constantFrom<(number | string)[]>("25%", 0, 1, 2),
  recreate: weighted([5, false], [1, true]),
  parallel: weighted([2, false], [1, true]),
  budget: fc.constantFrom(null, null, { maxUnavailable: 1 }, { minAvailable: 1 }),
  service: fc.boolean(),
  claims: weighted<WorkloadPlan["claims"]>([3, "none"], [1, "Immediate"], [1, "WaitForFirstConsumer"]),
});

function plansOf(kinds: readonly WorkloadKind[]): Arbitrary<readonly WorkloadPlan[]> {
  const one = fc.tuple(fc.constantFrom(...kinds), plan, startImage).map(([kind, rest, image]) => {
    const isJob = kind === "Job" || kind === "CronJob";
    // One of the two must let a rollout go on.
    const surge = rest.unavailable === 0 && rest.surge === 0 ? 1 : rest.surge;
    return { ...rest, surge, kind, image: isJob ? jobImage(image) : image };
  });
  return fc
    .array(one, { minLength: 1, maxLength: 4, size: "max" })
    .map((list) => list.map((made, i): WorkloadPlan => ({ ...made, name: `w${i + 1}`, namespace: "default" })));
}

const startImage = fc.constantFrom(
  IMAGES.v1,
  IMAGES.v1,
  IMAGES.v1,
  IMAGES.slow,
  IMAGES.flaky,
  IMAGES.stubborn,
  IMAGES.stalling,
);

function jobImage(image: string): string {
  return image === IMAGES.flaky ? IMAGES.failingJob : IMAGES.job;
}

function swarm(profile: Profile, own: GivenObjects | null, flavour: Flavour): Arbitrary<Swarm> {
  return fc
    .record({
      faults: fc.subarray([...FAULT_KINDS], { minLength: 0 }),
      operations: fc.subarray([...OPERATION_KINDS], { minLength: 0 }),
      episodes: fc.subarray([...flavour.episodes], { minLength: 1 }),
      chaosMs: fc.integer({ min: 50, max: profile.chaosMsMax / 100 }).map((n) => n * 100),
      pace: weighted([9, SHORT], [1, REAL]),
      kinds: fc.subarray([...flavour.workloads], { minLength: 1 }),
      size: flavour.sizes,
      driftMax,
    })
    .chain(({ kinds, ...rest }) =>
      (own === null ? plansOf(kinds) : fc.constant(own.plans)).map((plans) => ({ ...rest, plans })),
    );
}

function systemOf({ size, pace, plans, episodes }: Swarm, own: GivenObjects | null): ControlPlaneSystem {
  const { snapshots, etcdMembers, ...rest } = size;
  const store = snapshots ? { snapshotEntries: 100, snapshotCatchUpEntries: 20 } : {};
  return {
    ...systemWith({
      ...rest,
      etcdMembers: size.etcd === "external" ? etcdMembers : 0,
      images: own === null ? BEHAVIOURS : [...BEHAVIOURS, ...own.images],
      objects: own === null ? plans.flatMap(manifestsOf) : own.objects,
      ...(own === null ? {} : { node: LARGE }),
    }),
    config: configWith({
      ...pace.config,
      store: { ...pace.config.store, ...store },
      controllers: {
        ...pace.config.controllers,
        ...(episodes.includes("operatedDatabase") ? { "database-operator": {} } : {}),
      },
    }),
  };
}

/** Nodes on which the user's own pods find room, whatever they ask for. */
const LARGE = { cpu: "64", memory: "256Gi", pods: 250 };

function scenarioIn(drawn: Swarm, profile: Profile, own: GivenObjects | null): Arbitrary<ControlPlaneScenario> {
  const { chaosMs, plans, pace } = drawn;
  const system = systemOf(drawn, own);
  const cast = castOf(system);
  const faults = faultSetting(drawn, cast);
  const setting: ClusterSetting = {
    cast,
    chaosMs,
    plans,
    graceMs: pace.name === "short" ? 8000 : 60_000,
    leaseMs: pace.name === "short" ? 6000 : 18_000,
  };
  return fc
    .record({
      network,
      disk,
      skewMaxUs: fc.constantFrom(0, 0, 1_000_000),
      workload: fc.array(operation(drawn.operations, setting), { maxLength: profile.operationsMax, size: "max" }),
      faults: faultsOf(drawn.faults, faults, profile),
      episodes: fc.array(episode(drawn.episodes, setting), { maxLength: profile.episodesMax, size: "max" }),
      stayDown: stayDown(cast),
    })
    .map(({ network, disk, skewMaxUs, workload, faults, episodes, stayDown }) => ({
      suite: "control-plane",
      seed: 0,
      schedule: { kind: "timed" },
      system,
      network,
      disk,
      clock: { driftMax: drawn.driftMax, skewMaxUs },
      workload: putInOrder(
        inOrder(
          [
            ...workload.filter((made): made is ControlPlaneOperation => made !== null),
            ...episodes.flatMap((part) => part.workload),
          ],
          chaosMs,
        ),
        chaosMs,
      ),
      faults: inOrder([...faults, ...episodes.flatMap((part) => part.faults)], chaosMs),
      phases: { chaosMs, settleMs: pace.settleMs, stayDown },
    }));
}

/**
 * At the end the person puts the nodes in order again that they have cordoned or tainted. In the same session, it comes
 * after that, however long it takes.
 */
function putInOrder(workload: readonly ControlPlaneOperation[], chaosMs: number): readonly ControlPlaneOperation[] {
  const atEnd = new Map<string, ControlPlaneOperation>();
  for (const operation of workload) {
    if (operation.kind === "cordon" || operation.kind === "drain")
      atEnd.set(`${operation.node} ${operation.session}`, {
        kind: "uncordon",
        atMs: chaosMs,
        session: operation.session,
        node: operation.node,
      });
    if (operation.kind === "taint" && !operation.remove)
      atEnd.set(`${operation.node} ${operation.session} ${operation.effect}`, {
        ...operation,
        atMs: chaosMs,
        remove: true,
      });
  }
  return [...workload, ...atEnd.values()];
}

/** A network of a data centre: what is lost is sent again by TCP, so that little is lost for good. */
const network = fc.record({
  latencyMinUs: fc.constantFrom(100, 200, 1000),
  latencyJitterUs: fc.constantFrom(50, 300, 1000),
  tailDoublingsMax: fc.constantFrom(0, 4, 6),
  loss: fc.constantFrom(0, 0, 0, 0, 0.001, 0.01),
  duplicate: fc.constantFrom(0, 0, 0.02),
  reorder: fc.constantFrom(0, 0, 0.05),
});

const disk = fc.record({
  syncMinUs: fc.constantFrom(50, 500, 2000),
  syncJitterUs: fc.constantFrom(0, 100, 1000),
  tailDoublingsMax: fc.constantFrom(0, 6),
});

function faultsOf(kinds: readonly Fault["kind"][], setting: FaultSetting, { faultsMax }: Profile) {
  if (kinds.length === 0) return fc.constant<Fault[]>([]);
  const one = fc.oneof(...kinds.map((kind) => faultOf(kind, setting).map(milder)));
  return fc.array(one, { maxLength: faultsMax, size: "max" });
}

/** Who waits by the calendar must not have to wait for an hour: that is for an episode. */
function milder(fault: Fault): Fault {
  if (fault.kind !== "clockJump") return fault;
  return { ...fault, byMs: Math.max(-3000, Math.min(3000, fault.byMs)) };
}

/** Nodes and masters that never come back, each as a whole. */
function stayDown({ nodes, masters }: Cast): Arbitrary<string[]> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: fc.constant<string[]>(nodes.length > 1 ? [nodes[0]!] : []) },
    { weight: 1, arbitrary: fc.constant<string[]>(masters.length > 2 ? [masters[0]!] : []) },
  );
}

/** Points in the work of a cluster's parts at which a fault finds something in flight. */
const POINTS: readonly Point[] = [
  { effect: "send", detail: "apiCall" },
  { effect: "send", detail: "apiAnswer" },
  { effect: "send", detail: "apiWatch" },
  { effect: "send", detail: "apiWatchEvents" },
  { effect: "send", detail: "apiCall create pods" },
  { effect: "send", detail: "apiCall create pods/binding" },
  { effect: "send", detail: "apiCall create pods/eviction" },
  { effect: "send", detail: "apiCall delete pods" },
  { effect: "send", detail: "apiCall patch pods/status" },
  { effect: "send", detail: "apiCall update leases" },
  { effect: "send", detail: "call" },
  { effect: "send", detail: "answer" },
  { effect: "send", detail: "watchResponse" },
  { effect: "send", detail: "criCall" },
  { effect: "send", detail: "criAnswer" },
  { effect: "persist", detail: "entries" },
  { effect: "persist", detail: "container" },
];

function faultSetting({ chaosMs, pace }: Swarm, cast: Cast): FaultSetting {
  const { members, apiServers, managers, schedulers, kubelets, runtimes, nodes, masters } = cast;
  const onMasters = fc.constantFrom(...members, ...apiServers, ...managers, ...schedulers);
  return {
    chaosMs,
    // The unit of durations: some are shorter, some up to six times as long.
    electionTimeoutMs: pace.name === "short" ? 2500 : 15_000,
    processes: [...hostsOf(cast)],
    target: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom("leader", "api", "managerLeader", "schedulerLeader", "busyKubelet") },
      { weight: 3, arbitrary: onMasters },
      { weight: 2, arbitrary: fc.constantFrom(...kubelets, ...runtimes) },
      { weight: 3, arbitrary: fc.constantFrom(...nodes, ...masters) },
    ),
    diskTarget: fc.constantFrom("leader", ...members),
    points: POINTS,
    clockRates: CLOCK_RATES_OF_LEASES,
  };
}
