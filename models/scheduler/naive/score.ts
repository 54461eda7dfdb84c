/** The scores of the default plugins, by plain loops. */
import type { Node, Pod, TopologySpreadConstraint, WeightedPodAffinityTerm } from "../../machinery/kinds/index.ts";
import { podNonzeroRequests, podRequests, requestOf, requestsOfList } from "../../machinery/pods.ts";
import {
  countedOn,
  includes,
  isAbout,
  matchesNode,
  type NaiveCluster,
  nodeOf,
  podsOn,
  together,
  tolerated,
} from "./filter.ts";

const HOSTNAME = "kubernetes.io/hostname";

/** The sum of the weighted scores of each of the nodes that fit; the pod has no defaults of spreading. */
export function naiveScores(cluster: NaiveCluster, pod: Pod, nodes: readonly Node[]): readonly number[] {
  const parts: readonly (readonly [weight: number, scores: readonly number[]])[] = [
    [3, inverted(nodes.map((node) => badTaints(pod, node)))],
    [2, upTo100(nodes.map((node) => preferredNode(pod, node)))],
    [1, nodes.map((node) => leastAllocated(cluster, pod, node))],
    [2, spreadScores(cluster, pod, nodes)],
    [2, between(nodes.map((node) => friendship(cluster, pod, node)))],
    [1, nodes.map((node) => balance(cluster, pod, node))],
    [1, nodes.map((node) => imagesThere(cluster, pod, node))],
  ];
  return nodes.map((_, i) => parts.reduce((sum, [weight, scores]) => sum + weight * scores[i]!, 0));
}

function upTo100(scores: readonly number[]): readonly number[] {
  const most = Math.max(0, ...scores);
  return most === 0 ? scores : scores.map((score) => Math.floor((100 * score) / most));
}

function inverted(scores: readonly number[]): readonly number[] {
  return upTo100(scores).map((score) => 100 - score);
}

function between(scores: readonly number[]): readonly number[] {
  const least = Math.min(...scores);
  const most = Math.max(...scores);
  return scores.map((score) => (most === least ? 0 : Math.trunc(100 * ((score - least) / (most - least)))));
}

function badTaints(pod: Pod, node: Node): number {
  const soft = (node.spec?.taints ?? []).filter(({ effect }) => effect === "PreferNoSchedule");
  return soft.filter((taint) => !tolerated(taint, pod)).length;
}

function preferredNode(pod: Pod, node: Node): number {
  const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return preferred.reduce((sum, { weight, preference }) => sum + (matchesNode(preference, node) ? weight : 0), 0);
}

function leastAllocated(cluster: NaiveCluster, pod: Pod, node: Node): number {
  const capacity = requestsOfList(node.status?.allocatable);
  const free = ["cpu", "memory"].flatMap((name) => {
    const all = requestOf(capacity, name);
    if (all === 0) return [];
    const used = [...podsOn(cluster, node), pod].reduce(
      (sum, one) => sum + requestOf(podNonzeroRequests(one), name),
      0,
    );
    return [used > all ? 0 : Math.floor(((all - used) * 100) / all)];
  });
  return free.length === 0 ? 0 : Math.floor(free.reduce((sum, one) => sum + one, 0) / free.length);
}

function balance(cluster: NaiveCluster, pod: Pod, node: Node): number {
  const own = podRequests(pod);
  if (own.milliCpu === 0 && own.memoryBytes === 0) return 0;
  const capacity = requestsOfList(node.status?.allocatable);
  const evenness = (pods: readonly Pod[]): number => {
    const fractions = ["cpu", "memory"].flatMap((name) => {
      const all = requestOf(capacity, name);
      if (all === 0) return [];
      return [Math.min(1, pods.reduce((sum, one) => sum + requestOf(podRequests(one), name), 0) / all)];
    });
    const deviation = fractions.length < 2 ? 0 : Math.abs((fractions[0]! - fractions[1]!) / 2);
    return Math.trunc((1 - deviation) * 100);
  };
  const there = podsOn(cluster, node);
  return 50 + Math.trunc((50 + evenness([...there, pod]) - evenness(there)) / 2);
}

