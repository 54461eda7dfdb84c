import { deepFreeze } from "../../kernel/contract.ts";
import { type Micros, unreachable } from "../../kernel/index.ts";
import type { ApiRequest, ApiResponse, ResourceName } from "../api.ts";
import { deleteRequest } from "../client/requests.ts";
import { deepEqual } from "../equality.ts";
import type { Json, KubeObject, ObjectMeta } from "../kinds/index.ts";
import { keyFor, keyOf } from "../meta.ts";
import { mergePatch, strategicMergePatch } from "../patch.ts";
import { resourceOfKind } from "../resources.ts";
import { alreadyExists, conflict, notFound, statusResponse, success } from "../status.ts";
import { timeOf } from "../time.ts";

type Loose = KubeObject & { readonly spec?: Json; readonly status?: Json };

/**
 * As much of an API server as the tests of one controller need: it stores, counts versions and generations, knows
 * conflicts, finalizers and the grace of pods that have a node; it neither defaults nor validates.
 */
export class FakeApi {
  private readonly wall: () => Micros;
  private readonly objects = new Map<string, Loose>();
  private version = 0;
  /** Answers in place of the API, where it answers anything. */
  intercept: ((request: ApiRequest) => ApiResponse | null | undefined) | null = null;

  constructor(wall: () => Micros) {
    this.wall = wall;
  }

  /** Stores an object as it is, with a UID and a version; returns what is stored. */
  put<O extends KubeObject>(object: O): O {
    const { metadata } = object;
    return this.store({
      ...object,
      metadata: {
        generation: 1,
        ...metadata,
        uid: metadata.uid ?? `uid-${object.kind.toLowerCase()}-${metadata.name}-${this.version + 1}`,
        creationTimestamp: metadata.creationTimestamp ?? timeOf(this.wall()),
      },
    });
  }

  /** Changes an object outside of all rules. */
  edit<O extends KubeObject>(resource: ResourceName, key: string, change: (object: O) => O): O {
    return this.store(change(this.objects.get(pathOf(resource, key)) as unknown as O));
  }

  /** Takes an object away at once. */
  remove(resource: ResourceName, key: string): void {
    this.objects.delete(pathOf(resource, key));
  }

  get<O extends KubeObject>(resource: ResourceName, key: string): O | null {
    return (this.objects.get(pathOf(resource, key)) as unknown as O | undefined) ?? null;
  }

  /** In the order of their keys. */
  list<O extends KubeObject>(resource: ResourceName): readonly O[] {
    return [...this.objects.keys()]
      .filter((path) => path.startsWith(`${resource}:`))
      .sort()
      .map((path) => this.objects.get(path) as unknown as O);
  }

  call(request: ApiRequest): ApiResponse | null {
    const instead = this.intercept?.(request);
    if (instead !== undefined) return instead;
    switch (request.verb) {
      case "get":
      case "update":
      case "patch":
      case "delete": {
        const stored = this.objects.get(pathOf(request.resource, keyFor(request.namespace, request.name)));
        if (stored === undefined) return failure(notFound(request.resource, request.name));
        if (request.verb === "get") return answer(stored);
        if (request.verb === "delete") return this.delete(stored, request);
        const sent = (
          request.verb === "update"
            ? request.object
            : (request.type === "merge" ? mergePatch : strategicMergePatch)(stored as unknown as Json, request.patch)
        ) as Loose;
        return this.update(stored, sent, request);
      }
      case "create":
        return this.create(request.resource, request.object);
      case "list": {
        const items = this.list(request.resource).filter(
          ({ metadata }) => request.namespace === "" || metadata.namespace === request.namespace,
        );
        const resourceVersion = String(this.version);
        return { kind: "list", items, resourceVersion, continue: "", remainingItemCount: -1 };
      }
      case "deletecollection": {
        for (const object of this.list<Loose>(request.resource))
          if (request.namespace === "" || object.metadata.namespace === request.namespace)
            this.delete(object, deleteRequest(request.resource, request.namespace, object.metadata.name));
        return statusResponse(success());
      }
      default:
        return unreachable(request);
    }
  }

  private create(resource: ResourceName, object: KubeObject): ApiResponse {
    const { metadata } = object;
    const name =
      metadata.name !== "" ? metadata.name : `${metadata.generateName}${String(this.version + 1).padStart(5, "0")}`;
    const named = { ...object, metadata: { ...metadata, name } };
    if (this.objects.has(pathOf(resource, keyOf(named)))) return failure(alreadyExists(resource, name));
    return answer(this.put(named));
  }

