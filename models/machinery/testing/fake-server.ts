import type { ProcessId } from "../../kernel/index.ts";
import type { ApiClientMessage, ApiRequest, ApiResponse, ApiServerMessage, WatchEvent } from "../api.ts";
import type { KubeObject } from "../kinds/index.ts";
import { keyOf, withMeta } from "../meta.ts";
import {
  alreadyExists,
  conflict,
  notFound,
  objectResponse,
  statusResponse,
  success,
  tooLargeResourceVersion,
  tooOldResourceVersion,
} from "../status.ts";

/** What has happened to the objects of one resource: the truth that fake servers show, each as far as it has seen. */
export class FakeStore {
  revision = 1;
  /** Events before it are compacted. */
  oldest = 1;
  readonly log: { readonly revision: number; readonly event: WatchEvent }[] = [];
  readonly objects = new Map<string, KubeObject>();

  put(object: KubeObject): KubeObject {
    const key = keyOf(object);
    this.revision++;
    const stored = withMeta(object, { resourceVersion: String(this.revision) });
    this.#happened(this.objects.has(key) ? "MODIFIED" : "ADDED", stored);
    this.objects.set(key, stored);
    return stored;
  }

  remove(key: string): void {
    const old = this.objects.get(key);
    if (old === undefined) return;
    this.revision++;
    this.#happened("DELETED", withMeta(old, { resourceVersion: String(this.revision) }));
    this.objects.delete(key);
  }

  /** The objects as they were at a revision. */
  at(revision: number): readonly KubeObject[] {
    const found = new Map<string, KubeObject>();
    for (const { revision: written, event } of this.log) {
      if (written > revision) break;
      if (event.type === "DELETED") found.delete(keyOf(event.object));
      else found.set(keyOf(event.object), event.object);
    }
    return [...found.keys()].sort().map((key) => found.get(key)!);
  }

  #happened(type: WatchEvent["type"], object: KubeObject): void {
    this.log.push({ revision: this.revision, event: { type, object } });
  }
}

interface FakeWatch {
  readonly id: string;
  readonly client: ProcessId;
  /** Revisions up to here were sent. */
  sent: number;
  sequence: number;
}

/**
 * An honest API server of one resource for tests of clients: its cache lags behind the store until it is told to catch
 * up; reads of the latest, and writes, go to the store. It answers at once; the test decides what becomes of the answers.
 */
export class FakeServer {
  readonly id: ProcessId;
  readonly store: FakeStore;
  /** The revision up to which its cache has come. */
  seen: number;
  watches: FakeWatch[] = [];
  /** Refuses everything. */
  unavailable = false;
  readonly out: { readonly to: ProcessId; readonly message: ApiServerMessage }[] = [];

  constructor(id: ProcessId, store: FakeStore) {
    this.id = id;
    this.store = store;
    this.seen = store.revision;
  }

  receive(from: ProcessId, message: ApiClientMessage): void {
    switch (message.kind) {
      case "apiCall":
        this.out.push({
          to: from,
          message: { kind: "apiAnswer", id: message.id, response: this.#response(message.request) },
        });
        return;
      case "apiWatch": {
        const sent = Number(message.request.resourceVersion);
        if (sent < this.store.oldest) this.#end(from, message.watchId, 0, true);
        else {
          this.watches.push({ id: message.watchId, client: from, sent, sequence: 0 });
          this.flush();
        }
        return;
      }
      case "apiWatchStop":
        this.watches = this.watches.filter(({ id }) => id !== message.watchId);
        return;
      case "apiPing": {
        const watch = this.watches.find(({ id }) => id === message.watchId);
        if (watch === undefined) this.#end(from, message.watchId, 0, false);
        else this.out.push({ to: from, message: { kind: "apiPong", watchId: watch.id, sequence: watch.sequence } });
        return;
      }
    }
  }

  /** Sees what has happened up to a revision, and tells its watchers. */
  catchUp(revision: number): void {
    this.seen = Math.max(this.seen, Math.min(revision, this.store.revision));
    this.flush();
  }

  flush(): void {
    for (const watch of this.watches) {
      const events = this.store.log
        .filter(({ revision }) => revision > watch.sent && revision <= this.seen)
        .map(({ event }) => event);
      if (events.length === 0) continue;
      watch.sent = this.seen;
      this.#send(watch, events);
    }
  }

  bookmark(): void {
    for (const watch of this.watches) {
      if (this.seen < watch.sent) continue;
      const metadata = { name: "", resourceVersion: String(this.seen) };
      this.#send(watch, [{ type: "BOOKMARK", object: { apiVersion: "v1", kind: "Pod", metadata } }]);
    }
  }

  /** Closes all watches; `quietly`, nobody is told: the server has crashed. */
  cut(quietly: boolean): void {
    const { watches } = this;
    this.watches = [];
    if (!quietly) for (const watch of watches) this.#end(watch.client, watch.id, watch.sequence, false);
  }

  #send(watch: FakeWatch, events: readonly WatchEvent[]): void {
    const { id, client, sequence } = watch;
    watch.sequence++;
    this.out.push({ to: client, message: { kind: "apiWatchEvents", watchId: id, sequence, events } });
  }

  #end(to: ProcessId, watchId: string, sequence: number, expired: boolean): void {
    const status = expired ? tooOldResourceVersion("?", this.store.oldest) : null;
    this.out.push({ to, message: { kind: "apiWatchEnd", watchId, sequence, status } });
  }

  #response(request: ApiRequest): ApiResponse {
    if (this.unavailable) return unavailable();
    switch (request.verb) {
      case "list": {
        const { resourceVersion } = request;
        const wanted = Number(resourceVersion);
        if (resourceVersion !== "" && wanted > this.seen)
          return statusResponse(tooLargeResourceVersion(wanted, this.seen));
        const revision = resourceVersion === "" ? this.store.revision : this.seen;
        const items = this.store.at(revision);
        return { kind: "list", items, resourceVersion: String(revision), continue: "", remainingItemCount: -1 };
      }
      case "get": {
        const found = this.store.objects.get(`${request.namespace}/${request.name}`);
        return found === undefined ? statusResponse(notFound(request.resource, request.name)) : objectResponse(found);
      }
      case "create": {
        const { name } = request.object.metadata;
        if (this.store.objects.has(keyOf(request.object))) return statusResponse(alreadyExists(request.resource, name));
        return objectResponse(this.store.put(withMeta(request.object, { uid: `uid-${this.store.revision}` })));
      }
      case "update": {
        const { object, resource, name } = request;
        const old = this.store.objects.get(keyOf(object));
        if (old === undefined) return statusResponse(notFound(resource, name));
        const { resourceVersion } = object.metadata;
        const isOld = resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion;
        return isOld ? statusResponse(conflict(resource, name)) : objectResponse(this.store.put(object));
      }
      default:
        return statusResponse(success());
    }
  }
}

function unavailable(): ApiResponse {
  const status = { kind: "Status", apiVersion: "v1", status: "Failure" } as const;
  return statusResponse({ ...status, message: "no store", reason: "ServiceUnavailable", code: 503 });
}
