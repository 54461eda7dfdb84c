/**
 * The rules of a reflector (client-go tools/cache/reflector.go): list, then watch from the version of the list; what it
 * has seen is never asked for from before.
 */
import { type Micros, ModelBug, mapDifference, mapEach, mapGet, unreachable } from "../../kernel/index.ts";
import type { ApiResponse, ApiServerMessage, Status, WatchEvent } from "../api.ts";
import type { KubeObject, ResourceVersion } from "../kinds/index.ts";
import { keyOf } from "../meta.ts";
import { failureOf, isExpired, isTooLargeResourceVersion } from "../status.ts";
import { exponentialBackoff } from "./backoff.ts";
import { type Cache, cacheOf, cacheWith, cacheWithout, emptyCache } from "./cache.ts";
import { type Client, currentServer, failOver, keep, makeCall, nextId, spread, wakeBy } from "./calls.ts";
import { note } from "./notes.ts";
import { listRequest, watchRequest } from "./requests.ts";
import type { Informer, InformerEvent, InformerSpec } from "./types.ts";

type EventsMessage = Extract<ApiServerMessage, { readonly kind: "apiWatchEvents" }>;
type EndMessage = Extract<ApiServerMessage, { readonly kind: "apiWatchEnd" }>;
type PongMessage = Extract<ApiServerMessage, { readonly kind: "apiPong" }>;

/** One that has not started. */
export function idleInformer(spec: InformerSpec): Informer {
  const { objects, indexes } = emptyCache(spec.indexes);
  return {
    spec,
    phase: "idle",
    objects,
    indexes,
    synced: false,
    resourceVersion: "",
    versionUnavailable: false,
    server: "",
    watchId: "",
    sequence: 0,
    heardAt: 0,
    resyncAt: 0,
    wakeAt: 0,
    failures: 0,
  };
}

export function informerAt(client: Client, at: number): Informer {
  return client.state.informers[at]!;
}

/** Changes an informer. Always built by one literal: a spread costs many times as much. */
function put(client: Client, at: number, changes: Partial<Informer>): void {
  const before = informerAt(client, at);
  const informers = client.state.informers.slice();
  informers[at] = {
    spec: before.spec,
    phase: changes.phase ?? before.phase,
    objects: changes.objects ?? before.objects,
    indexes: changes.indexes ?? before.indexes,
    synced: changes.synced ?? before.synced,
    resourceVersion: changes.resourceVersion ?? before.resourceVersion,
    versionUnavailable: changes.versionUnavailable ?? before.versionUnavailable,
    server: changes.server ?? before.server,
    watchId: changes.watchId ?? before.watchId,
    sequence: changes.sequence ?? before.sequence,
    heardAt: changes.heardAt ?? before.heardAt,
    resyncAt: changes.resyncAt ?? before.resyncAt,
    wakeAt: changes.wakeAt ?? before.wakeAt,
    failures: changes.failures ?? before.failures,
  };
  keep(client, { informers });
}

// ---- List

/**
 * The version that a list asks for (reflector.go, relistResourceVersion): at first whatever the server has; later nothing
 * older than what was seen, so that a lagging server does not take it back in time.
 */
export function relistResourceVersion(informer: Informer): ResourceVersion {
  if (informer.versionUnavailable) return "";
  if (informer.resourceVersion === "") return informer.spec.firstList ?? "0";
  return informer.resourceVersion;
}

/** Lists: its answer comes to {@link listAnswered}. */
export function list(client: Client, at: number): void {
  const informer = informerAt(client, at);
  const { resource, labelSelector, fieldSelector } = informer.spec;
  const resourceVersion = relistResourceVersion(informer);
  client.turn.note(resourceVersion === "0" ? note.listStale : resourceVersion === "" ? note.listLatest : note.relist);
  put(client, at, { phase: "listing", server: currentServer(client), watchId: "", wakeAt: 0 });
  makeCall(client, listRequest(resource, { labelSelector, fieldSelector, resourceVersion }), null, at);
}

/** reflector.go, list: a version that is not to be had is asked for no more, and the latest at once. */
export function listAnswered(client: Client, at: number, response: ApiResponse | null): void {
  const informer = informerAt(client, at);
  if (informer.phase !== "listing") return;
  if (response?.kind === "list") {
    replace(client, at, response.items, response.resourceVersion);
    watch(client, at);
    return;
  }
  const status = failureOf(response);
  const unavailable = isExpired(status) || isTooLargeResourceVersion(status);
  if (unavailable && !informer.versionUnavailable) {
    client.turn.note(isExpired(status) ? note.versionExpired : note.versionTooLarge);
    put(client, at, { versionUnavailable: true });
    list(client, at);
    return;
  }
  client.turn.note(note.listFailed);
  backOff(client, at, "waitingToList");
}

