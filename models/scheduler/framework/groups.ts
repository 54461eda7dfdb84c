/**
 * The pods on nodes, by groups that are alike to every selector: so many groups are to be compared with a selector, and not
 * so many pods.
 */
import { mapDelete, mapEach, mapGet, mapSet, type OrderedMap } from "../../kernel/index.ts";
import type { PodInfo } from "./pod-info.ts";

export interface PodGroup {
  /** One of them, for all. */
  readonly sample: PodInfo;
  /** Of the node of each. */
  readonly slots: readonly number[];
}

/** By the group's key, which begins with the namespace. */
export type PodGroups = OrderedMap<PodGroup>;

/** The groups with a pod more, or without it. */
export function withGrouped(groups: PodGroups, pod: PodInfo, slot: number, change: 1 | -1): PodGroups {
  const before = mapGet(groups, pod.group);
  if (change === 1) {
    const slots = before === undefined ? [slot] : [...before.slots, slot];
    return mapSet(groups, pod.group, { sample: before?.sample ?? pod, slots });
  }
  const slots = before!.slots.toSpliced(before!.slots.indexOf(slot), 1);
  return slots.length === 0
    ? mapDelete(groups, pod.group)
    : mapSet(groups, pod.group, { sample: before!.sample, slots });
}

/** Visits the groups of some namespaces; null: of all. */
export function eachGroup(
  groups: PodGroups,
  namespaces: readonly string[] | null,
  visit: (group: PodGroup) => void,
): void {
  if (namespaces === null) mapEach(groups, "", null, visit);
  else for (const namespace of namespaces) mapEach(groups, `${namespace}\n`, `${namespace}\v`, visit);
}
