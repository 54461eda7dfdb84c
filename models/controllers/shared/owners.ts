/** Who owns what (kubernetes pkg/controller/controller_utils.go and the handlers of each controller). */
import type { ResourceName } from "../../machinery/api.ts";
import { ORPHAN_PREFIX } from "../../machinery/client/indexers.ts";
import type { KubeObject, LabelSelector, OwnerReference } from "../../machinery/kinds/index.ts";
import { keyFor, keyOf } from "../../machinery/meta.ts";
import { matchesLabels, selectorOf } from "../../machinery/selectors.ts";
import type { ControllerTurn } from "../controller.ts";

/** A kind of objects that own others, and select them. */
export interface OwnerKind {
  readonly kind: string;
  readonly resource: ResourceName;
}

/** One of them. */
export type Owner = KubeObject & { readonly spec: { readonly selector?: LabelSelector } };

/** The object that a reference means: that of its name, if it has its UID (resolveControllerRef). */
export function resolveOwner<O extends Owner>(
  turn: ControllerTurn<unknown, unknown>,
  of: OwnerKind,
  namespace: string | undefined,
  { kind, name, uid }: OwnerReference,
): O | null {
  if (kind !== of.kind) return null;
  const owner = turn.view<O>(of.resource).byKey(keyFor(namespace ?? "", name));
  return owner !== null && owner.metadata.uid === uid ? owner : null;
}

/** Those that may want to adopt an object: its labels are as they select. */
export function ownersMatching<O extends Owner>(
  turn: ControllerTurn<unknown, unknown>,
  resource: ResourceName,
  { metadata }: KubeObject,
): readonly O[] {
  return turn
    .view<O>(resource)
    .list(metadata.namespace)
    .filter(({ spec }) => matchesLabels(selectorOf(spec.selector), metadata.labels));
}

/** Enqueues those that may want to adopt an object. */
export function enqueueMatching(
  turn: ControllerTurn<unknown, unknown>,
  resource: ResourceName,
  object: KubeObject,
): void {
  for (const owner of ownersMatching(turn, resource, object)) turn.enqueue(keyOf(owner));
}

/** The objects that are an owner's own, and those of its namespace that are nobody's (FilterPodsByOwner). */
export function ownOrOrphans<O extends KubeObject>(
  turn: ControllerTurn<unknown, unknown>,
  resource: ResourceName,
  { metadata }: KubeObject,
): readonly O[] {
  const view = turn.view<O>(resource);
  const own = view.byIndex("byController", metadata.uid ?? "");
  const orphans = view.byIndex("byController", `${ORPHAN_PREFIX}${metadata.namespace ?? ""}`);
  return orphans.length === 0 ? own : [...own, ...orphans];
}
