/** What is told of a namespace that is being deleted (kubernetes pkg/controller/namespace/deletion/status_condition_utils.go). */
import { withCondition } from "../../machinery/conditions.ts";
import type { Condition, KubeObject, Namespace, Time } from "../../machinery/kinds/index.ts";
import type { Content } from "./types.ts";

/** What is left of a resource, added to what is left of those before it. */
export function withRemaining(content: Content, resource: string, items: readonly KubeObject[]): Content {
  if (items.length === 0) return content;
  const finalizers = { ...content.finalizers };
  for (const { metadata } of items)
    for (const finalizer of metadata.finalizers ?? []) finalizers[finalizer] = (finalizers[finalizer] ?? 0) + 1;
  return {
    ...content,
    remaining: [...content.remaining, `${resource} has ${items.length} resource instances`],
    finalizers,
  };
}

/** namespaceConditionUpdater.Update: conditions of what has never been in the way are told as well, as False. */
export function namespaceConditions(namespace: Namespace, content: Content, now: Time): readonly Condition[] {
  const { remaining, finalizers, errors } = content;
  const names = Object.keys(finalizers).sort();
  const told: readonly Condition[] = [
    condition(
      "NamespaceDeletionDiscoveryFailure",
      false,
      "ResourcesDiscovered",
      "All resources successfully discovered",
    ),
    condition(
      "NamespaceDeletionContentFailure",
      errors.length > 0,
      errors.length > 0 ? "ContentDeletionFailed" : "ContentDeleted",
      errors.length > 0
        ? `Failed to delete all resource types, ${errors.length} remaining: ${errors.toSorted().join(", ")}`
        : `All content successfully deleted${remaining.length > 0 ? ", may be waiting on finalization" : ""}`,
    ),
    condition(
      "NamespaceContentRemaining",
      remaining.length > 0,
      remaining.length > 0 ? "SomeResourcesRemain" : "ContentRemoved",
      remaining.length > 0
        ? `Some resources are remaining: ${remaining.toSorted().join(", ")}`
        : "All content successfully removed",
    ),
    condition(
      "NamespaceFinalizersRemaining",
      names.length > 0,
      names.length > 0 ? "SomeFinalizersRemain" : "ContentHasNoFinalizers",
      names.length > 0
        ? `Some content in the namespace has finalizers remaining: ${names.map((name) => `${name} in ${finalizers[name]} resource instances`).join(", ")}`
        : "All content-preserving finalizers finished",
    ),
  ];
  let conditions = namespace.status?.conditions ?? [];
  for (const one of told) conditions = withCondition(conditions, one, now);
  return conditions;
}

function condition(type: string, holds: boolean, reason: string, message: string): Condition {
  return { type, status: holds ? "True" : "False", reason, message };
}
