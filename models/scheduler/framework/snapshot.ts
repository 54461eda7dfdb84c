/**
 * What is where, at the start of a decision (kubernetes pkg/scheduler/backend/cache/snapshot.go): an immutable value, with
 * the indexes that its readers have asked for.
 */
import {
  emptyOrderedMap,
  mapDelete,
  mapEach,
  mapEntries,
  mapGet,
  mapHas,
  mapSet,
  type OrderedMap,
} from "../../kernel/index.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { Node, Pod } from "../../machinery/kinds/index.ts";
import { type Grid, gridAt, gridFrom, gridItems, gridWith } from "./grid.ts";
import { type PodGroups, withGrouped } from "./groups.ts";
import { type NodeInfo, nodeInfoOf, withNodeOf, withPodAdded, withPodRemoved } from "./node-info.ts";
import { inTurnByZone } from "./node-tree.ts";
import { type PodInfo, podInfoOf } from "./pod-info.ts";
import { eachTallyFor, isCounted, type Tally, type TallyRequest, talliedOn, tallyKey, tallyOf } from "./tallies.ts";
import { hasTerms, type TermTallies, withTermsOf } from "./term-tallies.ts";
import { type Topology, topologyOf } from "./topology.ts";

export interface Snapshot {
  /** Of each zone in turn. */
  readonly nodes: Grid<NodeInfo>;
  readonly slots: Readonly<Record<string, number>>;
  /** In the order in which they came. */
  readonly order: readonly string[];
  /** Pods on nodes that are not there, by node and id. */
  readonly strays: OrderedMap<PodInfo>;
  /** On how many nodes an image is. */
  readonly images: Readonly<Record<string, number>>;
  /** How many pods use a claim (`namespace/name`). */
  readonly claims: OrderedMap<number>;
  /** What was asked for, by topology key; dropped when nodes come, go or change. */
  readonly topologies: Readonly<Record<string, Topology>>;
  readonly tallies: OrderedMap<Tally>;
  /** Null: to be built when first needed. */
  readonly terms: TermTallies | null;
  /** Null: as well. */
  readonly groups: PodGroups | null;
  /** Whether any node has a taint, or is cordoned. */
  readonly isTainted: boolean;
  readonly isCordoned: boolean;
}

/** More tallies than these are not kept: then all are dropped, and built anew as they are asked for. */
const TALLIES_MAX = 5_000;

export const EMPTY_SNAPSHOT: Snapshot = Object.freeze({
  nodes: gridFrom<NodeInfo>([]),
  slots: Object.freeze({}),
  order: Object.freeze([]) as readonly string[],
  strays: emptyOrderedMap<PodInfo>(),
  images: Object.freeze({}),
  claims: emptyOrderedMap<number>(),
  topologies: Object.freeze({}),
  tallies: emptyOrderedMap<Tally>(),
  terms: null,
  groups: null,
  isTainted: false,
  isCordoned: false,
});

/** Nodes, and the pods that are on them (`spec.nodeName`). */
export function snapshotOf(nodes: readonly Node[], pods: readonly Pod[]): Snapshot {
  const infos = new Map(nodes.map((node) => [node.metadata.name, nodeInfoOf(node, 0)]));
  let { strays, claims } = EMPTY_SNAPSHOT;
  for (const pod of pods) {
    const info = podInfoOf(pod);
    const name = pod.spec.nodeName ?? "";
    const node = infos.get(name);
    if (node === undefined) strays = mapSet(strays, strayKey(name, info.id), info);
    else {
      infos.set(name, withPodAdded(node, info));
      claims = withClaims(claims, info, 1);
    }
  }
  return listed(
    { ...EMPTY_SNAPSHOT, strays, claims },
    nodes.map(({ metadata }) => metadata.name),
    infos,
  );
}

/** The node of a name, or null. */
export function nodeNamed({ nodes, slots }: Snapshot, name: string): NodeInfo | null {
  return Object.hasOwn(slots, name) ? gridAt(nodes, slots[name]!) : null;
}

export function nodesOf({ nodes }: Snapshot): readonly NodeInfo[] {
  return gridItems(nodes);
}

