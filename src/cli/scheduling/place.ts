import type { KubeObject, Node, Pod } from "../../../models/machinery/kinds/index.ts";
import { isPodTerminal } from "../../../models/machinery/pods.ts";
import { type CycleResult, gateOf, schedulePod, USUAL } from "../../../models/scheduler/framework/cycle.ts";
import { type Lister, type Listers, listersOf } from "../../../models/scheduler/framework/listers.ts";
import { type PodInfo, podInfoOf } from "../../../models/scheduler/framework/pod-info.ts";
import type { Candidate } from "../../../models/scheduler/framework/preemption.ts";
import type { Profile } from "../../../models/scheduler/framework/profile.ts";
import { type Snapshot, snapshotOf, withoutPod, withPod } from "../../../models/scheduler/framework/snapshot.ts";
import { admitted, ofKind } from "./admission.ts";

/** What became of a pod. */
export interface Placement {
  readonly pod: PodInfo;
  readonly profile: Profile;
  /** Its first try, where it was tried. */
  readonly result: CycleResult | null;
  readonly node: string | null;
  /** Why it has no node, or had none at first. */
  readonly message: string | null;
  /** Whose end made room for it. */
  readonly preemption: Candidate | null;
}

export interface Placements {
  /** One after the other, as they are asked for. */
  readonly placements: Iterable<Placement>;
  /** Pods that wait for a scheduler that is not among the profiles. */
  readonly foreign: readonly Pod[];
}

/**
 * Places the pods that wait, highest priority first, then as they are given; each sees the earlier ones. Where every plugin
 * is asked and no pod waits, they are asked of each pod that has its node, as if it alone had none yet.
 */
export function placePods(given: readonly KubeObject[], profiles: readonly Profile[], allPlugins: boolean): Placements {
  const objects = admitted(given);
  const nodes = ofKind<Node>(objects, "Node");
  const pods = ofKind<Pod>(objects, "Pod").filter((pod) => !isPodTerminal(pod));
  const isAssigned = ({ spec }: Pod) => (spec.nodeName ?? "") !== "";
  const waiting = pods.filter((pod) => !isAssigned(pod) && pod.metadata.deletionTimestamp === undefined);
  const profileOf = ({ spec }: Pod) =>
    profiles.find(({ schedulerName }) => schedulerName === (spec.schedulerName ?? "default-scheduler"));
  const cluster = new Cluster(objects, snapshotOf(nodes, pods.filter(isAssigned)), allPlugins);
  const queueOf = (some: readonly Pod[]) =>
    some
      .filter((pod) => profileOf(pod) !== undefined)
      .map(podInfoOf)
      .toSorted((one, two) => two.priority - one.priority);
  const placed = waiting.length > 0 || !allPlugins ? [] : queueOf(pods.filter(isAssigned));
  return {
    placements:
      placed.length > 0
        ? inTurn(placed, (pod) => cluster.placeAgain(pod, profileOf(pod.pod)!))
        : inTurn(queueOf(waiting), (pod) => cluster.place(pod, profileOf(pod.pod)!)),
    foreign: waiting.filter((pod) => profileOf(pod) === undefined),
  };
}

function* inTurn(queue: readonly PodInfo[], place: (pod: PodInfo) => Placement): Iterable<Placement> {
  for (const pod of queue) yield place(pod);
}

/** A cluster as pods come to it. */
class Cluster {
  readonly #allPlugins: boolean;
  readonly #written = new Map<string, KubeObject>();
  readonly #listers: Listers;
  #snapshot: Snapshot;
  #start = 0;

  constructor(objects: readonly KubeObject[], snapshot: Snapshot, allPlugins: boolean) {
    this.#snapshot = snapshot;
    this.#allPlugins = allPlugins;
    const listers = listersOf(objects);
    this.#listers = {
      ...listers,
      claims: this.#withWritten("PersistentVolumeClaim", listers.claims),
      volumes: this.#withWritten("PersistentVolume", listers.volumes),
    };
  }

  place(pod: PodInfo, profile: Profile): Placement {
    const gate = gateOf(profile, pod);
    const nothing = { pod, profile, result: null, node: null, preemption: null };
    if (gate !== null) return { ...nothing, message: gate.status.reasons.join(", ") };
    const result = this.#attempt(pod, profile);
    const { message, preemption } = result;
    if (preemption === null) return { ...nothing, result, node: result.node?.name ?? null, message };
    for (const { id } of preemption.victims) this.#snapshot = withoutPod(this.#snapshot, id, preemption.info.name);
    const node = this.#attempt(pod, profile).node?.name ?? null;
    return { ...nothing, result, node, message, preemption };
  }

  /** What would be said of a pod that is on a node, whose name it keeps. Nothing follows from it. */
  placeAgain(pod: PodInfo, profile: Profile): Placement {
    const snapshot = withoutPod(this.#snapshot, pod.id, pod.pod.spec.nodeName!);
    const result = schedulePod(profile, this.#listers, snapshot, pod, { ...USUAL, allPlugins: true });
    const { message } = result;
    return { pod, profile, result, node: result.node?.name ?? null, message, preemption: null };
  }

  /** A cycle, and where it finds a node what follows from it. */
  #attempt(pod: PodInfo, profile: Profile): CycleResult {
    const options = { ...USUAL, start: this.#start, allPlugins: this.#allPlugins };
    const result = schedulePod(profile, this.#listers, this.#snapshot, pod, options);
    this.#snapshot = result.snapshot;
    this.#start = result.nextStart;
    if (result.node === null) return result;
    const cycle = { pod, snapshot: result.snapshot, listers: this.#listers };
    for (const plugin of profile.reserves) {
      const state = result.preFiltered!.filters.find((filter) => filter.plugin.name === plugin.name)?.state ?? null;
      for (const object of plugin.reserve!(state, cycle, result.node).writes)
        this.#written.set(keyOfObject(object.kind, object), object);
    }
    this.#snapshot = withPod(this.#snapshot, pod, result.node.name);
    return result;
  }

  #withWritten<O extends KubeObject>(kind: string, lister: Lister<O>): Lister<O> {
    const now = (object: O | null): O | null =>
      object === null ? null : ((this.#written.get(keyOfObject(kind, object)) as O | undefined) ?? object);
    return {
      get: (namespace, name) => now(lister.get(namespace, name)),
      list: (namespace) => lister.list(namespace).map((object) => now(object)!),
    };
  }
}

function keyOfObject(kind: string, { metadata }: KubeObject): string {
  return `${kind}/${metadata.namespace ?? ""}/${metadata.name}`;
}
