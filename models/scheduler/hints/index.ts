/** Which change may help a pod that a plugin has rejected (EventsToRegister and queueing hints of plugins). */
import type { KubeObject, Pod } from "../../machinery/kinds/index.ts";
import type { Listers } from "../framework/listers.ts";
import type { ClusterEvent, EventAction, EventResource } from "../types.ts";
import { NODE_HINTS } from "./nodes.ts";
import { POD_HINTS } from "./pods.ts";
import { STORAGE_HINTS } from "./storage.ts";

/** Whether the change of `old` to `object` may make `pod` fit. Null stands for what was not there, or is there no longer. */
export type Hint = (pod: Pod, old: KubeObject | null, object: KubeObject | null, listers: Listers) => boolean;

/** A plugin's interest in events. */
export interface Interest {
  readonly plugin: string;
  readonly resource: EventResource;
  readonly actions: readonly EventAction[];
  /** Null: any such event may help. */
  readonly hint: Hint | null;
}

/** By `resource/action`. */
const BY_EVENT: Readonly<Record<string, readonly Interest[]>> = byEvent([
  ...NODE_HINTS,
  ...POD_HINTS,
  ...STORAGE_HINTS,
]);

const NONE: readonly Interest[] = Object.freeze([]);

function byEvent(interests: readonly Interest[]): Readonly<Record<string, readonly Interest[]>> {
  const index: Record<string, Interest[]> = {};
  for (const interest of interests)
    for (const action of interest.actions) {
      const key = `${interest.resource}/${action}`;
      index[key] = [...(index[key] ?? []), interest];
    }
  return index;
}

/** scheduling_queue.go, isEventOfInterest: some plugin has registered for it. */
export function isOfInterest({ resource, action }: ClusterEvent): boolean {
  return resource === "wildcard" || Object.hasOwn(BY_EVENT, `${resource}/${action}`);
}

/** Who is interested in an event. */
export function interestsIn({ resource, action }: ClusterEvent): readonly Interest[] {
  const key = `${resource}/${action}`;
  return Object.hasOwn(BY_EVENT, key) ? BY_EVENT[key]! : NONE;
}
