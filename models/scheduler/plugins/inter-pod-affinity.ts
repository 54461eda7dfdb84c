/** plugins/interpodaffinity. */
import type { StringMap } from "../../machinery/kinds/index.ts";
import { type AffinityTerm, matchesTerm, withNamespacesFound } from "../framework/affinity-terms.ts";
import { gridAt } from "../framework/grid.ts";
import type { NodeInfo } from "../framework/node-info.ts";
import { type Cycle, found, type Plugin, type PreFilterAnswer, refusal } from "../framework/plugin.ts";
import type { PodInfo } from "../framework/pod-info.ts";
import { tallied, termsOf } from "../framework/snapshot.ts";
import { SKIP, type Status, unresolvable, unschedulable } from "../framework/status.ts";
import type { Tally } from "../framework/tallies.ts";
import { eachTerm, type TermTally } from "../framework/term-tallies.ts";
import { affinityTally, termTally } from "./affinity-tallies.ts";
import { type AffinityScore, affinityScore, normalisedAffinity, preScoreAffinity } from "./inter-pod-affinity-score.ts";

/** InterPodAffinityArgs. */
export interface InterPodAffinityArgs {
  readonly hardPodAffinityWeight: number;
  readonly ignorePreferredTermsOfExistingPods: boolean;
}

/** A term of the pod itself, and where the pods are that it is about. */
interface TermCount {
  readonly term: AffinityTerm;
  readonly tally: Tally;
  readonly changes: ReadonlyMap<number, number> | null;
}

/** Terms of pods that run, which are against this pod. */
interface ExistingTerm {
  readonly key: string;
  readonly tally: TermTally;
  readonly changes: ReadonlyMap<number, number> | null;
}

export interface InterPodAffinityState {
  readonly affinity: readonly TermCount[];
  /** Pods that match all affinity terms, over all domains of all their keys. */
  readonly affinityTotal: number;
  /** The pod matches all of its own affinity terms. */
  readonly matchesItself: boolean;
  readonly antiAffinity: readonly TermCount[];
  readonly existing: readonly ExistingTerm[];
  readonly namespaceLabels: StringMap | undefined;
}

const NO_AFFINITY = unresolvable("node(s) didn't match pod affinity rules");
const ANTI_AFFINITY = unschedulable("node(s) didn't match pod anti-affinity rules");
const EXISTING = unschedulable("node(s) didn't satisfy existing pods anti-affinity rules");

export function interPodAffinity(args: InterPodAffinityArgs): Plugin<InterPodAffinityState, AffinityScore> {
  return {
    name: "InterPodAffinity",
    tallies: (cycle) => {
      const { affinity, antiAffinity, preferred } = ownTerms(cycle);
      return [
        ...affinity.map((term) => affinityTally(term, affinity)),
        ...antiAffinity.map((term) => termTally(term)),
        ...preferred.map(({ term }) => termTally(term)),
      ];
    },
    preFilter: (cycle) => preFilter(cycle),
    withPod: (state, cycle, pod, info, change) => changedBy(state, cycle, pod, info, change),
    filter: (state, cycle, info) => against(state ?? preFilter(cycle).state, info),
    preScore: (cycle) => preScoreAffinity(cycle, args, ownTerms(cycle).preferred),
    score: (state, _, { slot }) => affinityScore(state!, slot),
    normalise: (_, scores) => normalisedAffinity(scores),
  };
}

/** The terms of the pod, with the namespaces that their selectors find. */
function ownTerms({ pod: { terms }, listers }: Cycle) {
  const here = (term: AffinityTerm): AffinityTerm => withNamespacesFound(term, listers.namespaces);
  return {
    affinity: terms.requiredAffinity.map(here),
    antiAffinity: terms.requiredAntiAffinity.map(here),
    preferred: [
      ...terms.preferredAffinity.map((term) => ({ term: here(term), sign: 1 as const })),
      ...terms.preferredAntiAffinity.map((term) => ({ term: here(term), sign: -1 as const })),
    ],
  };
}

