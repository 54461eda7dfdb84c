import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import type { Profile } from "../../harness/suite.ts";
import { FAULT_KINDS, type Fault } from "../../simulator/faults.ts";
import { driftMax, weighted } from "../shared/arbitrary.ts";
import { configWith, systemWith } from "./defaults.ts";
import type { ClusterSetting } from "./episodes/setting.ts";
import { EPISODE_KINDS, type EpisodeKind, episode } from "./episodes.ts";
import { type GivenObjects, givenObjects } from "./given.ts";
import { BEHAVIOURS, IMAGES, manifestsOf, WORKLOAD_KINDS, type WorkloadKind, type WorkloadPlan } from "./manifests.ts";
import { OPERATION_KINDS, type OperationKind } from "./operation-arbitrary.ts";
import { type Pace, REAL, SHORT } from "./paces.ts";
import type { ControlPlaneScenario, ControlPlaneSystem } from "./scenario.ts";
import { troubled } from "./trouble.ts";

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
  const ground = { suite: "control-plane", system: systemOf(drawn, own) };
  const episodeIn = (setting: ClusterSetting) => episode(drawn.episodes, setting);
  return troubled(ground, drawn, episodeIn, profile) as Arbitrary<ControlPlaneScenario>;
}
