/** The counts that terms of pod affinity need. */
import type { AffinityTerm } from "../framework/affinity-terms.ts";
import { isEmptySelector } from "../framework/selectors.ts";
import type { TallyRequest } from "../framework/tallies.ts";

/** plugins/interpodaffinity/filtering.go, updateWithAffinityTerms: a pod counts where it matches all terms. */
export function affinityTally({ topologyKey }: AffinityTerm, all: readonly AffinityTerm[]): TallyRequest {
  const lists = all.map(namespacesOf).filter((names) => names !== null);
  const namespaces = lists.length === 0 ? null : lists.reduce((one, two) => one.filter((name) => two.includes(name)));
  const selectors = all.map(({ selector }) => selector);
  return { namespaces, selectors, livingOnly: false, topologyKey, population: null };
}

/** filtering.go, updateWithAntiAffinityTerms: a pod counts for each term that it matches. */
export function termTally(term: AffinityTerm): TallyRequest {
  const { selector, topologyKey } = term;
  return { namespaces: namespacesOf(term), selectors: [selector], livingOnly: false, topologyKey, population: null };
}

/** Null: all. */
function namespacesOf({ namespaces, namespaceSelector }: AffinityTerm): readonly string[] | null {
  return isEmptySelector(namespaceSelector) ? null : namespaces;
}
