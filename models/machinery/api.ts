/**
 * What clients of the Kubernetes API and its servers say to each other: the REST verbs as data, one message a request.
 *
 * A resource is named by its plural (`pods`), that of a custom one with its group behind it (`widgets.example.com`);
 * `resources.ts` has the table.
 */
import type { ProcessId, RequestId } from "../kernel/index.ts";
import type { DeleteOptions, Json, KubeObject, LabelSelector, ResourceVersion } from "./kinds/index.ts";

export type ResourceName = string;

/** Empty for cluster-scoped objects, and for all namespaces. */
export type NamespaceName = string;

/** Who asks: `admin`, `system:node:node-1`, `system:kube-controller-manager`, … */
export type UserName = string;

/** Of pods: `status`, `binding`, `eviction`; of workloads: `status`, `scale`; of namespaces: `finalize`. Empty: the object. */
export type Subresource = "" | "status" | "scale" | "binding" | "eviction" | "finalize";

/** Which objects of a resource; text as in a query (`app=a,tier!=b`, `spec.nodeName=node-1`). Empty: all. */
export interface Selection {
  readonly labelSelector: string;
  readonly fieldSelector: string;
}

export interface GetRequest {
  readonly verb: "get";
  readonly resource: ResourceName;
  readonly namespace: NamespaceName;
  readonly name: string;
  readonly subresource: Subresource;
  /** `""`: the latest, from the store. `"0"`: whatever the cache has. Else: not older than that. */
  readonly resourceVersion: ResourceVersion;
}

export interface ListRequest extends Selection {
  readonly verb: "list";
  readonly resource: ResourceName;
  readonly namespace: NamespaceName;
  /** As for a get. */
  readonly resourceVersion: ResourceVersion;
  readonly resourceVersionMatch: "" | "Exact" | "NotOlderThan";
  /** The most objects to return; 0: all. */
  readonly limit: number;
  /** The token of the answer before; empty: from the start. */
  readonly continue: string;
}

export interface CreateRequest {
  readonly verb: "create";
  readonly resource: ResourceName;
  readonly namespace: NamespaceName;
  /** Of the parent, for a subresource (`binding`, `eviction`); else empty. */
  readonly name: string;
  readonly subresource: Subresource;
  readonly object: KubeObject;
  /** Everything but the write (`dryRun=All`). */
  readonly dryRun: boolean;
}

export interface UpdateRequest {
  readonly verb: "update";
  readonly resource: ResourceName;
  readonly namespace: NamespaceName;
  readonly name: string;
  readonly subresource: Subresource;
  /** With `metadata.resourceVersion`, it must be the stored one. */
  readonly object: KubeObject;
  readonly dryRun: boolean;
}

export interface PatchRequest {
  readonly verb: "patch";
  readonly resource: ResourceName;
  readonly namespace: NamespaceName;
  readonly name: string;
  readonly subresource: Subresource;
  /** RFC 7386, or the strategic one of the API. With `metadata.resourceVersion` in it, it must be the stored one. */
  readonly type: "merge" | "strategic";
  readonly patch: Json;
  readonly dryRun: boolean;
}

export interface DeleteRequest {
  readonly verb: "delete";
  readonly resource: ResourceName;
  readonly namespace: NamespaceName;
  readonly name: string;
  readonly options: DeleteOptions;
}

export interface DeleteCollectionRequest extends Selection {
  readonly verb: "deletecollection";
  readonly resource: ResourceName;
  readonly namespace: NamespaceName;
  readonly options: DeleteOptions;
}

export type ApiRequest =
  | GetRequest
  | ListRequest
  | CreateRequest
  | UpdateRequest
  | PatchRequest
  | DeleteRequest
  | DeleteCollectionRequest;

export interface ApiWatchRequest extends Selection {
  readonly verb: "watch";
  readonly resource: ResourceName;
  readonly namespace: NamespaceName;
  /** Events after it. `"0"` and `""`: what there is comes first, as ADDED. */
  readonly resourceVersion: ResourceVersion;
  readonly allowWatchBookmarks: boolean;
  /** The server closes the watch after it. */
  readonly timeoutSeconds: number;
}

// ---- Answers

export type StatusReason =
  | "BadRequest"
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "AlreadyExists"
  | "Conflict"
  | "Gone"
  | "Expired"
  | "Invalid"
  | "Timeout"
  | "ServerTimeout"
  | "TooManyRequests"
  | "MethodNotAllowed"
  | "InternalError"
  | "ServiceUnavailable";

export interface StatusCause {
  /** `FieldValueRequired`, `FieldValueInvalid`, `ResourceVersionTooLarge`, `DisruptionBudget`, … */
  readonly reason?: string;
  readonly message?: string;
  /** A path: `spec.containers[0].image`. */
  readonly field?: string;
}

/** What the API answers when it answers no object (apimachinery meta/v1 Status). */
export interface Status {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly status: "Success" | "Failure";
  readonly message: string;
  readonly reason: StatusReason | "";
  readonly code: number;
  readonly details?: {
    readonly name?: string;
    readonly kind?: string;
    readonly uid?: string;
    readonly causes?: readonly StatusCause[];
    readonly retryAfterSeconds?: number;
  };
}

export type ApiResponse =
  | { readonly kind: "object"; readonly object: KubeObject; readonly warnings: readonly string[] }
  | {
      readonly kind: "list";
      readonly items: readonly KubeObject[];
      readonly resourceVersion: ResourceVersion;
      readonly continue: string;
      /** -1: not known. */
      readonly remainingItemCount: number;
    }
  | { readonly kind: "status"; readonly status: Status };

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  /** The object after the change; for DELETED the last state, with the resourceVersion of the deletion. */
  readonly object: KubeObject;
}

// ---- Messages. Links between a client and a server are connections: in order, at most once.

/** Unique in a run. */
export type WatchId = string;

/** What a client says to a server. */
export type ApiClientMessage =
  | { readonly kind: "apiCall"; readonly id: RequestId; readonly user: UserName; readonly request: ApiRequest }
  | { readonly kind: "apiWatch"; readonly watchId: WatchId; readonly user: UserName; readonly request: ApiWatchRequest }
  | { readonly kind: "apiWatchStop"; readonly watchId: WatchId }
  /** Asks for a sign of life: of a watch, or, with an empty id, of the server (HTTP/2 ping). */
  | { readonly kind: "apiPing"; readonly watchId: WatchId };

/** What a server says to a client. `sequence` numbers the messages of a watch from 0: a gap means a broken connection. */
export type ApiServerMessage =
  | { readonly kind: "apiAnswer"; readonly id: RequestId; readonly response: ApiResponse }
  | {
      readonly kind: "apiWatchEvents";
      readonly watchId: WatchId;
      readonly sequence: number;
      readonly events: readonly WatchEvent[];
    }
  /** The last message of a watch. `status` null: its time is over. */
  | {
      readonly kind: "apiWatchEnd";
      readonly watchId: WatchId;
      readonly sequence: number;
      readonly status: Status | null;
    }
  /** `sequence` is that of the next message. */
  | { readonly kind: "apiPong"; readonly watchId: WatchId; readonly sequence: number };

export type ApiMessage = ApiClientMessage | ApiServerMessage;

/** Where a client finds the API: the servers, in the order in which they are tried. */
export type ApiEndpoints = readonly ProcessId[];

export type { LabelSelector };
