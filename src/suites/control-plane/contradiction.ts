import { RESOURCES } from "../../../models/machinery/resources.ts";
import { type Contradiction, Names } from "../shared/names.ts";
import { raftConfigContradiction } from "../shared/raft-config.ts";
import { CLUSTER_ROLES, isKubeletOf } from "./roles.ts";
import {
  type Cast,
  type ControlPlaneOperation,
  type ControlPlaneScenario,
  type ControlPlaneSystem,
  castOf,
  hostsOf,
  KUBECTL,
  type ManifestSpec,
  processIdsOf,
} from "./scenario.ts";

/** What contradicts itself in a scenario that fits the schema: somebody who is not there, durations out of order. */
export function contradiction({ system, workload, faults, phases }: ControlPlaneScenario): Contradiction | null {
  const cast = castOf(system);
  const hosts = hostsOf(cast);
  const all = new ClusterNames([...hosts, ...processIdsOf(cast), ...CLUSTER_ROLES]);
  const inSystem = systemContradiction(system, cast);
  if (inSystem !== null) return inSystem;
  for (const [index, operation] of workload.entries()) {
    const found =
      operationContradiction(operation, index, cast, system) ??
      all.unknown(["workload", index, "on", "process"], operation.on?.process);
    if (found !== null) return found;
  }
  return all.unknownInFaults(faults) ?? stayDownContradiction(phases.stayDown, cast, hosts);
}

/** Names of processes and hosts, roles, and `kubeletOf/namespace/pod`. */
class ClusterNames extends Names {
  override unknown(path: readonly (string | number)[], name: string | undefined, self = false): Contradiction | null {
    return name !== undefined && isKubeletOf(name) ? null : super.unknown(path, name, self);
  }
}

/** A node stays down as a whole: what runs on one that only lost its kubelet would run for ever. */
function stayDownContradiction(list: readonly string[], cast: Cast, hosts: readonly string[]): Contradiction | null {
  const { members, apiServers, managers, schedulers } = cast;
  const known = new Names([
    ...hosts.filter((host) => host !== "admin"),
    ...members,
    ...apiServers,
    ...managers,
    ...schedulers,
  ]);
  return known.unknownInList(["phases", "stayDown"], list);
}

function systemContradiction(system: ControlPlaneSystem, cast: Cast): Contradiction | null {
  const { config, etcd, etcdMembers, nodeOverrides, objects, manifests } = system;
  const inRaft = raftConfigContradiction(config.store);
  if (inRaft !== null) return { ...inRaft, path: ["system", "config", "store", ...inRaft.path.slice(2)] };
  if (etcd === "stacked" && etcdMembers !== 0)
    return {
      path: ["system", "etcdMembers"],
      message: "Expected only beside `etcd: external`: stacked members are as many as masters",
    };
  const { leaseDurationMs, renewDeadlineMs, retryPeriodMs } = config.election;
  const election = ["system", "config", "election"];
  if (leaseDurationMs <= renewDeadlineMs)
    return { path: [...election, "leaseDurationMs"], message: "Expected more than renewDeadlineMs" };
  if (renewDeadlineMs <= retryPeriodMs * 1.2)
    return { path: [...election, "renewDeadlineMs"], message: "Expected more than 1.2 times retryPeriodMs" };
  const nodes = new Names(cast.nodes);
  for (const [i, { name }] of nodeOverrides.entries()) {
    const found = nodes.unknown(["system", "nodeOverrides", i, "name"], name);
    if (found !== null) return found;
  }
  return (
    manifestsContradiction(objects, ["system", "objects"]) ?? filesContradiction(manifests, ["system", "manifests"])
  );
}

function operationContradiction(
  operation: ControlPlaneOperation,
  index: number,
  cast: Cast,
  { config }: ControlPlaneSystem,
): Contradiction | null {
  const path = ["workload", index];
  if (operation.session >= config.kubectl.sessions)
    return {
      path: [...path, "session"],
      message: `Expected less than system.config.kubectl.sessions, ${config.kubectl.sessions}`,
    };
  if ("resource" in operation) {
    const message = resourceFlaw(operation.resource);
    if (message !== null) return { path: [...path, "resource"], message };
  }
  if ("node" in operation) return new Names(cast.nodes).unknown([...path, "node"], operation.node);
  if ("objects" in operation)
    return (
      manifestsContradiction(operation.objects, [...path, "objects"]) ??
      filesContradiction(operation.manifests, [...path, "manifests"])
    );
  if (operation.kind === "replace") return manifestContradiction(operation.object, [...path, "object"]);
  return null;
}

/** A resource goes by its plural; custom ones have their group behind it. */
function resourceFlaw(resource: string): string | null {
  if (resource.includes(".") || RESOURCES.some(({ name }) => name === resource)) return null;
  const singular = resource.toLowerCase();
  const meant = RESOURCES.find(({ name, kind }) => kind.toLowerCase() === singular || name === singular);
  const hint = meant === undefined ? "" : ` (did you mean ${meant.name}?)`;
  return `Expected a resource by its plural, such as deployments, not ${resource}${hint}`;
}

function filesContradiction(files: readonly string[], path: readonly (string | number)[]): Contradiction | null {
  if (files.length === 0) return null;
  return { path, message: "Expected only in a scenario file: whoever loads it puts the objects of the files in" };
}

function manifestsContradiction(
  objects: readonly ManifestSpec[],
  path: readonly (string | number)[],
): Contradiction | null {
  for (const [i, object] of objects.entries()) {
    const found = manifestContradiction(object, [...path, i]);
    if (found !== null) return found;
  }
  return null;
}

function manifestContradiction(object: ManifestSpec, path: readonly (string | number)[]): Contradiction | null {
  for (const field of ["apiVersion", "kind"])
    if (typeof object[field] !== "string")
      return { path: [...path, field], message: `Expected text: an object has its ${field}` };
  const name = (object["metadata"] as { readonly name?: unknown } | undefined)?.name;
  if (typeof name === "string" && name !== "") return null;
  return { path: [...path, "metadata", "name"], message: "Expected text: an object has its name" };
}

export { KUBECTL };
