import { deepEqual } from "./equality.ts";
import type { Condition, Time } from "./kinds/index.ts";

/** The condition of a type, or null (apimachinery api/meta, FindStatusCondition). */
export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | null {
  if (conditions === undefined) return null;
  for (const condition of conditions) if (condition.type === type) return condition;
  return null;
}

export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === "True";
}

/**
 * The conditions with this one in the place of that of its type, or at the end. Its lastTransitionTime is `now` only
 * where the status changes (apimachinery api/meta/conditions.go, SetStatusCondition). The same list when nothing changes.
 */
export function withCondition(
  conditions: readonly Condition[] | undefined,
  condition: Condition,
  now: Time,
): readonly Condition[] {
  const list = conditions ?? [];
  const index = list.findIndex(({ type }) => type === condition.type);
  if (index < 0) return [...list, { ...condition, lastTransitionTime: condition.lastTransitionTime ?? now }];
  const old = list[index]!;
  const next = { ...condition, lastTransitionTime: transitionTime(old, condition, now) };
  return deepEqual(old, next) ? list : list.with(index, next);
}

function transitionTime(old: Condition, condition: Condition, now: Time): Time {
  if (old.status !== condition.status) return condition.lastTransitionTime ?? now;
  return old.lastTransitionTime ?? now;
}

/** The conditions without that of a type (apimachinery api/meta, RemoveStatusCondition). The same list when there is none. */
export function withoutCondition(conditions: readonly Condition[] | undefined, type: string): readonly Condition[] {
  const list = conditions ?? [];
  return list.some((condition) => condition.type === type) ? list.filter((condition) => condition.type !== type) : list;
}
