import type { ProcessId } from "../../kernel/index.ts";
import type { ApiClientMessage, ApiRequest, ApiResponse, ApiServerMessage, WatchEvent } from "../../machinery/api.ts";
import type { Json, KubeObject } from "../../machinery/kinds/index.ts";
import { keyFor, keyOf, withMeta } from "../../machinery/meta.ts";
import { strategicMergePatch } from "../../machinery/patch.ts";
import { resourceOfKind } from "../../machinery/resources.ts";
import {
  alreadyExists,
  conflict,
  notFound,
  objectResponse,
  statusResponse,
  success,
  uidConflict,
} from "../../machinery/status.ts";
import { timeOf } from "../../machinery/time.ts";

interface Watch {
  readonly resource: string;
  sequence: number;
}

/** An API server as far as a kubelet needs one: it answers at once, and tells everything to its watchers. */
export class FakeApi {
  readonly objects = new Map<string, KubeObject>();
  readonly watches = new Map<string, Watch>();
  /** Requests that were answered, in their order. */
  readonly requests: ApiRequest[] = [];
  out: ApiServerMessage[] = [];
  wall = 0;
  /** It says nothing. */
  isDown = false;
  #revision = 1;

  put(object: KubeObject): KubeObject {
    const stored = withMeta(object, { resourceVersion: String(++this.#revision) });
    const key = this.#key(stored);
    this.#tell(resourceOf(stored), { type: this.objects.has(key) ? "MODIFIED" : "ADDED", object: stored });
    this.objects.set(key, stored);
    return stored;
  }

  get<O extends KubeObject>(resource: string, key: string): O | null {
    return (this.objects.get(`${resource}/${key}`) as O | undefined) ?? null;
  }

  remove(resource: string, key: string): void {
    const old = this.objects.get(`${resource}/${key}`);
    if (old === undefined) return;
    this.objects.delete(`${resource}/${key}`);
    const object = withMeta(old, { resourceVersion: String(++this.#revision) });
    this.#tell(resource, { type: "DELETED", object });
  }

  /** As a person deletes a pod. */
  deletePod(key: string, graceSeconds: number): void {
    const pod = this.get("pods", key)!;
    this.put(
      withMeta(pod, {
        deletionTimestamp: timeOf(this.wall + graceSeconds * 1_000_000),
        deletionGracePeriodSeconds: graceSeconds,
      }),
    );
  }

  receive(_from: ProcessId, message: ApiClientMessage): void {
    if (this.isDown) return;
    switch (message.kind) {
      case "apiCall": {
        this.requests.push(message.request);
        const response = this.#response(message.request);
        this.out.push({ kind: "apiAnswer", id: message.id, response });
        return;
      }
      case "apiWatch":
        this.watches.set(message.watchId, { resource: message.request.resource, sequence: 0 });
        return;
      case "apiWatchStop":
        this.watches.delete(message.watchId);
        return;
      case "apiPing": {
        const sequence = this.watches.get(message.watchId)?.sequence ?? 0;
        this.out.push({ kind: "apiPong", watchId: message.watchId, sequence });
      }
    }
  }

  #key(object: KubeObject): string {
    return `${resourceOf(object)}/${keyOf(object)}`;
  }

  #tell(resource: string, event: WatchEvent): void {
    for (const [watchId, watch] of this.watches)
      if (watch.resource === resource)
        this.out.push({ kind: "apiWatchEvents", watchId, sequence: watch.sequence++, events: [event] });
  }

  #response(request: ApiRequest): ApiResponse {
    const { resource, namespace } = request;
    if (request.verb === "list") {
      const items = [...this.objects].filter(([key]) => key.startsWith(`${resource}/`)).map(([, object]) => object);
      return { kind: "list", items, resourceVersion: String(this.#revision), continue: "", remainingItemCount: -1 };
    }
    if (request.verb === "create") {
      const { name } = request.object.metadata;
      if (this.get(resource, keyFor(namespace, name)) !== null) return statusResponse(alreadyExists(resource, name));
      return objectResponse(this.put(withMeta(request.object, { uid: `uid-${this.#revision}` })));
    }
    if (request.verb === "deletecollection") return statusResponse(success());
    const found = this.get(resource, keyFor(namespace, request.name));
    if (found === null) return statusResponse(notFound(resource, request.name));
    switch (request.verb) {
      case "get":
        return objectResponse(found);
      case "update":
        if (request.object.metadata.resourceVersion !== found.metadata.resourceVersion)
          return statusResponse(conflict(resource, request.name));
        return objectResponse(this.put(request.object));
      case "patch": {
        const { uid } = (request.patch as { readonly metadata?: { readonly uid?: string } }).metadata ?? {};
        if (uid !== undefined && uid !== found.metadata.uid)
          return statusResponse(uidConflict(resource, request.name, uid, found.metadata.uid ?? ""));
        const patched = strategicMergePatch(found as unknown as Json, request.patch);
        return objectResponse(this.put(patched as unknown as KubeObject));
      }
      case "delete": {
        const { uid } = request.options.preconditions ?? {};
        if (uid !== undefined && uid !== found.metadata.uid)
          return statusResponse(uidConflict(resource, request.name, uid, found.metadata.uid ?? ""));
        this.remove(resource, keyFor(namespace, request.name));
        return objectResponse(found);
      }
    }
  }
}

function resourceOf(object: KubeObject): string {
  return resourceOfKind(object.apiVersion, object.kind).name;
}
