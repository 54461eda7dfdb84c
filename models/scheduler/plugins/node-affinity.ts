import type { NodeSelector, NodeSelectorTerm, Pod } from "../../machinery/kinds/index.ts";
import {
  matchesNodeTerm,
  matchesNodeTerms,
  matchesRequiredNodeAffinity,
  type NodeTerm,
  nodeTermsOf,
  type RequiredNodeAffinity,
  requiredNodeAffinityOf,
  termOf,
} from "../framework/node-affinity.ts";
import { found, type Plugin, type PreFilterAnswer, refusal } from "../framework/plugin.ts";
import { SKIP, unresolvable } from "../framework/status.ts";
import { normalisedByHighest } from "./common.ts";

interface PreferredTerm {
  readonly weight: number;
  readonly preference: NodeSelectorTerm;
}

/** NodeAffinityArgs. */
export interface NodeAffinityArgs {
  readonly addedAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;
    readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly PreferredTerm[];
  };
}

type WeightedTerms = readonly { readonly weight: number; readonly term: NodeTerm }[];

const NOT_MATCHED = unresolvable("node(s) didn't match Pod's node affinity/selector");
const NOT_ENFORCED = unresolvable("node(s) didn't match scheduler-enforced node affinity");
const CONFLICT = unresolvable("pod affinity terms conflict");

/** plugins/nodeaffinity/node_affinity.go. */
export function nodeAffinity({ addedAffinity }: NodeAffinityArgs): Plugin<RequiredNodeAffinity, WeightedTerms> {
  const addedRequired = addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const addedPreferred = addedAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
  const enforced = addedRequired === undefined ? null : nodeTermsOf(addedRequired);
  const added = addedPreferred === undefined ? null : weightedTermsOf(addedPreferred);
  return {
    name: "NodeAffinity",
    preFilter: ({ pod: { pod } }) => {
      const { spec } = pod;
      const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
      if (required === undefined && enforced === null && spec.nodeSelector === undefined) return refusal(SKIP);
      return namedNodes(pod, required);
    },
    filter: (state, { pod: { pod } }, { node }) => {
      if (enforced !== null && !matchesNodeTerms(enforced, node)) return NOT_ENFORCED;
      return matchesRequiredNodeAffinity(state ?? requiredNodeAffinityOf(pod), node) ? null : NOT_MATCHED;
    },
    preScore: ({ pod: { pod } }) => {
      const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
      if (preferred === undefined && added === null) return { status: SKIP, state: null };
      return { status: null, state: [...(added ?? []), ...weightedTermsOf(preferred ?? [])] };
    },
    score: (terms, _, { node }) => {
      let sum = 0;
      for (const { weight, term } of terms!) if (matchesNodeTerm(term, node)) sum += weight;
      return sum;
    },
    normalise: (_, scores) => normalisedByHighest(scores, false),
  };
}

/** node_affinity.go, PreFilter: where each term names nodes, no others need be looked at. */
function namedNodes(pod: Pod, required: NodeSelector | undefined): PreFilterAnswer<RequiredNodeAffinity> {
  const state = requiredNodeAffinityOf(pod);
  const terms = required?.nodeSelectorTerms ?? [];
  if (terms.length === 0) return found(state);
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const lists = matchFields
      .filter(({ key, operator }) => key === "metadata.name" && operator === "In")
      .map(({ values = [] }) => values);
    if (lists.length === 0) return found(state);
    for (const name of lists[0]!) if (lists.every((list) => list.includes(name))) names.add(name);
  }
  return names.size === 0 ? refusal(CONFLICT) : found(state, names);
}

/** nodeaffinity.go, NewPreferredSchedulingTerms: those without a weight, or that are empty, do not count. */
function weightedTermsOf(preferred: readonly PreferredTerm[]): WeightedTerms {
  return preferred.flatMap(({ weight, preference }) => {
    const term = weight === 0 ? null : termOf(preference);
    return term === null ? [] : [{ weight, term }];
  });
}
