import type { NodeSelectorRequirement, NodeSelectorTerm, PodSpec, StringMap } from "./kinds/index.ts";

/** Whether a pod may be on a node by its selector and required affinity (component-helpers nodeaffinity, GetRequiredNodeAffinity). */
export function fitsNode(
  { spec }: { readonly spec: Pick<PodSpec, "nodeSelector" | "affinity"> },
  node: string,
  labels: StringMap,
): boolean {
  const { nodeSelector = {}, affinity } = spec;
  for (const key of Object.keys(nodeSelector)) if (labels[key] !== nodeSelector[key]) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || required.nodeSelectorTerms.some((term) => matchesTerm(term, node, labels));
}

/** A term without requirements matches nothing. */
function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: string, labels: StringMap) {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  const fields: StringMap = { "metadata.name": node };
  return (
    matchExpressions.every((requirement) => matches(requirement, labels)) &&
    matchFields.every((requirement) => matches(requirement, fields))
  );
}

function matches({ key, operator, values = [] }: NodeSelectorRequirement, labels: StringMap): boolean {
  const value = labels[key];
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return value !== undefined && Number(value) > Number(values[0]);
    case "Lt":
      return value !== undefined && Number(value) < Number(values[0]);
  }
}
