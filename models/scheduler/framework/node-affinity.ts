/** Node selectors (kubernetes staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go). */
import type {
  Node,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  Pod,
  StringMap,
} from "../../machinery/kinds/index.ts";
import { meets, type Requirement } from "../../machinery/selectors.ts";
import { requirementFlaw } from "./selectors.ts";

/** A term that is read: null stands for one that cannot be, and matches nothing. */
export interface NodeTerm {
  readonly labels: readonly Requirement[];
  readonly fields: readonly Requirement[];
}

/** One of the terms holds. Those that are empty or cannot be read match nothing. */
export type NodeTerms = readonly NodeTerm[];

/** What a pod demands of its node: its node selector, and one of the required terms. */
export interface RequiredNodeAffinity {
  readonly selector: readonly (readonly [key: string, value: string])[] | null;
  readonly terms: NodeTerms | null;
}

/** nodeaffinity.go, NewLazyErrorNodeSelector. */
export function nodeTermsOf({ nodeSelectorTerms }: NodeSelector): NodeTerms {
  return (nodeSelectorTerms ?? []).flatMap((term) => termOf(term) ?? []);
}

/** nodeaffinity.go, newNodeSelectorTerm; null where the term is empty or cannot be read. */
export function termOf({ matchExpressions, matchFields }: NodeSelectorTerm): NodeTerm | null {
  const labels = (matchExpressions ?? []).map(requirementOf);
  const fields = (matchFields ?? []).map(requirementOf);
  if (labels.length === 0 && fields.length === 0) return null;
  const readable = labels.every((one) => requirementFlaw(one) === null) && fields.every(isFieldRequirement);
  return readable ? { labels, fields } : null;
}

function requirementOf({ key, operator, values }: NodeSelectorRequirement): Requirement {
  return { key, operator, values: values ?? [] };
}

/** nodeaffinity.go, nodeSelectorRequirementsAsFieldSelector: In or NotIn, with one value. */
function isFieldRequirement({ operator, values }: Requirement): boolean {
  return (operator === "In" || operator === "NotIn") && values.length === 1;
}

/** nodeaffinity.go, nodeSelectorTerm.match: the only field there is, is the name. */
export function matchesNodeTerm({ labels, fields }: NodeTerm, node: Node): boolean {
  for (const requirement of labels) if (!meets(requirement, node.metadata.labels)) return false;
  for (const { key, operator, values } of fields) {
    const found = key === "metadata.name" ? node.metadata.name : "";
    if ((found === values[0]) !== (operator === "In")) return false;
  }
  return true;
}

/** nodeaffinity.go, LazyErrorNodeSelector.Match. */
export function matchesNodeTerms(terms: NodeTerms, node: Node): boolean {
  for (const term of terms) if (matchesNodeTerm(term, node)) return true;
  return false;
}

/** nodeaffinity.go, GetRequiredNodeAffinity. */
export function requiredNodeAffinityOf({ spec }: Pod): RequiredNodeAffinity {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const { nodeSelector } = spec;
  const entries = nodeSelector === undefined ? [] : pairsOf(nodeSelector);
  return {
    selector: entries.length === 0 ? null : entries,
    terms: required === undefined ? null : nodeTermsOf(required),
  };
}

function pairsOf(map: StringMap): readonly (readonly [string, string])[] {
  return Object.keys(map)
    .sort()
    .map((key) => [key, map[key]!] as const);
}

/** nodeaffinity.go, RequiredNodeAffinity.Match. */
export function matchesRequiredNodeAffinity({ selector, terms }: RequiredNodeAffinity, node: Node): boolean {
  if (selector !== null) {
    const { labels } = node.metadata;
    for (const [key, value] of selector) if (labelIn(labels, key) !== value) return false;
  }
  return terms === null || matchesNodeTerms(terms, node);
}

/** The value of a label, or undefined. */
export function labelIn(labels: StringMap | undefined, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}