/** A node that has come, or has changed. The pods that were seen on it before are on it. */
export function withNode(snapshot: Snapshot, node: Node): Snapshot {
  const { name } = node.metadata;
  const before = nodeNamed(snapshot, name);
  if (before !== null && isSamePlace(before.node, node))
    return { ...snapshot, nodes: gridWith(snapshot.nodes, before.slot, withNodeOf(before, node, before.slot)) };
  const infos = new Map(nodesOf(snapshot).map((info) => [info.name, info]));
  infos.set(name, before === null ? nodeInfoOf(node, 0) : withNodeOf(before, node, before.slot));
  const order = before === null ? [...snapshot.order, name] : snapshot.order;
  let result = listed(snapshot, order, infos);
  mapEach(snapshot.strays, `${name}\n`, `${name}\v`, (pod) => {
    result = { ...result, strays: mapDelete(result.strays, strayKey(name, pod.id)) };
    result = withPod(result, pod, name);
  });
  return result;
}

/** What decides where other pods can be: the rest of a node's fields come and go with its heartbeats. */
function isSamePlace(one: Node, two: Node): boolean {
  return (
    deepEqual(one.metadata.labels, two.metadata.labels) &&
    deepEqual(one.spec?.taints, two.spec?.taints) &&
    one.spec?.unschedulable === two.spec?.unschedulable &&
    deepEqual(one.status?.images, two.status?.images)
  );
}

/** A node that has gone. Pods that were on it stay known, should it come back. */
export function withoutNode(snapshot: Snapshot, name: string): Snapshot {
  const gone = nodeNamed(snapshot, name);
  if (gone === null) return snapshot;
  let { strays, claims } = snapshot;
  for (const pod of gone.pods) {
    strays = mapSet(strays, strayKey(name, pod.id), pod);
    claims = withClaims(claims, pod, -1);
  }
  const infos = new Map(nodesOf(snapshot).map((info) => [info.name, info]));
  infos.delete(name);
  const order = snapshot.order.filter((one) => one !== name);
  return listed({ ...snapshot, strays, claims }, order, infos);
}

/** A node, and all pods that are on it now. */
export interface Placed {
  readonly node: Node;
  readonly pods: readonly PodInfo[];
}

/** The snapshot after nodes have come, gone or changed, or the pods on them. */
export function withChanges(snapshot: Snapshot, changed: readonly Placed[], gone: readonly string[]): Snapshot {
  const isMoved = changed.some(({ node }) => {
    const before = nodeNamed(snapshot, node.metadata.name);
    return before === null || !isSamePlace(before.node, node);
  });
  let result = isMoved || gone.length > 0 ? relisted(snapshot, changed, gone) : snapshot;
  for (const { node, pods } of changed) {
    const info = nodeNamed(result, node.metadata.name)!;
    if (info.node !== node)
      result = { ...result, nodes: gridWith(result.nodes, info.slot, withNodeOf(info, node, info.slot)) };
    result = withPodsOn(result, node.metadata.name, pods);
  }
  return result;
}

function relisted(snapshot: Snapshot, changed: readonly Placed[], gone: readonly string[]): Snapshot {
  const infos = new Map(nodesOf(snapshot).map((info) => [info.name, info]));
  const order = snapshot.order.filter((name) => !gone.includes(name));
  let { claims } = snapshot;
  for (const name of gone) {
    for (const pod of infos.get(name)?.pods ?? []) claims = withClaims(claims, pod, -1);
    infos.delete(name);
  }
  for (const { node } of changed) {
    const { name } = node.metadata;
    const before = infos.get(name);
    if (before === undefined) order.push(name);
    infos.set(name, before === undefined ? nodeInfoOf(node, 0) : withNodeOf(before, node, before.slot));
  }
  return listed({ ...snapshot, claims }, order, infos);
}

/** The snapshot with these pods on a node, and no others. */
function withPodsOn(snapshot: Snapshot, name: string, pods: readonly PodInfo[]): Snapshot {
  const { pods: before } = nodeNamed(snapshot, name)!;
  let same = 0;
  while (same < before.length && before[same] === pods[same]) same++;
  if (same === before.length && same === pods.length) return snapshot;
  const wanted = new Map(pods.slice(same).map((pod) => [pod.id, pod]));
  let result = snapshot;
  for (const pod of before.slice(same)) {
    const now = wanted.get(pod.id);
    if (now !== undefined && isAlike(pod, now)) {
      if (now !== pod) result = withPodInstead(result, now, name);
      wanted.delete(pod.id);
    } else result = withoutPod(result, pod.id, name);
  }
  for (const pod of wanted.values()) result = withPod(result, pod, name);
  return result;
}