/** filtering.go, PreFilter. */
function preFilter(cycle: Cycle): PreFilterAnswer<InterPodAffinityState> {
  const { pod, snapshot, listers } = cycle;
  if (pod.termsFlaw !== null) return refusal(unresolvable(`parsing pod: ${pod.termsFlaw}`));
  const terms = ownTerms(cycle);
  const namespaceLabels = listers.namespaces.get("", pod.namespace)?.metadata.labels;
  const existing: ExistingTerm[] = [];
  eachTerm(termsOf(snapshot), "requiredAntiAffinity", (tally) => {
    if (matchesTerm(tally.term, pod.pod, namespaceLabels))
      existing.push({ key: JSON.stringify(tally.term), tally, changes: null });
  });
  if (existing.length === 0 && terms.affinity.length === 0 && terms.antiAffinity.length === 0) return refusal(SKIP);
  const affinity = terms.affinity.map((term) => ({
    term,
    tally: tallied(snapshot, affinityTally(term, terms.affinity)),
    changes: null,
  }));
  const antiAffinity = terms.antiAffinity.map((term) => ({
    term,
    tally: tallied(snapshot, termTally(term)),
    changes: null,
  }));
  const affinityTotal = affinity.reduce((sum, { tally }) => sum + tally.total, 0);
  const matchesItself = terms.affinity.every((term) => matchesTerm(term, pod.pod, undefined));
  return found({ affinity, affinityTotal, matchesItself, antiAffinity, existing, namespaceLabels });
}

/** filtering.go, Filter. */
function against(state: InterPodAffinityState | null, { slot }: NodeInfo): Status | null {
  if (state === null) return null;
  const { affinity, antiAffinity, existing } = state;
  if (affinity.length > 0 && !isAmongAffine(state, slot)) return NO_AFFINITY;
  for (const { tally, changes } of antiAffinity) if (countIn(tally, changes, slot) > 0) return ANTI_AFFINITY;
  for (const { tally, changes } of existing) if (countIn(tally, changes, slot) > 0) return EXISTING;
  return null;
}

/**
 * filtering.go, satisfyPodAffinity. The first of a group of pods that attract each other would find nobody: it may be
 * anywhere where the keys are, if it matches its own terms and no pod matches them yet.
 */
function isAmongAffine({ affinity, affinityTotal, matchesItself }: InterPodAffinityState, slot: number): boolean {
  let all = true;
  for (const { tally, changes } of affinity) {
    if (tally.topology.domainOf[slot]! < 0) return false;
    all &&= countIn(tally, changes, slot) > 0;
  }
  return all || (affinityTotal === 0 && matchesItself);
}

function countIn(
  { topology, counts }: Pick<Tally, "topology" | "counts">,
  changes: ReadonlyMap<number, number> | null,
  slot: number,
): number {
  const domain = topology.domainOf[slot]!;
  if (domain < 0) return 0;
  return gridAt(counts, domain) + (changes === null ? 0 : (changes.get(domain) ?? 0));
}

/** filtering.go, updateWithPod. */
function changedBy(
  state: InterPodAffinityState,
  cycle: Cycle,
  other: PodInfo,
  { slot }: NodeInfo,
  change: 1 | -1,
): InterPodAffinityState {
  const { affinity, antiAffinity } = state;
  const matchesAll = affinity.length > 0 && affinity.every(({ term }) => matchesTerm(term, other.pod, undefined));
  const added = matchesAll ? affinity.filter(({ tally }) => tally.topology.domainOf[slot]! >= 0).length : 0;
  return {
    affinity: matchesAll ? affinity.map((count) => moved(count, slot, change)) : affinity,
    affinityTotal: state.affinityTotal + added * change,
    matchesItself: state.matchesItself,
    antiAffinity: antiAffinity.map((count) =>
      matchesTerm(count.term, other.pod, undefined) ? moved(count, slot, change) : count,
    ),
    existing: withExisting(state, cycle, other, slot, change),
    namespaceLabels: state.namespaceLabels,
  };
}

/** The terms of the other pod that are against this one. Those of a pod that comes may be new. */
function withExisting(
  { existing, namespaceLabels }: InterPodAffinityState,
  { pod, snapshot }: Cycle,
  other: PodInfo,
  slot: number,
  change: 1 | -1,
): readonly ExistingTerm[] {
  let result = existing;
  for (const term of other.terms.requiredAntiAffinity) {
    if (!matchesTerm(term, pod.pod, namespaceLabels)) continue;
    const key = JSON.stringify(term);
    const index = result.findIndex((one) => one.key === key);
    if (index >= 0) result = result.with(index, moved(result[index]!, slot, change));
    else {
      const { topology, counts } = tallied(snapshot, { ...termTally(term), selectors: [NOBODY] });
      result = [...result, moved({ key, tally: { term, topology, counts, total: 0 }, changes: null }, slot, change)];
    }
  }
  return result;
}

const NOBODY = { nothing: true, requirements: [] } as const;

function moved<C extends Pick<ExistingTerm, "changes"> & { readonly tally: Pick<Tally, "topology"> }>(
  count: C,
  slot: number,
  change: 1 | -1,
): C {
  const domain = count.tally.topology.domainOf[slot]!;
  if (domain < 0) return count;
  const changes = new Map(count.changes ?? []);
  changes.set(domain, (changes.get(domain) ?? 0) + change);
  return { ...count, changes };
}
