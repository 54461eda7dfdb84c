/** A pod and what plugins read from it, computed once (kubernetes pkg/scheduler/framework/types.go, PodInfo). */
import type { Pod } from "../../machinery/kinds/index.ts";
import { type PodRequests, podNonzeroRequests, podRequests } from "../../machinery/pods.ts";
import { wallOf } from "../../machinery/time.ts";
import { type AffinityTerms, affinityTermsOf, NO_TERMS } from "./affinity-terms.ts";

/** A port of a host that a pod takes. */
export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

export interface PodInfo {
  /** Its UID; where it has none, `namespace/name`. */
  readonly id: string;
  readonly pod: Pod;
  readonly namespace: string;
  readonly priority: number;
  readonly requests: PodRequests;
  /** The names of other resources that it asks for. */
  readonly others: readonly string[];
  /** What it counts for in scoring: a container that states nothing counts as 100 m and 200 MiB. */
  readonly nonzeroMilliCpu: number;
  readonly nonzeroMemoryBytes: number;
  readonly ports: readonly HostPort[];
  /** Pods of the same group are alike to every selector: its namespace, its labels, and whether it is being deleted. */
  readonly group: string;
  /** Of its claims and ephemeral volumes, `namespace/name`. */
  readonly claims: readonly string[];
  readonly terms: AffinityTerms;
  /** Why its affinity cannot be read; null where it can. */
  readonly termsFlaw: string | null;
}

const NO_PORTS: readonly HostPort[] = Object.freeze([]);
const NO_NAMES: readonly string[] = Object.freeze([]);

export function podInfoOf(pod: Pod): PodInfo {
  const { name, namespace = "", uid } = pod.metadata;
  const requests = podRequests(pod);
  const nonzero = podNonzeroRequests(pod);
  const { terms, flaw } = pod.spec.affinity === undefined ? { terms: NO_TERMS, flaw: null } : affinityTermsOf(pod);
  const others = Object.keys(requests.others).filter((resource) => requests.others[resource]! > 0);
  return {
    id: uid === undefined || uid === "" ? `${namespace}/${name}` : uid,
    pod,
    namespace,
    priority: pod.spec.priority ?? 0,
    requests,
    others: others.length === 0 ? NO_NAMES : others,
    nonzeroMilliCpu: nonzero.milliCpu,
    nonzeroMemoryBytes: nonzero.memoryBytes,
    ports: hostPortsOf(pod),
    group: `${namespace}\n${isTerminating(pod) ? 0 : 1}${JSON.stringify(pod.metadata.labels ?? null)}`,
    claims: claimKeysOf(pod),
    terms,
    termsFlaw: flaw,
  };
}

/** pkg/scheduler/util, GetHostPorts: of its containers and sidecars. */
function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  const sidecars = spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always") ?? [];
  const found: HostPort[] = [];
  for (const container of sidecars.length === 0 ? spec.containers : [...spec.containers, ...sidecars])
    for (const { hostPort = 0, hostIP, protocol } of container.ports ?? [])
      if (hostPort > 0) found.push({ ip: hostIP || "0.0.0.0", protocol: protocol || "TCP", port: hostPort });
  return found.length === 0 ? NO_PORTS : found;
}

/** types.go, HostPortInfo.CheckConflict: 0.0.0.0 is every address. */
export function portsConflict(wanted: HostPort, used: readonly HostPort[]): boolean {
  for (const { ip, protocol, port } of used)
    if (port === wanted.port && protocol === wanted.protocol)
      if (ip === wanted.ip || ip === "0.0.0.0" || wanted.ip === "0.0.0.0") return true;
  return false;
}

/** The claims of a pod; that of an ephemeral volume is named after the pod and the volume. */
function claimKeysOf({ spec, metadata }: Pod): readonly string[] {
  if (spec.volumes === undefined) return NO_NAMES;
  const keys: string[] = [];
  for (const volume of spec.volumes) {
    const name = claimNameOf(metadata.name, volume);
    if (name !== null) keys.push(`${metadata.namespace ?? ""}/${name}`);
  }
  return keys.length === 0 ? NO_NAMES : keys;
}

/** The name of a volume's claim; null where it is another kind of volume. */
export function claimNameOf(pod: string, volume: NonNullable<Pod["spec"]["volumes"]>[number]): string | null {
  if (volume.persistentVolumeClaim !== undefined) return volume.persistentVolumeClaim.claimName;
  return volume.ephemeral === undefined ? null : `${pod}-${volume.name}`;
}

export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** pkg/scheduler/util, GetPodStartTime: one that has not started counts as starting now. */
export function startTimeOf(pod: Pod): number {
  const time = pod.status?.startTime;
  return time === undefined ? Number.MAX_SAFE_INTEGER : wallOf(time);
}