/** Whether two of the same pod count alike everywhere: they differ in their status alone. */
function isAlike(one: PodInfo, two: PodInfo): boolean {
  return (
    one === two ||
    (one.group === two.group && one.requests === two.requests && one.terms === two.terms && one.ports === two.ports) ||
    (one.group === two.group &&
      deepEqual([one.requests, one.terms, one.ports, one.claims], [two.requests, two.terms, two.ports, two.claims]))
  );
}

function withPodInstead(snapshot: Snapshot, pod: PodInfo, name: string): Snapshot {
  const info = nodeNamed(snapshot, name)!;
  const pods = info.pods.map((one) => (one.id === pod.id ? pod : one));
  return { ...snapshot, nodes: gridWith(snapshot.nodes, info.slot, { ...info, pods }) };
}

/** A pod on a node. */
export function withPod(snapshot: Snapshot, pod: PodInfo, name: string): Snapshot {
  const info = nodeNamed(snapshot, name);
  if (info === null) return { ...snapshot, strays: mapSet(snapshot.strays, strayKey(name, pod.id), pod) };
  return changedBy(snapshot, pod, info.slot, withPodAdded(info, pod), 1);
}

/** The snapshot without a pod that is on a node. */
export function withoutPod(snapshot: Snapshot, id: string, name: string): Snapshot {
  const info = nodeNamed(snapshot, name);
  if (info === null) return { ...snapshot, strays: mapDelete(snapshot.strays, strayKey(name, id)) };
  const pod = info.pods.find((one) => one.id === id);
  return pod === undefined ? snapshot : changedBy(snapshot, pod, info.slot, withPodRemoved(info, id), -1);
}

function changedBy(snapshot: Snapshot, pod: PodInfo, slot: number, info: NodeInfo, change: 1 | -1): Snapshot {
  const isTermed = snapshot.terms !== null && hasTerms(pod);
  const { slots, order, strays, images, topologies, terms } = isTermed ? withTermTopologies(snapshot, pod) : snapshot;
  const forKey = (key: string): Topology => topologies[key]!;
  return {
    nodes: gridWith(snapshot.nodes, slot, info),
    slots,
    order,
    strays,
    images,
    claims: withClaims(snapshot.claims, pod, change),
    topologies,
    tallies: withTallied(snapshot.tallies, pod, slot, change),
    terms: isTermed ? withTermsOf(terms!, pod, slot, change, forKey) : terms,
    groups: snapshot.groups === null ? null : withGrouped(snapshot.groups, pod, slot, change),
    isTainted: snapshot.isTainted,
    isCordoned: snapshot.isCordoned,
  };
}

function withTermTopologies(snapshot: Snapshot, { terms }: PodInfo): Snapshot {
  let result = snapshot;
  for (const { topologyKey } of [
    ...terms.requiredAffinity,
    ...terms.requiredAntiAffinity,
    ...terms.preferredAffinity,
    ...terms.preferredAntiAffinity,
  ])
    result = withTopology(result, topologyKey);
  return result;
}

function withTallied(tallies: OrderedMap<Tally>, pod: PodInfo, slot: number, change: 1 | -1): OrderedMap<Tally> {
  if (tallies.size === 0) return tallies;
  let result = tallies;
  eachTallyFor(tallies, pod, (tally, key) => {
    if (isCounted(tally, pod)) result = mapSet(result, key, talliedOn(tally, slot, change));
  });
  return result;
}

function withClaims(claims: OrderedMap<number>, pod: PodInfo, change: 1 | -1): OrderedMap<number> {
  let result = claims;
  for (const key of pod.claims) {
    const count = (mapGet(result, key) ?? 0) + change;
    result = count === 0 ? mapDelete(result, key) : mapSet(result, key, count);
  }
  return result;
}