function imagesThere(cluster: NaiveCluster, pod: Pod, node: Node): number {
  const tagged = (name: string) => (/:[^/]*$/.test(name) ? name : `${name}:latest`);
  const has = (other: Node, name: string) => other.status?.images?.find(({ names }) => names?.includes(name));
  const mebi = 1024 * 1024;
  let sum = 0;
  for (const { image = "" } of pod.spec.containers) {
    const name = tagged(image);
    const size = has(node, name)?.sizeBytes ?? 0;
    sum += Math.trunc(size * (cluster.nodes.filter((other) => has(other, name)).length / cluster.nodes.length));
  }
  const most = 1000 * mebi * pod.spec.containers.length;
  const bounded = Math.min(Math.max(sum, 23 * mebi), most);
  return Math.trunc((100 * (bounded - 23 * mebi)) / (most - 23 * mebi));
}

function spreadScores(cluster: NaiveCluster, pod: Pod, nodes: readonly Node[]): readonly number[] {
  const constraints = (pod.spec.topologySpreadConstraints ?? []).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable === "ScheduleAnyway",
  );
  if (constraints.length === 0) return nodes.map(() => 0);
  const isComplete = ({ metadata }: Node) =>
    constraints.every(({ topologyKey }) => metadata.labels?.[topologyKey] !== undefined);
  const scored = nodes.filter(isComplete);
  const raw = (node: Node): number =>
    Math.round(
      constraints.reduce((sum, one) => {
        const domains = new Set(scored.map(({ metadata }) => metadata.labels![one.topologyKey]));
        const size = one.topologyKey === HOSTNAME ? scored.length : domains.size;
        return sum + spreadCount(cluster, pod, one, node, isComplete) * Math.log(size + 2) + (one.maxSkew - 1);
      }, 0),
    );
  const scores = scored.map(raw);
  const least = Math.min(...scores);
  const most = Math.max(0, ...scores);
  return nodes.map((node) => {
    if (!isComplete(node)) return 0;
    return most === 0 ? 100 : Math.trunc((100 * (most + least - raw(node))) / most);
  });
}

function spreadCount(
  cluster: NaiveCluster,
  pod: Pod,
  constraint: TopologySpreadConstraint,
  node: Node,
  isComplete: (node: Node) => boolean,
): number {
  if (constraint.topologyKey === HOSTNAME) return countedOn(cluster, pod, constraint, node);
  const others = cluster.nodes.filter(
    (other) => together(constraint.topologyKey, node, other) && isComplete(other) && includes(pod, constraint, other),
  );
  return others.reduce((sum, other) => sum + countedOn(cluster, pod, constraint, other), 0);
}

function friendship(cluster: NaiveCluster, pod: Pod, node: Node): number {
  let sum = 0;
  const preferred = (one: Pod): readonly (readonly [WeightedPodAffinityTerm, number])[] => [
    ...(one.spec.affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
      (term) => [term, 1] as const,
    ),
    ...(one.spec.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
      (term) => [term, -1] as const,
    ),
  ];
  for (const other of cluster.pods) {
    const at = nodeOf(cluster, other);
    if (at === undefined) continue;
    for (const [{ weight, podAffinityTerm: term }, sign] of preferred(pod))
      if (isAbout(cluster, pod, term, other) && together(term.topologyKey, at, node)) sum += weight * sign;
    for (const [{ weight, podAffinityTerm: term }, sign] of preferred(other))
      if (isAbout(cluster, other, term, pod) && together(term.topologyKey, at, node)) sum += weight * sign;
    for (const term of other.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [])
      if (isAbout(cluster, other, term, pod) && together(term.topologyKey, at, node)) sum += 1;
  }
  return sum;
}
