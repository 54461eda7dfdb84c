/**
 * The affinity terms of the pods that run, each distinct one once, with how many have it in which topology domain: so many
 * terms are to be compared with a new pod, and not so many pods.
 */
import { mapDelete, mapEach, mapGet, mapSet, type OrderedMap } from "../../kernel/index.ts";
import type { AffinityTerm } from "./affinity-terms.ts";
import { type Grid, gridAt, gridFrom, gridWith } from "./grid.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Topology } from "./topology.ts";

export type TermKind = "requiredAffinity" | "requiredAntiAffinity" | "preferredAffinity" | "preferredAntiAffinity";

const KINDS: readonly TermKind[] = [
  "requiredAffinity",
  "requiredAntiAffinity",
  "preferredAffinity",
  "preferredAntiAffinity",
];

export interface TermTally {
  readonly term: AffinityTerm;
  readonly topology: Topology;
  /** By domain: how many pods in it have the term. */
  readonly counts: Grid<number>;
  /** In all domains. */
  readonly total: number;
}

/** By `kind`, line feed, and the term. */
export type TermTallies = OrderedMap<TermTally>;

/** Whether the pod has terms at all. */
export function hasTerms({ terms }: PodInfo): boolean {
  return KINDS.some((kind) => terms[kind].length > 0);
}

/** The tallies with the terms of a pod on a node, or without them. */
export function withTermsOf(
  tallies: TermTallies,
  pod: PodInfo,
  slot: number,
  change: 1 | -1,
  topologyFor: (key: string) => Topology,
): TermTallies {
  let result = tallies;
  for (const kind of KINDS)
    for (const term of pod.terms[kind]) result = withTerm(result, kind, term, slot, change, topologyFor);
  return result;
}

function withTerm(
  tallies: TermTallies,
  kind: TermKind,
  term: AffinityTerm,
  slot: number,
  change: 1 | -1,
  topologyFor: (key: string) => Topology,
): TermTallies {
  const key = `${kind}\n${JSON.stringify(term)}`;
  const tally = mapGet(tallies, key) ?? emptyTally(term, topologyFor(term.topologyKey));
  const domain = tally.topology.domainOf[slot]!;
  if (domain < 0) return tallies;
  const total = tally.total + change;
  if (total === 0) return mapDelete(tallies, key);
  const counts = gridWith(tally.counts, domain, gridAt(tally.counts, domain) + change);
  return mapSet(tallies, key, { term: tally.term, topology: tally.topology, counts, total });
}

function emptyTally(term: AffinityTerm, topology: Topology): TermTally {
  return { term, topology, counts: gridFrom(topology.values.map(() => 0)), total: 0 };
}

/** Visits the terms of a kind. */
export function eachTerm(tallies: TermTallies, kind: TermKind, visit: (tally: TermTally) => void): void {
  mapEach(tallies, `${kind}\n`, `${kind}\v`, visit);
}