/** The snapshot with the nodes in their order, and without the indexes that depend on it. */
function listed(snapshot: Snapshot, order: readonly string[], infos: ReadonlyMap<string, NodeInfo>): Snapshot {
  const list = inTurnByZone(order.map((name) => infos.get(name)!.node));
  const slots: Record<string, number> = {};
  const images: Record<string, number> = {};
  const nodes = list.map((node, slot) => {
    const { name } = node.metadata;
    slots[name] = slot;
    const info = withNodeOf(infos.get(name)!, node, slot);
    for (const image of Object.keys(info.images)) images[image] = (images[image] ?? 0) + 1;
    return info;
  });
  return {
    ...EMPTY_SNAPSHOT,
    nodes: gridFrom(nodes),
    slots,
    order,
    strays: snapshot.strays,
    images,
    claims: snapshot.claims,
    isTainted: list.some(({ spec }) => (spec?.taints ?? []).length > 0),
    isCordoned: list.some(({ spec }) => spec?.unschedulable === true),
  };
}

function strayKey(node: string, id: string): string {
  return `${node}\n${id}`;
}

function topologyFor({ topologies, nodes }: Snapshot, key: string): Topology {
  return Object.hasOwn(topologies, key) ? topologies[key]! : topologyOf(nodes, key);
}

// ---- Indexes

/** The snapshot with the tallies that are asked for, and those of affinity terms. */
export function indexed(snapshot: Snapshot, requests: readonly TallyRequest[]): Snapshot {
  let result = snapshot.terms === null ? withTermIndex(snapshot) : snapshot;
  if (result.groups === null) result = { ...result, groups: groupsOf(result) };
  for (const request of requests) {
    const key = tallyKey(request);
    if (mapHas(result.tallies, key)) continue;
    result = withTopology(result, request.topologyKey);
    const tally = tallyOf(request, topologyFor(result, request.topologyKey), result.nodes, result.groups!);
    const tallies = result.tallies.size < TALLIES_MAX ? result.tallies : emptyOrderedMap<Tally>();
    result = { ...result, tallies: mapSet(tallies, key, tally) };
  }
  return result;
}

/** The tally of a request: that which is kept, or else one that is counted now. */
export function tallied(snapshot: Snapshot, request: TallyRequest): Tally {
  const kept = mapGet(snapshot.tallies, tallyKey(request));
  if (kept !== undefined) return kept;
  const { nodes, groups } = snapshot;
  return tallyOf(request, topologyFor(snapshot, request.topologyKey), nodes, groups ?? groupsOf(snapshot));
}

/** The affinity terms of the pods that run. */
export function termsOf(snapshot: Snapshot): TermTallies {
  return snapshot.terms ?? withTermIndex(snapshot).terms!;
}

function withTermIndex(snapshot: Snapshot): Snapshot {
  const topologies = new Map(Object.entries(snapshot.topologies));
  let terms: TermTallies = emptyOrderedMap();
  const forKey = (key: string): Topology => {
    const topology = topologies.get(key) ?? topologyOf(snapshot.nodes, key);
    topologies.set(key, topology);
    return topology;
  };
  for (let slot = 0; slot < snapshot.nodes.length; slot++)
    for (const pod of gridAt(snapshot.nodes, slot).pods)
      if (hasTerms(pod)) terms = withTermsOf(terms, pod, slot, 1, forKey);
  return { ...snapshot, terms, topologies: Object.fromEntries([...topologies]) };
}

function groupsOf({ nodes }: Snapshot): PodGroups {
  let groups: PodGroups = emptyOrderedMap();
  for (let slot = 0; slot < nodes.length; slot++)
    for (const pod of gridAt(nodes, slot).pods) groups = withGrouped(groups, pod, slot, 1);
  return groups;
}

function withTopology(snapshot: Snapshot, key: string): Snapshot {
  if (Object.hasOwn(snapshot.topologies, key)) return snapshot;
  return { ...snapshot, topologies: { ...snapshot.topologies, [key]: topologyOf(snapshot.nodes, key) } };
}

/** All pods that are on nodes, with the node's name; for tests and for whoever lists them. */
export function podsOf(snapshot: Snapshot): readonly (readonly [pod: PodInfo, node: string])[] {
  return nodesOf(snapshot).flatMap((info) => info.pods.map((pod) => [pod, info.name] as const));
}

/** Pods on nodes that are not there. */
export function straysOf(snapshot: Snapshot): readonly PodInfo[] {
  return mapEntries(snapshot.strays).map(([, pod]) => pod);
}
