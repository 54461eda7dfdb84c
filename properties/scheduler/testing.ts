import { orderedMapFrom } from "../../models/kernel/index.ts";
import { podInfoOf } from "../../models/scheduler/framework/pod-info.ts";
import { snapshotOf } from "../../models/scheduler/framework/snapshot.ts";
import type { Loose } from "../cluster/testing.ts";
import { objectOf, podOf } from "../cluster/testing.ts";

/** A node of a zone, so large. */
export function nodeOf(name: string, { zone = "a", cpu = "2", pods = "10", labels = {}, ...spec }: Loose = {}): Loose {
  return objectOf("Node", name, {
    metadata: {
      labels: { "kubernetes.io/hostname": name, "topology.kubernetes.io/zone": zone, ...labels },
      resourceVersion: "1",
    },
    spec,
    status: { allocatable: { cpu, memory: "4Gi", pods } },
  });
}

/** A pod that waits, or that is on a node. */
export function pendingPod(name: string, { cpu = "1", priority = 0, status = {}, ...more }: Loose = {}): Loose {
  const { spec = {}, ...rest } = more;
  const containers = [{ name: "main", image: "web:1", resources: { requests: { cpu, memory: "64Mi" } } }];
  return podOf(name, { phase: "Pending", ...rest, spec: { containers, priority, ...spec }, status });
}

/** A binding that writes no volumes. */
export const NOTHING_WRITTEN = { toWrite: [], written: [] };

const named = (object: Loose) =>
  [`${object.metadata.namespace ?? ""}/${object.metadata.name}`.replace(/^\//, ""), object] as const;

/** What a scheduler knows and is at: nodes and pods as its informers have them, and its cache as it should be. */
export function schedulerState(nodes: readonly Loose[], pods: readonly Loose[], more: Loose = {}): Loose {
  const { others = {}, assumed = [], ...rest } = more;
  const informers = Object.entries({ nodes, pods, ...others }).map(([resource, objects]) => ({
    spec: { resource },
    objects: orderedMapFrom((objects as Loose[]).map(named)),
  }));
  const counted = [...pods.filter(({ spec }) => spec.nodeName !== undefined), ...assumed];
  const infosOn = (name: string) => counted.filter(({ spec }) => spec.nodeName === name).map((pod) => podInfoOf(pod));
  const cached = counted.map((pod) => [
    pod.metadata.uid,
    {
      key: named(pod)[0],
      uid: pod.metadata.uid,
      node: pod.spec.nodeName,
      info: podInfoOf(pod),
      assumed: assumed.includes(pod),
      bindingFinished: false,
    },
  ]) as [string, Loose][];
  const cachedNodes = nodes.map((node) => [
    node.metadata.name,
    { name: node.metadata.name, node, generation: 1, pods: infosOn(node.metadata.name) },
  ]) as [string, Loose][];
  const empty = orderedMapFrom<never>([]);
  return {
    phase: "leading",
    config: { podInitialBackoffUs: 1_000_000, podMaxBackoffUs: 10_000_000, unschedulableFlushUs: 300_000_000 },
    api: { informers },
    cache: { nodes: orderedMapFrom(cachedNodes), pods: orderedMapFrom(cached) },
    queue: { pods: empty, unschedulable: empty, nominator: { byPod: empty, byNode: empty } },
    storage: { claims: empty, volumes: empty },
    snapshot: { generation: 1, nodes: snapshotOf(nodes, counted) },
    attempt: null,
    lastDecision: null,
    bindings: orderedMapFrom(assumed.map((pod: Loose) => [pod.metadata.uid, NOTHING_WRITTEN])),
    waiting: empty,
    ...rest,
  };
}

/** A pod that waits in the queue. */
export function queued(pod: Loose, more: Loose = {}): Loose {
  const [key] = named(pod);
  return [
    key,
    { key, uid: pod.metadata.uid, place: "active", gatingPlugin: "", since: 0, unschedulablePlugins: [], ...more },
  ];
}

/** The state with a decision made on what it has: a node, or none. */
export function decided(
  state: Loose,
  pod: Loose,
  { node = "", nominated = "", victims = [], scores = [], nominations = [] }: Loose = {},
): Loose {
  const lastDecision = {
    number: (state.lastDecision?.number ?? 0) + 1,
    pod: podInfoOf(pod),
    snapshot: state.snapshot.nodes,
    nominations: orderedMapFrom((nominations as [string, Loose[]][]).map(([on, list]) => [on, list.map(podInfoOf)])),
    assumed: state.storage,
    start: 0,
    tieBreak: 0,
    node,
    message: node === "" ? "0/2 nodes are available" : "",
    unschedulablePlugins: node === "" ? ["NodeResourcesFit"] : [],
    nominated,
    victims: victims.map(podInfoOf),
    scores,
  };
  return { ...state, lastDecision };
}
