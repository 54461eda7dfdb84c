/**
 * Counts of pods by topology domain, so that a decision need not visit all pods of all nodes. A tally is built when it is
 * first asked for, and kept up as pods come and go; it says what a loop over all pods would.
 */
import { mapEach, type OrderedMap } from "../../kernel/index.ts";
import type { Pod } from "../../machinery/kinds/index.ts";
import type { Selector } from "../../machinery/selectors.ts";
import { type Grid, gridAt, gridFrom, gridWith } from "./grid.ts";
import { eachGroup, type PodGroups } from "./groups.ts";
import { labelIn, matchesRequiredNodeAffinity, requiredNodeAffinityOf } from "./node-affinity.ts";
import type { NodeInfo } from "./node-info.ts";
import { isTerminating, type PodInfo } from "./pod-info.ts";
import { matchesEach } from "./selectors.ts";
import { hasUntoleratedTaint } from "./taints.ts";
import type { Topology } from "./topology.ts";

/** The nodes that count. */
export interface Population {
  /** Labels that a node must have. */
  readonly labels: readonly string[];
  /** The pod whose node selector and affinity a node must match; null: any node. */
  readonly affinityOf: Pod | null;
  /** The pod that must tolerate the taints of a node; null: any node. */
  readonly tolerationsOf: Pod | null;
}

export interface TallyRequest {
  /** The namespaces of the pods that count; null: all. */
  readonly namespaces: readonly string[] | null;
  /** All of them select a pod that counts. */
  readonly selectors: readonly Selector[];
  /** Pods that are being deleted do not count. */
  readonly livingOnly: boolean;
  readonly topologyKey: string;
  /** Null: every node that has the label. */
  readonly population: Population | null;
}

export interface Tally {
  readonly namespaces: readonly string[] | null;
  readonly selectors: readonly Selector[];
  readonly livingOnly: boolean;
  readonly topology: Topology;
  /** By slot: whether the node counts; null: all do. */
  readonly counted: readonly boolean[] | null;
  /** By domain: whether a node that counts is in it. */
  readonly exists: readonly boolean[];
  /** How many do. */
  readonly domains: number;
  /** By domain. */
  readonly counts: Grid<number>;
  readonly total: number;
  /** By count: how many of the domains that exist have it. Null: there are few domains. */
  readonly histogram: readonly number[] | null;
}

/** With more domains than these, how many have a count is kept, so that the least is found at once. */
const DOMAINS_LOOPED_MAX = 32;
/** Tallies of all namespaces, or of several, are kept under this in place of one. */
const SEVERAL = "*";

/**
 * What a tally is kept under: those that can concern a pod are together, by namespace and by a label that all pods that
 * count have.
 */
export function tallyKey(request: TallyRequest): string {
  const { namespaces, selectors, population } = request;
  const home = namespaces?.length === 1 ? namespaces[0]! : SEVERAL;
  const what = [namespaces, selectors, request.livingOnly, request.topologyKey, populationKey(population)];
  return `${home}\n${labelOfAll(selectors)}\n${JSON.stringify(what)}`;
}

/** `key=value` where the selectors demand one; else empty. */
function labelOfAll(selectors: readonly Selector[]): string {
  for (const { requirements } of selectors)
    for (const { key, operator, values } of requirements)
      if (operator === "In" && values.length === 1) return `${key}=${values[0]}`;
  return "";
}

function populationKey(population: Population | null): unknown {
  if (population === null) return null;
  const { labels, affinityOf, tolerationsOf } = population;
  const affinity = affinityOf?.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return [
    labels,
    affinityOf?.spec.nodeSelector ?? 0,
    affinity ?? 0,
    tolerationsOf === null,
    tolerationsOf?.spec.tolerations,
  ];
}

/** Visits the tallies that can concern a pod. */
export function eachTallyFor(
  tallies: OrderedMap<Tally>,
  pod: PodInfo,
  visit: (tally: Tally, key: string) => void,
): void {
  const { labels } = pod.pod.metadata;
  const pairs = labels === undefined ? [] : Object.keys(labels).map((key) => `${key}=${labels[key]}`);
  for (const home of [pod.namespace, SEVERAL])
    for (const pair of ["", ...pairs]) mapEach(tallies, `${home}\n${pair}\n`, `${home}\n${pair}\v`, visit);
}