  private update(stored: Loose, sent: Loose, request: ApiRequest & { readonly subresource: string }): ApiResponse {
    const { resourceVersion } = sent.metadata;
    if (resourceVersion !== undefined && resourceVersion !== "" && resourceVersion !== stored.metadata.resourceVersion)
      return failure(conflict(request.resource, sent.metadata.name, "the object has been modified"));
    if (sent.metadata.uid !== undefined && sent.metadata.uid !== stored.metadata.uid)
      return failure(conflict(request.resource, sent.metadata.name, "Precondition failed: UID in precondition"));
    const status = request.subresource === "status";
    const next = {
      ...(status ? { ...stored, ...(sent.status === undefined ? {} : { status: sent.status }) } : { ...sent }),
      metadata: {
        ...(status ? stored.metadata : sent.metadata),
        // apps/deployment/strategy.go: a status brings its annotations.
        ...(status && sent.metadata.annotations !== undefined ? { annotations: sent.metadata.annotations } : {}),
        resourceVersion: stored.metadata.resourceVersion!,
      },
    } as Loose;
    if (!status && stored.status !== undefined) (next as { status?: Json }).status = stored.status;
    if (deepEqual(next, stored)) return answer(stored);
    const generation = (stored.metadata.generation ?? 0) + (deepEqual(next.spec, stored.spec) ? 0 : 1);
    const bumped = { ...next, metadata: { ...next.metadata, generation } as ObjectMeta };
    const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = bumped.metadata;
    if (deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0 && finalizers.length === 0) {
      this.objects.delete(pathOf(request.resource, keyOf(stored)));
      return answer(bumped);
    }
    return answer(this.store(bumped));
  }

  private delete(stored: Loose, request: ApiRequest & { readonly verb: "delete" }): ApiResponse {
    const { metadata } = stored;
    const { preconditions, gracePeriodSeconds } = request.options;
    if (preconditions?.uid !== undefined && preconditions.uid !== metadata.uid)
      return failure(conflict(request.resource, metadata.name, "Precondition failed: UID in precondition"));
    const version = preconditions?.resourceVersion;
    if (version !== undefined && version !== metadata.resourceVersion)
      return failure(conflict(request.resource, metadata.name, "Precondition failed: ResourceVersion in precondition"));
    const spec = stored.spec as
      | { readonly nodeName?: string; readonly terminationGracePeriodSeconds?: number }
      | undefined;
    const phase = (stored.status as { readonly phase?: string } | undefined)?.phase;
    const isGraceful =
      request.resource === "pods" && spec?.nodeName !== undefined && phase !== "Succeeded" && phase !== "Failed";
    const grace = isGraceful ? (gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30) : 0;
    const finalizer = FINALIZER_OF[request.options.propagationPolicy ?? "Background"];
    const finalizers = [...(metadata.finalizers ?? []), ...(finalizer === null ? [] : [finalizer])];
    if (grace === 0 && finalizers.length === 0) {
      this.objects.delete(pathOf(request.resource, keyOf(stored)));
      return answer(stored);
    }
    if (metadata.deletionTimestamp !== undefined) return answer(stored);
    const held = finalizers.length === 0 ? {} : { finalizers };
    const deletionTimestamp = timeOf(this.wall() + grace * 1_000_000);
    return answer(
      this.store({
        ...stored,
        metadata: { ...metadata, ...held, deletionTimestamp, deletionGracePeriodSeconds: grace },
      }),
    );
  }

  private store<O extends KubeObject>(object: O): O {
    this.version++;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.version) } };
    const frozen = deepFreeze(stored);
    this.objects.set(
      pathOf(resourceOfKind(object.apiVersion, object.kind).name, keyOf(object)),
      frozen as unknown as Loose,
    );
    return frozen;
  }
}

const FINALIZER_OF = { Background: null, Foreground: "foregroundDeletion", Orphan: "orphan" } as const;

function pathOf(resource: ResourceName, key: string): string {
  return `${resource}:${key}`;
}

function answer(object: KubeObject): ApiResponse {
  return { kind: "object", object, warnings: [] };
}

function failure(status: Extract<ApiResponse, { readonly kind: "status" }>["status"]): ApiResponse {
  return { kind: "status", status };
}
