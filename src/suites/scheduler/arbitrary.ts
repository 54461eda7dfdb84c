import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import type { Profile } from "../../harness/suite.ts";
import { FAULT_KINDS, type Fault } from "../../simulator/faults.ts";
import { configWith, systemWith } from "../control-plane/defaults.ts";
import type { ClusterSetting } from "../control-plane/episodes/setting.ts";
import { type GivenObjects, givenObjects } from "../control-plane/given.ts";
import { BEHAVIOURS, type WorkloadPlan } from "../control-plane/manifests.ts";
import type { OperationKind } from "../control-plane/operation-arbitrary.ts";
import { type Pace, REAL, SHORT } from "../control-plane/paces.ts";
import type { ControlPlaneSystem, ManifestSpec } from "../control-plane/scenario.ts";
import { troubled } from "../control-plane/trouble.ts";
import { driftMax, weighted } from "../shared/arbitrary.ts";
import { SCHEDULING_EPISODE_KINDS, type SchedulingEpisodeKind, schedulingEpisode } from "./episodes.ts";
import { type NodePlan, nodePlans } from "./nodes.ts";
import type { SchedulerScenario } from "./scenario.ts";
import { groundwork, KINDS, workloads } from "./workloads.ts";

/** Operations of a person that give the scheduler something to do. */
const OPERATIONS = [
  "scale",
  "setImage",
  "rolloutRestart",
  "apply",
  "delete",
  "cordon",
  "uncordon",
  "drain",
  "taint",
] as const satisfies readonly OperationKind[];

/** What a run has at all (swarm testing): runs differ in kind, not only in detail. */
interface Swarm {
  readonly faults: readonly Fault["kind"][];
  readonly operations: readonly OperationKind[];
  readonly episodes: readonly SchedulingEpisodeKind[];
  readonly chaosMs: number;
  readonly pace: Pace;
  readonly plans: readonly WorkloadPlan[];
  readonly objects: readonly ManifestSpec[];
  readonly size: Size;
  readonly nodes: readonly NodePlan[];
  readonly driftMax: number;
  /** Requests are given up before the lead is. */
  readonly isHasty: boolean;
  /** How long an attempt takes at the most: with many nodes, much may happen meanwhile. */
  readonly attemptMaxMs: number;
  /** How long a pod waits for its claims. */
  readonly bindTimeoutMs: number;
}

interface Size {
  readonly masters: number;
  readonly nodes: number;
  readonly etcd: "stacked" | "external";
  readonly etcdMembers: number;
  readonly zones: number;
  readonly volumes: number;
}

/** Most clusters have a single master: what goes wrong with those is the control plane's suite's. */
const size: Arbitrary<Size> = fc.record({
  masters: weighted([6, 1], [3, 2], [1, 3]),
  nodes: weighted([1, 1], [3, 2], [5, 3], [4, 4], [2, 6], [1, 10]),
  etcd: weighted<"stacked" | "external">([1, "stacked"], [3, "external"]),
  etcdMembers: weighted([4, 1], [1, 3]),
  zones: fc.constantFrom(1, 2, 2, 3),
  volumes: fc.integer({ min: 0, max: 6 }),
});

/**
 * Generated trouble for the scheduler of a cluster.
 *
 * @param given objects of the user's own, instead of generated ones
 */
export function schedulerScenario(profile: Profile, given?: readonly unknown[]): Arbitrary<SchedulerScenario> {
  const own = given === undefined ? null : givenObjects(given);
  return swarm(profile, own).chain((drawn) => scenarioIn(drawn, profile, own));
}

function swarm(profile: Profile, own: GivenObjects | null): Arbitrary<Swarm> {
  return fc
    .record({
      faults: fc.subarray([...FAULT_KINDS], { minLength: 0, maxLength: 6 }),
      operations: fc.subarray([...OPERATIONS], { minLength: 0 }),
      episodes: fc.subarray([...SCHEDULING_EPISODE_KINDS], { minLength: 1 }),
      chaosMs: fc.integer({ min: 50, max: profile.chaosMsMax / 100 }).map((n) => n * 100),
      pace: weighted([12, SHORT], [1, REAL]),
      kinds: fc.subarray([...KINDS], { minLength: 1 }),
      size,
      driftMax,
      isHasty: fc.boolean(),
      attemptMaxMs: fc.constantFrom(5, 5, 50, 400),
      bindTimeoutMs: fc.constantFrom(3000, 30_000),
    })
    .chain(({ kinds, size, ...rest }) =>
      fc.tuple(workloads(kinds), nodePlans(size.nodes)).map(([list, nodes]): Swarm => {
        const ground = groundwork(size.zones, size.volumes);
        const made = list.flatMap(({ plan, beside }) => [plan.given!, ...beside]);
        const ours = own === null ? [...ground, ...made] : [...ground, ...own.objects];
        return { ...rest, size, nodes, plans: own === null ? list.map(({ plan }) => plan) : own.plans, objects: ours };
      }),
    );
}

function systemOf(drawn: Swarm, own: GivenObjects | null): ControlPlaneSystem {
  const { size, nodes, objects } = drawn;
  const { etcdMembers, volumes: _, ...rest } = size;
  return {
    ...systemWith({
      ...rest,
      runtime: "containerd",
      etcdMembers: size.etcd === "external" ? etcdMembers : 0,
      images: own === null ? BEHAVIOURS : [...BEHAVIOURS, ...own.images],
      objects,
      nodeOverrides: nodes.map((node, i) => ({ name: `node-${i + 1}`, ...node })),
    }),
    config: configOf(drawn),
  };
}

function configOf({ pace: { config }, isHasty, attemptMaxMs, bindTimeoutMs }: Swarm) {
  const client = isHasty ? { ...config.client, requestTimeoutMs: 1500 } : config.client;
  const scheduler = { ...config.scheduler, attemptMaxMs, bindTimeoutMs };
  return configWith({ ...config, ...(client === undefined ? {} : { client }), scheduler });
}

function scenarioIn(drawn: Swarm, profile: Profile, own: GivenObjects | null): Arbitrary<SchedulerScenario> {
  const ground = { suite: "scheduler", system: systemOf(drawn, own) };
  const episodeIn = (setting: ClusterSetting) => schedulingEpisode(drawn.episodes, setting);
  return troubled(ground, drawn, episodeIn, profile) as Arbitrary<SchedulerScenario>;
}
