import { mapGet, mapSet } from "../../kernel/index.ts";
import type { WatchEvent } from "../../machinery/api.ts";
import type { KubeObject } from "../../machinery/kinds/index.ts";
import { type ResourceInfo, resourceNamed } from "../../machinery/resources.ts";
import { note } from "../notes.ts";
import type { ServerTurn } from "../turn.ts";
import type { ApiWatcher, CacheEvent } from "../types.ts";
import { eventFor, hasTrigger, passes, triggersOf, watchEvent } from "./matching.ts";

/**
 * Tells the watches that an event may concern, and no others: of 1,000 kubelets, the one whose pod it is (cacher.go,
 * dispatchEvent, startDispatching).
 */
export function dispatch(turn: ServerTurn, position: number, event: CacheEvent): void {
  const { byTrigger, resource } = turn.caches[position]!;
  if (byTrigger.size === 0) return;
  const info = resourceNamed(resource);
  // What several watches get is made once.
  const made: Partial<Record<WatchEvent["type"], readonly WatchEvent[]>> = {};
  for (const trigger of triggersOf(info, event)) {
    const ids = mapGet(byTrigger, trigger);
    if (ids === undefined) continue;
    for (const id of ids) {
      const watcher = mapGet(turn.watchers, id)!;
      if (event.revision <= watcher.fromRevision) continue;
      const passed = event.old !== null && passesWatch(turn, info, watcher, event.old);
      const passesNow = event.type !== "deleted" && passesWatch(turn, info, watcher, event.object);
      const type = eventFor(passed, passesNow, event);
      if (type === null) continue;
      if (type === "DELETED" && event.type !== "deleted") turn.note(note.selectorLeft);
      if (type === "ADDED" && event.type === "modified") turn.note(note.selectorEntered);
      made[type] ??= [watchEvent(type, event)];
      sendEvents(turn, watcher, made[type]);
    }
  }
}

function passesWatch(turn: ServerTurn, info: ResourceInfo, watcher: ApiWatcher, object: KubeObject): boolean {
  return hasTrigger(watcher.trigger, object) && passes(turn, info, watcher, object);
}

/** Sends events, numbered, so that a gap shows. */
export function sendEvents(turn: ServerTurn, watcher: ApiWatcher, events: readonly WatchEvent[]): void {
  const { watchId, client, sequence } = watcher;
  turn.send(client, { kind: "apiWatchEvents", watchId, sequence, events });
  turn.watchers = mapSet(turn.watchers, watchId, {
    watchId,
    client,
    request: watcher.request,
    namespace: watcher.namespace,
    labels: watcher.labels,
    fields: watcher.fields,
    trigger: watcher.trigger,
    fromRevision: watcher.fromRevision,
    sequence: sequence + 1,
    endsAt: watcher.endsAt,
  });
}
