/**
 * What a component remembers of its talk with API servers: client-go, as far as the models need it.
 *
 * All of it is plain data inside the component's own state. `api.ts` has the class that a step works with.
 */
import type { Micros, OrderedMap, ProcessId, RequestId } from "../../kernel/index.ts";
import type { ApiEndpoints, ApiRequest, ApiResponse, ResourceName, UserName, WatchId } from "../api.ts";
import type { Json, KubeObject, ResourceVersion } from "../kinds/index.ts";

/** What a component wants back with the answer of a call. Plain data. */
export type Tag = Json | { readonly [key: string]: unknown };

/** A component's side of the API. Durations are microseconds; in brackets, client-go's values. */
export interface ApiConfig {
  /** The process itself; part of the ids of its calls. */
  readonly id: ProcessId;
  readonly user: UserName;
  readonly servers: ApiEndpoints;
  /** A call without an answer after this has an unknown outcome [30 s and more]. */
  readonly requestTimeoutUs: Micros;
  /** A watch that hears nothing for this long asks for a sign of life [30 s], and is broken without one [15 s]. */
  readonly pingAfterUs: Micros;
  readonly pingTimeoutUs: Micros;
  /** A reflector's backoff after a failed list or watch [800 ms doubling to 30 s]. */
  readonly backoffUs: Micros;
  readonly backoffMaxUs: Micros;
  /** The time that a watch asks for is drawn from once to twice this [5 min]. */
  readonly watchTimeoutUs: Micros;
  readonly informers: readonly InformerSpec[];
}

/** The name of an index of an informer's objects; `indexers.ts` has what each computes. */
export type IndexName = "byNode" | "byController" | "byOwner" | "byClaim" | "byService";

/** By value, the keys of the objects that have it. */
export type Index = OrderedMap<OrderedMap<true>>;
export type Indexes = Readonly<Partial<Record<IndexName, Index>>>;

/** What an informer keeps a copy of. Its name is that of its resource: one informer a resource in a component. */
export interface InformerSpec {
  readonly resource: ResourceName;
  readonly labelSelector: string;
  readonly fieldSelector: string;
  readonly indexes: readonly IndexName[];
  /** Every object is handed on again so often; 0: never. */
  readonly resyncUs: Micros;
  /** What the first list asks for: `"0"`, whatever the server's cache has, or `""`, the latest. Left out: `"0"`. */
  readonly firstList?: "0" | "";
}

/** A call under way. */
export interface PendingCall {
  readonly id: RequestId;
  readonly server: ProcessId;
  readonly request: ApiRequest;
  readonly tag: Tag;
  /** The informer whose list it is, an index into those of the config; -1: it is the component's own. */
  readonly informer: number;
  /** By the local monotonic clock. */
  readonly deadline: Micros;
}

/**
 * Where a reflector is: `idle` before it starts, `opening` until the server has said anything about its watch, `probing`
 * when it has asked a silent server for a sign of life, or waiting for its backoff.
 */
export type InformerPhase =
  | "idle"
  | "listing"
  | "opening"
  | "watching"
  | "probing"
  | "waitingToList"
  | "waitingToWatch";

/** A reflector and its cache (client-go tools/cache/reflector.go, shared_informer.go). */
export interface Informer {
  readonly spec: InformerSpec;
  readonly phase: InformerPhase;
  /** By `namespace/name`, or `name` for what is cluster-scoped. */
  readonly objects: OrderedMap<KubeObject>;
  /** By index. */
  readonly indexes: Indexes;
  /** Its first list is complete. */
  readonly synced: boolean;
  /** The version that it has seen last. Empty: none yet. */
  readonly resourceVersion: ResourceVersion;
  /** A server had that version no longer, or not yet: the next list asks for the latest. */
  readonly versionUnavailable: boolean;
  /** The server that it lists from or watches. */
  readonly server: ProcessId;
  /** Empty: it has no watch. */
  readonly watchId: WatchId;
  /** Of the next message of the watch. */
  readonly sequence: number;
  /** Local monotonic time at which its watch gave the last sign of life. */
  readonly heardAt: Micros;
  /** When it hands on everything again; 0: never. */
  readonly resyncAt: Micros;
  /** When its patience or its backoff ends; 0: in a phase that has neither. */
  readonly wakeAt: Micros;
  /** Failed lists and watches in a row. */
  readonly failures: number;
}

export interface ApiState {
  /** Makes ids unique over restarts: local monotonic time of the boot. */
  readonly bootedAt: Micros;
  /** Ids made so far, of calls and watches. */
  readonly ids: number;
  /** The server that calls go to: an index into those of the config. */
  readonly server: number;
  /** By id. */
  readonly calls: OrderedMap<PendingCall>;
  /** In the order of the config. */
  readonly informers: readonly Informer[];
  /** When the timer of the client is due; 0: it is not set. */
  readonly wakeAt: Micros;
}

/** A change of an informer's cache, as handlers are told. */
export interface InformerEvent {
  readonly resource: ResourceName;
  readonly type: "added" | "updated" | "deleted" | "resync";
  readonly key: string;
  /** What was there before; null for `added`. */
  readonly old: KubeObject | null;
  /** What is there now; for `deleted` the last that was seen (a tombstone may be older than the deletion). */
  readonly object: KubeObject;
}

/** What came of a call. `response` null: no answer came in time, or the connection broke: it may have happened. */
export interface Answer {
  readonly tag: Tag;
  readonly request: ApiRequest;
  readonly response: ApiResponse | null;
}

/** What an input has brought, in its order. */
export interface News {
  readonly events: readonly InformerEvent[];
  readonly answers: readonly Answer[];
}
