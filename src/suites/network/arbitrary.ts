import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import { check } from "../../harness/schema.ts";
import type { Profile } from "../../harness/suite.ts";
import { controlPlaneScenario, type Flavour, type Size } from "../control-plane/arbitrary.ts";
import { type ControlPlaneScenario, castOf, type ManifestSpec } from "../control-plane/scenario.ts";
import { inOrder, weighted } from "../shared/arbitrary.ts";
import { type Backend, EPISODES_OF_ANY, NETWORK_EPISODE_KINDS, networkEpisode } from "./episodes.ts";
import { CLUSTER_CIDR, type NetworkScenario, NetworkScenarioSchema, type NetworkSystem } from "./scenario.ts";
import {
  plansOfObjects,
  plansOnNodes,
  plansOutside,
  type ServicePlan,
  serviceManifest,
  servicesOn,
  type TrafficShape,
  trafficShape,
} from "./services.ts";

/** Plans of clients: more of them cost events, and show nothing more. */
const ON_NODES_MAX = 3;
const OUTSIDE_MAX = 2;

const sizes: Arbitrary<Size> = fc.record({
  masters: weighted([6, 1], [2, 2], [2, 3]),
  nodes: weighted([1, 1], [4, 2], [4, 3], [1, 4]),
  etcd: weighted<"stacked" | "external">([3, "stacked"], [2, "external"]),
  etcdMembers: weighted([1, 1], [3, 3]),
  zones: fc.constantFrom(1, 2, 3),
  runtime: weighted<"docker" | "containerd" | "rkt">([2, "docker"], [4, "containerd"], [1, "rkt"]),
  liveRestore: fc.boolean(),
  snapshots: weighted([3, false], [1, true]),
});

/** Of the control plane's trouble that in which pods and nodes come and go, and caches are behind. */
const FLAVOUR: Flavour = {
  workloads: ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"],
  episodes: [
    "nodeGoesDuringRollout",
    "identityCutOff",
    "drained",
    "nodeProcessDies",
    "managerDies",
    "masterGoes",
    "staleServer",
    "cutWatch",
    "lostAnswer",
    "rollover",
    "podsDeletedInUpdate",
    "staleCaches",
    "eventsLost",
    "noNodeHeard",
    "nodeAndManagerGo",
    "budgetChanges",
  ],
  sizes,
};

/**
 * Generated trouble for services: that of a cluster's pods and nodes, and services of all types in front of them that are
 * asked all the time.
 *
 * @param given objects of the user's own, instead of generated workloads
 */
export function networkScenario(profile: Profile, given?: readonly unknown[]): Arbitrary<NetworkScenario> {
  const cluster = { ...profile, operationsMax: Math.ceil(profile.operationsMax / 2) };
  return controlPlaneScenario(cluster, given, FLAVOUR).chain((base) => withTraffic(base, profile, given !== undefined));
}

/** @param isGiven its objects are the user's own, and among them the services that are asked */
function withTraffic(base: ControlPlaneScenario, profile: Profile, isGiven: boolean): Arbitrary<NetworkScenario> {
  const backends = backendsOf(base.system.objects);
  if (backends.length === 0) return fc.constant(joined(base, [], [], [], []));
  return fc
    .record({
      services: isGiven ? fc.constant([]) : servicesOn(backends.map(({ name }) => name)),
      shapes: fc.array(trafficShape, { minLength: 3, maxLength: 3 }),
      kinds: fc.subarray([...(isGiven ? EPISODES_OF_ANY : NETWORK_EPISODE_KINDS)], { minLength: 1 }),
      clusterCIDR: fc.constantFrom(...CLUSTER_CIDRS),
    })
    .chain(({ services, shapes, kinds, clusterCIDR }) => {
      const cast = castOf({ ...base.system, traffic: true });
      const setting = { cast, chaosMs: base.phases.chaosMs, services, backends };
      return fc
        .array(networkEpisode(kinds, setting), { minLength: 1, maxLength: profile.episodesMax, size: "max" })
        .map((episodes) => {
          const faults = episodes.flatMap((episode) => episode.faults);
          const workload = episodes.flatMap((episode) => episode.workload);
          return joined(withBlocksOf(clusterCIDR, base), services, shapes, faults, workload);
        });
    });
}

/** Blocks for all nodes there may be, and few more than there are. */
const CLUSTER_CIDRS = [CLUSTER_CIDR, "10.244.0.0/21"];

function withBlocksOf(clusterCIDR: string, base: ControlPlaneScenario): ControlPlaneScenario {
  const { config } = base.system;
  const controllers = { ...config.controllers, "node-ipam": { clusterCIDR } };
  return { ...base, system: { ...base.system, config: { ...config, controllers } } };
}

function joined(
  base: ControlPlaneScenario,
  services: readonly ServicePlan[],
  shapes: readonly TrafficShape[],
  faults: NetworkScenario["faults"],
  workload: NetworkScenario["workload"],
): NetworkScenario {
  const { chaosMs } = base.phases;
  const plans = (of: typeof plansOnNodes) => services.flatMap((service, i) => of(service, shapes[i % shapes.length]!));
  const onNodes = services.length === 0 ? plansOfObjects(base.system.objects) : plans(plansOnNodes);
  const system: NetworkSystem = {
    ...base.system,
    objects: [...base.system.objects, ...services.map(serviceManifest)],
    proxy: DEFAULTS.proxy,
    traffic: {
      onNodes: onNodes.slice(0, ON_NODES_MAX),
      outside: plans(plansOutside).slice(0, OUTSIDE_MAX),
      timeoutMs: DEFAULTS.traffic.timeoutMs,
    },
  };
  return {
    ...base,
    suite: "network",
    system,
    faults: inOrder([...base.faults, ...faults], chaosMs),
    workload: inOrder([...base.workload, ...workload], chaosMs),
  };
}

/** What is behind services: the workloads of generated pods, whose label is their name. */
function backendsOf(objects: readonly ManifestSpec[]): readonly Backend[] {
  return objects.flatMap(({ kind, metadata, spec }) => {
    const resource = RESOURCES[String(kind)];
    if (resource === undefined) return [];
    const { name } = metadata as { readonly name: string };
    const { replicas = 1 } = spec as { readonly replicas?: number };
    return [{ resource, name, replicas }];
  });
}

const RESOURCES: Readonly<Record<string, string>> = {
  Deployment: "deployments",
  ReplicaSet: "replicasets",
  StatefulSet: "statefulsets",
  DaemonSet: "daemonsets",
};

/** A whole scenario, with what is left out at its default. Throws where it does not fit the schema. */
export function networkScenarioWith(parts: object): NetworkScenario {
  const checked = check(NetworkScenarioSchema, { suite: "network", system: {}, phases: { chaosMs: 0 }, ...parts });
  if (checked.kind === "flawed") throw new Error(`a scenario of the network: ${JSON.stringify(checked.flaws)}`);
  return checked.value;
}

const DEFAULTS = networkScenarioWith({}).system;
