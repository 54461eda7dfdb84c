import type { Selection, WatchEvent } from "../../machinery/api.ts";
import type { KubeObject, Pod } from "../../machinery/kinds/index.ts";
import type { ResourceInfo } from "../../machinery/resources.ts";
import { type FieldSelector, matchesFields, matchesLabels, type Selector } from "../../machinery/selectors.ts";
import { atRevision } from "../storage/codec.ts";
import type { ServerTurn } from "../turn.ts";
import type { CacheEvent } from "../types.ts";

/** Which objects a list or a watch is about. */
export interface Filter {
  readonly namespace: string;
  readonly labels: Selector;
  readonly fields: FieldSelector;
}

/** An object is in the namespace and passes both selectors (apiserver storage/selection_predicate.go). */
export function passes(turn: ServerTurn, resource: ResourceInfo, filter: Filter, object: KubeObject): boolean {
  const { namespace, labels, fields } = filter;
  if (namespace !== "" && resource.namespaced && object.metadata.namespace !== namespace) return false;
  if (!matchesLabels(labels, object.metadata.labels)) return false;
  return fields.length === 0 || matchesFields(fields, turn.rules.strategyFor(resource, object).fields(object));
}

/** Selects everything. */
export function isEverything({ labelSelector, fieldSelector }: Selection): boolean {
  return labelSelector === "" && fieldSelector === "";
}

/**
 * What an event of the cache is for a watch (cache_watcher.go, convertToWatchEvent): an object that begins to pass is
 * added, one that passes no more is deleted, in its last state that passed.
 */
export function eventFor(passed: boolean, passesNow: boolean, event: CacheEvent): WatchEvent["type"] | null {
  if (event.type === "deleted") return passed ? "DELETED" : null;
  if (passesNow) return passed ? "MODIFIED" : "ADDED";
  return passed ? "DELETED" : null;
}

/** The event of a watch. For a deletion: the object before it, with the version of the event. */
export function watchEvent(type: WatchEvent["type"], event: CacheEvent): WatchEvent {
  if (type !== "DELETED") return { type, object: event.object };
  return { type, object: event.type === "deleted" ? event.object : atRevision(event.old!, event.revision) };
}

const NAME = "metadata.name";
const NODE = "spec.nodeName";

/**
 * What an event must have to concern a watch, if its field selector asks for one value of an indexed field; else empty
 * (cacher.go, IndexedTriggerFuncs: pods by node, and by name).
 */
export function triggerOf(resource: ResourceInfo, fields: FieldSelector): string {
  for (const { field, equal, value } of fields) {
    if (!equal) continue;
    if (field === NAME || (field === NODE && resource.name === "pods")) return `${field}=${value}`;
  }
  return "";
}

/** An object has what a watch looks for by its trigger. */
export function hasTrigger(trigger: string, object: KubeObject): boolean {
  if (trigger === "") return true;
  if (trigger.startsWith(NAME)) return trigger === `${NAME}=${object.metadata.name}`;
  return trigger === `${NODE}=${(object as Pod).spec.nodeName ?? ""}`;
}

/** The requirements of a field selector that the trigger does not stand for. */
export function beyondTrigger(fields: FieldSelector, trigger: string): FieldSelector {
  return trigger === ""
    ? fields
    : fields.filter(({ field, equal, value }) => !equal || `${field}=${value}` !== trigger);
}

/** The triggers that an event has: those of all watches that it may concern. */
export function triggersOf(resource: ResourceInfo, { object, old }: CacheEvent): readonly string[] {
  const triggers = ["", `${NAME}=${object.metadata.name}`];
  if (resource.name === "pods") {
    const node = (object as Pod).spec.nodeName ?? "";
    triggers.push(`${NODE}=${node}`);
    const before = old === null ? node : ((old as Pod).spec.nodeName ?? "");
    if (before !== node) triggers.push(`${NODE}=${before}`);
  }
  return triggers;
}
