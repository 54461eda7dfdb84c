/** Terms of pod affinity, read once (kubernetes pkg/scheduler/framework/types.go, AffinityTerm). */
import type { LabelSelector, Namespace, Pod, PodAffinityTerm, StringMap } from "../../machinery/kinds/index.ts";
import { matchesLabels, type Requirement, type Selector, selectorOf } from "../../machinery/selectors.ts";
import type { Lister } from "./listers.ts";
import { isEmptySelector, selectorFlaw } from "./selectors.ts";

export interface AffinityTerm {
  /** In order, each once. */
  readonly namespaces: readonly string[];
  readonly namespaceSelector: Selector;
  readonly selector: Selector;
  readonly topologyKey: string;
  /** 0 where it is required. */
  readonly weight: number;
}

/** The terms of a pod, by kind. */
export interface AffinityTerms {
  readonly requiredAffinity: readonly AffinityTerm[];
  readonly requiredAntiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly AffinityTerm[];
  readonly preferredAntiAffinity: readonly AffinityTerm[];
}

const NONE: readonly AffinityTerm[] = Object.freeze([]);

export const NO_TERMS: AffinityTerms = Object.freeze({
  requiredAffinity: NONE,
  requiredAntiAffinity: NONE,
  preferredAffinity: NONE,
  preferredAntiAffinity: NONE,
});

/** types.go, PodInfo.Update: the terms, and why some cannot be read (null where all can). A list that cannot be read is empty. */
export function affinityTermsOf(pod: Pod): { readonly terms: AffinityTerms; readonly flaw: string | null } {
  const { affinity } = pod.spec;
  const podAffinity = affinity?.podAffinity;
  const podAntiAffinity = affinity?.podAntiAffinity;
  if (podAffinity === undefined && podAntiAffinity === undefined) return { terms: NO_TERMS, flaw: null };
  const flaws: string[] = [];
  const read = (name: string, terms: readonly (readonly [PodAffinityTerm, number])[]): readonly AffinityTerm[] => {
    if (terms.length === 0) return NONE;
    for (const [term] of terms) {
      const flaw = selectorFlaw(term.labelSelector) ?? selectorFlaw(term.namespaceSelector);
      if (flaw === null) continue;
      flaws.push(`${name}: ${flaw}`);
      return NONE;
    }
    return terms.map(([term, weight]) => affinityTermOf(pod, term, weight));
  };
  const required = (name: string, list: readonly PodAffinityTerm[] | undefined) =>
    read(
      name,
      (list ?? []).map((term) => [term, 0] as const),
    );
  const terms: AffinityTerms = {
    requiredAffinity: required("requiredAffinityTerms", podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    requiredAntiAffinity: required(
      "requiredAntiAffinityTerms",
      podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
    ),
    preferredAffinity: read(
      "preferredAffinityTerms",
      (podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
        ({ podAffinityTerm, weight }) => [podAffinityTerm, weight] as const,
      ),
    ),
    preferredAntiAffinity: read(
      "preferredAntiAffinityTerms",
      (podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
        ({ podAffinityTerm, weight }) => [podAffinityTerm, weight] as const,
      ),
    ),
  };
  if (flaws.length === 0) return { terms, flaw: null };
  return { terms, flaw: flaws.length === 1 ? flaws[0]! : `[${flaws.join(", ")}]` };
}

/** types.go, newAffinityTerm: without namespaces and their selector, it is about the pod's own namespace. */
function affinityTermOf(pod: Pod, term: PodAffinityTerm, weight: number): AffinityTerm {
  const { namespaces, namespaceSelector, topologyKey } = term;
  const own = (namespaces === undefined || namespaces.length === 0) && namespaceSelector === undefined;
  return {
    namespaces: own ? [pod.metadata.namespace ?? ""] : [...new Set(namespaces)].sort(),
    namespaceSelector: selectorOf(namespaceSelector),
    selector: selectorOf(withLabelKeys(pod, term)),
    topologyKey,
    weight,
  };
}

/**
 * The API server merges matchLabelKeys and mismatchLabelKeys into the selector as it admits a pod (pkg/registry/core/pod/
 * strategy.go, applyMatchLabelKeysAndMismatchLabelKeys). Doing so again changes nothing, and a manifest needs it.
 */
function withLabelKeys(pod: Pod, term: PodAffinityTerm): LabelSelector | undefined {
  const { labelSelector, matchLabelKeys, mismatchLabelKeys } = term;
  if (labelSelector === undefined || (matchLabelKeys === undefined && mismatchLabelKeys === undefined))
    return labelSelector;
  const { labels } = pod.metadata;
  const requirements: Requirement[] = [];
  for (const key of matchLabelKeys ?? [])
    if (labels?.[key] !== undefined) requirements.push({ key, operator: "In", values: [labels[key]] });
  for (const key of mismatchLabelKeys ?? [])
    if (labels?.[key] !== undefined) requirements.push({ key, operator: "NotIn", values: [labels[key]] });
  const matchExpressions = [...(labelSelector.matchExpressions ?? []), ...requirements] as NonNullable<
    LabelSelector["matchExpressions"]
  >;
  return { ...labelSelector, matchExpressions };
}

/** types.go, AffinityTerm.Matches. */
export function matchesTerm(term: AffinityTerm, pod: Pod, namespaceLabels: StringMap | undefined): boolean {
  const isThere =
    term.namespaces.includes(pod.metadata.namespace ?? "") || matchesLabels(term.namespaceSelector, namespaceLabels);
  return isThere && matchesLabels(term.selector, pod.metadata.labels);
}

/**
 * interpodaffinity/plugin.go, mergeAffinityTermNamespacesIfNotEmpty: the namespaces that the selector finds now, by name.
 * A selector of everything stays, as all namespaces are meant.
 */
export function withNamespacesFound(term: AffinityTerm, namespaces: Lister<Namespace>): AffinityTerm {
  const { namespaceSelector } = term;
  if (namespaceSelector.nothing || isEmptySelector(namespaceSelector)) return term;
  const found = namespaces.list().filter((one) => matchesLabels(namespaceSelector, one.metadata.labels));
  return {
    ...term,
    namespaces: [...new Set([...term.namespaces, ...found.map((one) => one.metadata.name)])].sort(),
    namespaceSelector: selectorOf(undefined),
  };
}