/** Counts all pods that there are. */
export function tallyOf(request: TallyRequest, topology: Topology, nodes: Grid<NodeInfo>, groups: PodGroups): Tally {
  const { namespaces, selectors, livingOnly } = request;
  const counted = request.population === null ? null : countedNodes(request.population, nodes);
  const exists: boolean[] = topology.values.map(() => false);
  const counts = topology.values.map(() => 0);
  let total = 0;
  for (let slot = 0; slot < nodes.length; slot++) {
    const domain = topology.domainOf[slot]!;
    if (domain < 0 || (counted !== null && !counted[slot])) continue;
    exists[domain] = true;
  }
  eachGroup(groups, namespaces, ({ sample, slots }) => {
    if (!isCounted(request, sample)) return;
    for (const slot of slots) {
      const domain = topology.domainOf[slot]!;
      if (domain < 0 || (counted !== null && !counted[slot])) continue;
      counts[domain]!++;
      total++;
    }
  });
  const domains = exists.filter((one) => one).length;
  const histogram = domains > DOMAINS_LOOPED_MAX ? histogramOf(counts, exists) : null;
  return {
    namespaces,
    selectors,
    livingOnly,
    topology,
    counted,
    exists,
    domains,
    counts: gridFrom(counts),
    total,
    histogram,
  };
}

function countedNodes(
  { labels, affinityOf, tolerationsOf }: Population,
  nodes: Grid<NodeInfo>,
): readonly boolean[] | null {
  const affinity = affinityOf === null ? null : requiredNodeAffinityOf(affinityOf);
  let all = true;
  const counted: boolean[] = [];
  for (let slot = 0; slot < nodes.length; slot++) {
    const { node } = gridAt(nodes, slot);
    const counts =
      labels.every((key) => labelIn(node.metadata.labels, key) !== undefined) &&
      (affinity === null || matchesRequiredNodeAffinity(affinity, node)) &&
      (tolerationsOf === null || !hasUntoleratedTaint(node.spec?.taints, tolerationsOf.spec.tolerations));
    counted.push(counts);
    all &&= counts;
  }
  return all ? null : counted;
}

function histogramOf(counts: readonly number[], exists: readonly boolean[]): readonly number[] {
  const histogram: number[] = [];
  for (const [domain, count] of counts.entries()) {
    if (!exists[domain]) continue;
    while (histogram.length <= count) histogram.push(0);
    histogram[count]!++;
  }
  return histogram;
}

/** Whether a pod counts, wherever it is. */
export function isCounted(
  { namespaces, selectors, livingOnly }: Pick<Tally, "namespaces" | "selectors" | "livingOnly">,
  pod: PodInfo,
): boolean {
  if (namespaces !== null && !namespaces.includes(pod.namespace)) return false;
  if (livingOnly && isTerminating(pod.pod)) return false;
  return matchesEach(selectors, pod.pod.metadata.labels);
}

/** The tally with so many more of the pods that count on a node. */
export function talliedOn(tally: Tally, slot: number, change: 1 | -1): Tally {
  const domain = tally.topology.domainOf[slot]!;
  if (domain < 0 || (tally.counted !== null && !tally.counted[slot])) return tally;
  const before = gridAt(tally.counts, domain);
  const { namespaces, selectors, livingOnly, topology, counted, exists, domains } = tally;
  const counts = gridWith(tally.counts, domain, before + change);
  const total = tally.total + change;
  const histogram = tally.histogram === null ? null : moved(tally.histogram, before, before + change);
  return { namespaces, selectors, livingOnly, topology, counted, exists, domains, counts, total, histogram };
}

function moved(histogram: readonly number[], from: number, to: number): readonly number[] {
  const copy = histogram.slice();
  while (copy.length <= to) copy.push(0);
  copy[from]!--;
  copy[to]!++;
  return copy;
}

/** The least count of the domains that exist; null when there are none. */
export function leastOf({ histogram, exists, counts, domains }: Tally): number | null {
  if (domains === 0) return null;
  if (histogram !== null) return histogram.findIndex((number) => number > 0);
  let least = Number.MAX_SAFE_INTEGER;
  for (let domain = 0; domain < exists.length; domain++)
    if (exists[domain]) least = Math.min(least, gridAt(counts, domain));
  return least;
}

/** The count in the domain of a node; 0 where it has no such label. */
export function countAt({ topology, counts }: Tally, slot: number): number {
  const domain = topology.domainOf[slot]!;
  return domain < 0 ? 0 : gridAt(counts, domain);
}
