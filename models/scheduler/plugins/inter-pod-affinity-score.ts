/** The score of InterPodAffinity (plugins/interpodaffinity/scoring.go). */
import { type AffinityTerm, matchesTerm } from "../framework/affinity-terms.ts";
import { type Grid, gridAt } from "../framework/grid.ts";
import { type Cycle, type PreScoreAnswer, SCORE_MAX } from "../framework/plugin.ts";
import { tallied, termsOf } from "../framework/snapshot.ts";
import { SKIP } from "../framework/status.ts";
import { eachTerm, type TermKind } from "../framework/term-tallies.ts";
import type { Topology } from "../framework/topology.ts";
import { termTally } from "./affinity-tallies.ts";
import type { InterPodAffinityArgs } from "./inter-pod-affinity.ts";

/** So much for each pod that is counted in the domain of a node. */
export type AffinityScore = readonly {
  readonly weight: number;
  readonly topology: Topology;
  readonly counts: Grid<number>;
}[];

/** scoring.go, PreScore and processExistingPod: what the pod prefers, and what those that run prefer of it. */
export function preScoreAffinity(
  { pod, snapshot, listers }: Cycle,
  { hardPodAffinityWeight, ignorePreferredTermsOfExistingPods }: InterPodAffinityArgs,
  preferred: readonly { readonly term: AffinityTerm; readonly sign: 1 | -1 }[],
): PreScoreAnswer<AffinityScore> {
  if (ignorePreferredTermsOfExistingPods && preferred.length === 0) return { status: SKIP, state: null };
  const score: { weight: number; topology: Topology; counts: Grid<number> }[] = [];
  for (const { term, sign } of preferred) {
    const { topology, counts, total } = tallied(snapshot, termTally(term));
    if (total > 0) score.push({ weight: term.weight * sign, topology, counts });
  }
  const namespaceLabels = listers.namespaces.get("", pod.namespace)?.metadata.labels;
  const addExisting = (kind: TermKind, weightOf: (term: AffinityTerm) => number) =>
    eachTerm(termsOf(snapshot), kind, ({ term, topology, counts }) => {
      if (matchesTerm(term, pod.pod, namespaceLabels)) score.push({ weight: weightOf(term), topology, counts });
    });
  if (hardPodAffinityWeight > 0) addExisting("requiredAffinity", () => hardPodAffinityWeight);
  addExisting("preferredAffinity", ({ weight }) => weight);
  addExisting("preferredAntiAffinity", ({ weight }) => -weight);
  return score.length === 0 ? { status: SKIP, state: null } : { status: null, state: score };
}

/** scoring.go, Score. */
export function affinityScore(score: AffinityScore, slot: number): number {
  let sum = 0;
  for (const { weight, topology, counts } of score) {
    const domain = topology.domainOf[slot]!;
    if (domain >= 0) sum += weight * gridAt(counts, domain);
  }
  return sum;
}

/** scoring.go, NormalizeScore: between the least and the most. */
export function normalisedAffinity(scores: readonly number[]): readonly number[] {
  let least = Number.MAX_SAFE_INTEGER;
  let most = Number.MIN_SAFE_INTEGER;
  for (const score of scores) {
    if (score < least) least = score;
    if (score > most) most = score;
  }
  const difference = most - least;
  return scores.map((score) => (difference > 0 ? Math.trunc(SCORE_MAX * ((score - least) / difference)) : 0));
}
