/** Where a pod can be, by a second implementation of the scheduler's filters that knows no indexes. */
import type {
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from "../../models/machinery/kinds/index.ts";
import { isAbout, type NaiveCluster, refusals } from "../../models/scheduler/naive/filter.ts";
import type { ClusterLedger } from "../cluster/ledger.ts";
import { isDeleting, isTerminal, selects } from "../cluster/objects.ts";
import { type Storage, volumeRefusal } from "./volumes.ts";

/** What somebody knows when a node is looked for. Pods on nodes name them. */
export interface Known {
  readonly cluster: NaiveCluster;
  readonly storage: Storage;
  /** Pods for which others make room on a node, by the node's name. */
  readonly nominated: ReadonlyMap<string, readonly Pod[]>;
  /** The pods on nodes as the cycle began, whoever is taken off for a trial. */
  readonly atStart: readonly Pod[];
}

/** Why a pod cannot be on a node, by the plugins that say so; empty where it can. */
export function naiveRefusals(known: Known, pod: Pod, node: Node): readonly string[] {
  const volumes = volumeRefusal(known.storage, pod, node);
  const alone = refusals(known.cluster, pod, node);
  const all = volumes === null ? alone : [...alone, `VolumeBinding: ${volumes}`];
  if (all.length > 0) return all;
  const others = nominatedBefore(known, pod, node);
  if (others.length === 0) return all;
  return refusalsBeside(known, others, pod, node).map((plugin) => `${plugin}, with nominated pods`);
}

/**
 * Why a pod cannot be on a node beside others that are to come there. As the real one has it, these keep nobody away by their
 * anti-affinity where no pod that is there does, nor the pod itself has terms: PreFilter has answered Skip by then
 * (interpodaffinity/filtering.go).
 */
export function refusalsBeside(known: Known, others: readonly Pod[], pod: Pod, node: Node): readonly string[] {
  const { cluster } = known;
  const found = refusals({ ...cluster, pods: [...cluster.pods, ...others] }, pod, node);
  return isAffinitySkipped(known, pod) ? found.filter((plugin) => plugin !== "InterPodAffinity") : found;
}

function isAffinitySkipped({ cluster, atStart }: Known, pod: Pod): boolean {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const required = "requiredDuringSchedulingIgnoredDuringExecution";
  if ((podAffinity?.[required] ?? []).length + (podAntiAffinity?.[required] ?? []).length > 0) return false;
  return !atStart.some((other) =>
    (other.spec.affinity?.podAntiAffinity?.[required] ?? []).some((term) => isAbout(cluster, other, term, pod)),
  );
}

/** Those nominated to the node that go before the pod, as if they were there. */
export function nominatedBefore({ nominated }: Known, pod: Pod, node: Node): readonly Pod[] {
  const { name } = node.metadata;
  return (nominated.get(name) ?? [])
    .filter((other) => other.metadata.uid !== pod.metadata.uid && priorityOf(other) >= priorityOf(pod))
    .map((other) => onNode(other, name));
}

export function priorityOf({ spec }: Pod): number {
  return spec.priority ?? 0;
}

/** The pod as it is when it is there. */
export function onNode(pod: Pod, nodeName: string): Pod {
  return pod.spec.nodeName === nodeName ? pod : { ...pod, spec: { ...pod.spec, nodeName } };
}

/** Whether a pod is the default scheduler's to place. */
export function waitsForNode(pod: Pod): boolean {
  const { nodeName = "", schedulerName = "default-scheduler", schedulingGates = [] } = pod.spec;
  if (nodeName !== "" || schedulerName !== "default-scheduler" || schedulingGates.length > 0) return false;
  return !isDeleting(pod) && !isTerminal(pod);
}

/** What the store knows. */
export function knownToStore(ledger: ClusterLedger): Known {
  const pods: Pod[] = [];
  const nominated = new Map<string, Pod[]>();
  for (const { object } of ledger.all<Pod>("pods").values()) {
    const node = object.status?.nominatedNodeName ?? "";
    if ((object.spec.nodeName ?? "") !== "") {
      if (!isTerminal(object)) pods.push(object);
    } else if (node !== "" && waitsForNode(object)) nominated.set(node, [...(nominated.get(node) ?? []), object]);
  }
  const objects = <O>(resource: string): O[] =>
    [...ledger.all(resource).values()].map(({ object }) => object as unknown as O);
  return {
    cluster: { nodes: objects<Node>("nodes"), pods, namespaces: labelsOf(objects("namespaces")) },
    storage: storageOf(objects),
    nominated,
    atStart: pods,
  };
}

export function labelsOf(namespaces: readonly Namespace[]): NaiveCluster["namespaces"] {
  return Object.fromEntries(namespaces.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
}

export function storageOf(objects: <O>(resource: string) => readonly O[]): Storage {
  return {
    claims: new Map(
      objects<PersistentVolumeClaim>("persistentvolumeclaims").map((claim) => [
        `${claim.metadata.namespace}/${claim.metadata.name}`,
        claim,
      ]),
    ),
    volumes: objects<PersistentVolume>("persistentvolumes"),
    classes: new Map(objects<StorageClass>("storageclasses").map((one) => [one.metadata.name, one])),
  };
}

const HOST = "kubernetes.io/hostname";

/**
 * Those nominated pods that may make room for ever: what keeps them from their node is a pod elsewhere in its zone, and whoever
 * comes in that one's stead is not kept from another node there ("cross node preemption" is not done).
 */
export function contestedPods(ledger: ClusterLedger): readonly Pod[] {
  const pods = [...ledger.all<Pod>("pods").values()].map(({ object }) => object);
  return pods.filter((pod) => {
    if ((pod.status?.nominatedNodeName ?? "") === "" || !waitsForNode(pod)) return false;
    if (wideTerms(pod).length > 0) return true;
    return pods.some((other) =>
      wideTerms(other).some(({ labelSelector }) => selects(labelSelector, pod.metadata.labels)),
    );
  });
}

/** Whom a pod keeps away, or is kept away by, beyond its own node. */
function wideTerms({ spec }: Pod) {
  const terms = spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.filter(({ topologyKey }) => topologyKey !== HOST);
}