/** shared_informer.go, OnReplace: what the list lacks is deleted, though nobody saw the deletion (a tombstone). */
function replace(client: Client, at: number, items: readonly KubeObject[], resourceVersion: ResourceVersion): void {
  const informer = informerAt(client, at);
  const { resource, indexes, resyncUs } = informer.spec;
  const cache = cacheOf(informer, indexes, items);
  const deleted: InformerEvent[] = [];
  mapDifference(informer.objects, cache.objects, (key, old, object) => {
    if (object === undefined) deleted.push({ resource, type: "deleted", key, old: old!, object: old! });
    else if (old === undefined) client.events.push({ resource, type: "added", key, old: null, object });
    else client.events.push({ resource, type: "updated", key, old, object });
  });
  if (deleted.length > 0) {
    client.turn.note(note.tombstone);
    client.events.push(...deleted);
  }
  const resyncAt = resyncUs > 0 && informer.resyncAt === 0 ? client.turn.now + resyncUs : informer.resyncAt;
  if (resyncAt > 0) wakeBy(client, resyncAt);
  put(client, at, {
    objects: cache.objects,
    indexes: cache.indexes,
    synced: true,
    resourceVersion,
    versionUnavailable: false,
    resyncAt,
  });
}

// ---- Watch

/** Watches from the version seen last, for a time drawn from once to twice the configured one (reflector.go, watch). */
export function watch(client: Client, at: number): void {
  const { config, turn } = client;
  const { spec, resourceVersion } = informerAt(client, at);
  const { resource, labelSelector, fieldSelector } = spec;
  const timeoutSeconds = Math.max(1, Math.ceil((config.watchTimeoutUs / 1_000_000) * (1 + spread(client, resource))));
  const watchId = nextId(client);
  const server = currentServer(client);
  const request = watchRequest(resource, { labelSelector, fieldSelector, resourceVersion, timeoutSeconds });
  turn.send(server, { kind: "apiWatch", watchId, user: config.user, request });
  // The answer tells that the watch stands; a refusal is its end.
  turn.send(server, { kind: "apiPing", watchId });
  const wakeAt = turn.now + config.pingTimeoutUs;
  put(client, at, { phase: "opening", server, watchId, sequence: 0, heardAt: turn.now, wakeAt });
  wakeBy(client, wakeAt);
}

/** The informer whose watch has that id, or -1. */
export function informerOfWatch(client: Client, watchId: string): number {
  const { informers } = client.state;
  for (let at = 0; at < informers.length; at++) if (informers[at]!.watchId === watchId) return watchId === "" ? -1 : at;
  return -1;
}

export function takeEvents(client: Client, from: string, message: EventsMessage): void {
  const at = informerOfWatch(client, message.watchId);
  if (at < 0) {
    client.turn.note(note.watchUnknown);
    client.turn.send(from, { kind: "apiWatchStop", watchId: message.watchId });
    return;
  }
  if (message.sequence < informerAt(client, at).sequence) return;
  if (hasGap(client, at, message.sequence)) return;
  heard(client, at, message.sequence + 1);
  applyEvents(client, at, message.events);
}

export function takePong(client: Client, message: PongMessage): void {
  const at = informerOfWatch(client, message.watchId);
  if (at < 0 || hasGap(client, at, message.sequence)) return;
  heard(client, at, informerAt(client, at).sequence);
}

/** Whether messages are missing: then the connection is broken, and the watch begins anew where it was. */
function hasGap(client: Client, at: number, sequence: number): boolean {
  if (sequence <= informerAt(client, at).sequence) return false;
  client.turn.note(note.watchGap);
  stopWatch(client, at);
  retryWatch(client, at);
  return true;
}

function heard(client: Client, at: number, sequence: number): void {
  const { now } = client.turn;
  put(client, at, { phase: "watching", sequence, heardAt: now, wakeAt: 0, failures: 0 });
  wakeBy(client, now + client.config.pingAfterUs);
}

/** reflector.go, handleAnyWatch, and shared_informer.go, processDeltas: what is known is updated, what is not is added. */
function applyEvents(client: Client, at: number, events: readonly WatchEvent[]): void {
  const informer = informerAt(client, at);
  const { resource, indexes: names } = informer.spec;
  let cache: Cache = informer;
  let { resourceVersion } = informer;
  for (const { type, object } of events) {
    resourceVersion = object.metadata.resourceVersion ?? resourceVersion;
    if (type === "BOOKMARK") {
      client.turn.note(note.bookmark);
      continue;
    }
    const key = keyOf(object);
    const old = mapGet(cache.objects, key) ?? null;
    if (type === "DELETED") {
      if (old === null) continue;
      cache = cacheWithout(cache, names, key, old);
      client.events.push({ resource, type: "deleted", key, old, object });
    } else {
      cache = cacheWith(cache, names, key, old, object);
      client.events.push({ resource, type: old === null ? "added" : "updated", key, old, object });
    }
  }
  put(client, at, { objects: cache.objects, indexes: cache.indexes, resourceVersion });
}

/** reflector.go, watch: a watch whose time is over goes on; one that failed lists again, or waits where the server is busy. */
export function takeEnd(client: Client, message: EndMessage): void {
  const at = informerOfWatch(client, message.watchId);
  if (at < 0) return;
  const { phase, server } = informerAt(client, at);
  const { status } = message;
  if (status === null && phase !== "opening") {
    client.turn.note(note.watchEnded);
    watch(client, at);
  } else if (isExpired(status)) {
    client.turn.note(note.watchExpired);
    backOff(client, at, "waitingToList");
  } else {
    client.turn.note(note.watchRefused);
    if (isUnavailable(status)) failOver(client, server);
    backOff(client, at, isBusy(status) ? "waitingToWatch" : "waitingToList");
  }
}

function isUnavailable(status: Status | null): boolean {
  return status?.reason === "ServiceUnavailable";
}

/** reflector.go: TooManyRequests and InternalError are retried without a new list. */
function isBusy(status: Status | null): boolean {
  return status?.reason === "TooManyRequests" || status?.reason === "InternalError";
}

/** The server was silent too long: the watch goes on at the next server. */
function watchBroken(client: Client, at: number): void {
  client.turn.note(note.watchSilent);
  const { server } = informerAt(client, at);
  stopWatch(client, at);
  failOver(client, server);
  retryWatch(client, at);
}

/** A broken watch is opened again at once, the next time after a backoff. */
function retryWatch(client: Client, at: number): void {
  const { failures } = informerAt(client, at);
  if (failures > 0) {
    backOff(client, at, "waitingToWatch");
    return;
  }
  put(client, at, { failures: 1 });
  watch(client, at);
}

export function stopWatch(client: Client, at: number): void {
  const { watchId, server } = informerAt(client, at);
  if (watchId === "") return;
  client.turn.send(server, { kind: "apiWatchStop", watchId });
  put(client, at, { watchId: "", sequence: 0 });
}

/** reflector.go, NewReflectorWithOptions: exponential, from once to twice the time. */
function backOff(client: Client, at: number, phase: "waitingToList" | "waitingToWatch"): void {
  const { config, turn } = client;
  const { failures, spec } = informerAt(client, at);
  const backoffUs = exponentialBackoff(config.backoffUs, config.backoffMaxUs, failures);
  const wakeAt = turn.now + Math.round(backoffUs * (1 + spread(client, spec.resource)));
  put(client, at, { phase, watchId: "", sequence: 0, wakeAt, failures: failures + 1 });
  wakeBy(client, wakeAt);
}

// ---- Time

/** When something is to be done for an informer; `latest` where that is earlier. */
export function informerDue(client: Client, informer: Informer, latest: Micros): Micros {
  const { phase, heardAt, wakeAt, resyncAt } = informer;
  const own = phase === "watching" ? heardAt + client.config.pingAfterUs : wakeAt;
  const due = own > 0 && own < latest ? own : latest;
  return resyncAt > 0 && resyncAt < due ? resyncAt : due;
}

/** Does what is due. */
export function wakeInformer(client: Client, at: number): void {
  const { now } = client.turn;
  const informer = informerAt(client, at);
  if (informer.resyncAt > 0 && now >= informer.resyncAt) resync(client, at);
  switch (informer.phase) {
    case "idle":
    case "listing":
      return;
    case "opening":
    case "probing":
      if (now >= informer.wakeAt) watchBroken(client, at);
      return;
    case "watching":
      if (now >= informer.heardAt + client.config.pingAfterUs) probe(client, at);
      return;
    case "waitingToList":
      if (now >= informer.wakeAt) list(client, at);
      return;
    case "waitingToWatch":
      if (now >= informer.wakeAt) watch(client, at);
      return;
    default:
      unreachable(informer.phase);
  }
}

/** Asks a silent server for a sign of life (golang.org/x/net/http2, ReadIdleTimeout and PingTimeout). */
function probe(client: Client, at: number): void {
  const { watchId, server } = informerAt(client, at);
  client.turn.send(server, { kind: "apiPing", watchId });
  put(client, at, { phase: "probing", wakeAt: client.turn.now + client.config.pingTimeoutUs });
}

/** delta_fifo.go, Resync: every object is handed on as it is. */
function resync(client: Client, at: number): void {
  const { objects, spec } = informerAt(client, at);
  const { resource } = spec;
  mapEach(objects, "", null, (object, key) => {
    client.events.push({ resource, type: "resync", key, old: object, object });
  });
  client.turn.note(note.resynced);
  put(client, at, { resyncAt: client.turn.now + spec.resyncUs });
}

/** The place of the informer of a resource. Throws ModelBug where there is none. */
export function informerIndex(client: Client, resource: string): number {
  const { informers } = client.state;
  for (let at = 0; at < informers.length; at++) if (informers[at]!.spec.resource === resource) return at;
  throw new ModelBug(`${client.config.id} has no informer of ${resource}`);
}
