import type { MachineTypes, Micros, OrderedMap, ProcessId, RequestId, Vector } from "../kernel/index.ts";
import type {
  ApiMessage,
  ApiRequest,
  ApiResponse,
  ApiWatchRequest,
  ResourceName,
  UserName,
  WatchId,
} from "../machinery/api.ts";
import type { DeleteOptions, KubeObject, Uid } from "../machinery/kinds/index.ts";
import type { FieldSelector, Selector } from "../machinery/selectors.ts";
import type { Key, Revision, StoreMessage, StoreRequest } from "../store/types.ts";
import type { Job, RangeChange, Repair } from "./allocation/index.ts";

/** What an API server is started with. Durations are microseconds; in brackets, the real defaults. */
export interface ApiServerConfig {
  readonly kind: "apiServer";
  readonly id: ProcessId;
  /** The members of the store, in the order in which they are tried: the local one first. */
  readonly stores: readonly ProcessId[];
  /** A request that is not answered after this is answered with 504 [60 s]. */
  readonly requestTimeoutUs: Micros;
  /** A call of the store without an answer after this has an unknown outcome [no limit of its own; here 10 s]. */
  readonly storeTimeoutUs: Micros;
  /** Before a call that the store has refused is made again at the next member [etcd clientv3: 25 ms]. */
  readonly storeBackoffUs: Micros;
  /** A watch of the store that hears nothing for this long asks how far it is [etcd keep-alive: 30 s], … */
  readonly storeSilenceUs: Micros;
  /** … and is opened again elsewhere if no answer comes within this [10 s]. */
  readonly storeProbeUs: Micros;
  /** Requests under way at the same time: more get 429 [400 that read, 200 that write]. */
  readonly readsInFlightMax: number;
  readonly writesInFlightMax: number;
  /** Events that a watch cache keeps at least and at most [100, 102 400]. */
  readonly ringEventsMin: number;
  readonly ringEventsMax: number;
  /** The ring grows while what it would lose is younger than this [75 s]. */
  readonly historyUs: Micros;
  /** How often a watch that allows it gets a bookmark [1 min]; and this long before it ends [2 s]. */
  readonly bookmarkIntervalUs: Micros;
  readonly bookmarkBeforeEndUs: Micros;
  /** How long a read waits for the cache to be fresh enough [3 s], and how often the store is asked meanwhile [100 ms]. */
  readonly freshWaitUs: Micros;
  readonly progressIntervalUs: Micros;
  /** How often the store is compacted [5 min]; 0: never. */
  readonly compactionIntervalUs: Micros;
  /** How long a watch lasts that does not say so itself [30 min]. */
  readonly watchTimeoutUs: Micros;
  /** Objects in one page of a cache's own list [10 000]. */
  readonly listPageObjects: number;
  /** Where services have their addresses from: --service-cluster-ip-range [10.0.0.0/24; here as kubeadm has it, but small]. */
  readonly serviceClusterIPRange: string;
  /** --service-node-port-range [30000-32767]. */
  readonly serviceNodePortRange: string;
  /**
   * How often both are made to agree with the services [3 min]. What was taken and is not used is freed after two of them at
   * the earliest: no request may take so long.
   */
  readonly repairIntervalUs: Micros;
}

// ---- The watch cache

/** A change in the ring of a watch cache (cacher, watchCacheEvent). */
export interface CacheEvent {
  readonly revision: Revision;
  readonly type: "added" | "modified" | "deleted";
  readonly key: string;
  /** After the change; for a deletion the last state, with the version of the deletion. */
  readonly object: KubeObject;
  /** Before it, or null. */
  readonly old: KubeObject | null;
  /** Local monotonic time. */
  readonly at: Micros;
}

/** A watch of the store that feeds the caches. */
export interface StoreStream {
  readonly watchId: string;
  readonly endpoint: ProcessId;
  /** `waiting`: another one is opened at `wakeAt`. */
  readonly phase: "opening" | "open" | "probing" | "waiting";
  /** The number that the next response must have. */
  readonly sequence: number;
  /** When to do something about its silence. Local monotonic time. */
  readonly wakeAt: Micros;
  readonly failures: number;
}

/**
 * What keeps the caches up with the store: it lists all that is there, and then watches it (client-go reflector.go). One
 * for all caches, where the real server has one a resource, on one connection.
 */
export interface Reflector {
  /** `listing`: the caches are not ready. `ready`: they may be behind, but are consistent. */
  readonly phase: "listing" | "ready";
  /** The revision of the store that the caches are at; 0: they have never been ready. */
  readonly revision: Revision;
  /** That of the last list. */
  readonly listRevision: Revision;
  /** While listing: where the next page begins. */
  readonly listFrom: Key;
  readonly stream: StoreStream | null;
  /** Requests that wait for the caches to be fresh. */
  readonly waiting: readonly RequestId[];
  /** When the store was last asked how far the stream is, by the local monotonic clock; 0: it has said so since. */
  readonly progressAskedAt: Micros;
}

/** The objects of a resource as this server knows them (apiserver pkg/storage/cacher). */
export interface Cache {
  readonly resource: ResourceName;
  /** By `namespace/name`, or `name` for what is cluster-scoped. */
  readonly objects: OrderedMap<KubeObject>;
  /** While listing: what the pages so far have. */
  readonly listed: OrderedMap<KubeObject>;
  /** The events that are kept begin at position `ringStart`. */
  readonly ring: Vector<CacheEvent>;
  readonly ringStart: number;
  /** How many the ring may hold now. */
  readonly capacity: number;
  /** Events were dropped since the last list. */
  readonly dropped: boolean;
  /** Watches of clients, by what an event must have to concern them: `spec.nodeName=node-1`, or empty for all. */
  readonly byTrigger: OrderedMap<readonly WatchId[]>;
}

/** A watch that a client has opened. */
export interface ApiWatcher {
  readonly watchId: WatchId;
  readonly client: ProcessId;
  readonly request: ApiWatchRequest;
  readonly namespace: string;
  readonly labels: Selector;
  /** What its field selector asks for beyond the trigger. */
  readonly fields: FieldSelector;
  /** What an event must have to concern it: `spec.nodeName=node-1`, or empty. */
  readonly trigger: string;
  /** Only what is newer is sent. */
  readonly fromRevision: Revision;
  /** The number of its next message. */
  readonly sequence: number;
  /** Local monotonic time. */
  readonly endsAt: Micros;
}

// ---- Requests under way

/** What one write to one object is for. */
export type Change =
  /** The request itself: an update, a patch, a binding, a deletion, … */
  | { readonly kind: "request" }
  /** A deletion as a part of a larger request: of a collection, or an eviction. */
  | { readonly kind: "delete"; readonly options: DeleteOptions }
  /** The object was marked as deleted at once, and now goes. */
  | { readonly kind: "remove"; readonly uid: Uid }
  /** An eviction takes one from the budget (checkAndDecrement). */
  | { readonly kind: "budget"; readonly pod: string }
  /** An eviction says so in the pod's status. */
  | { readonly kind: "evicted"; readonly uid: Uid; readonly options: DeleteOptions };

/** What goes with the write of a service: what was taken for it, and what is given back when it is done. */
export interface Allocation {
  readonly taken: readonly RangeChange[];
  readonly after: readonly RangeChange[];
}

type Writing = Extract<Stage, { readonly kind: "write" }>;

/** What follows when addresses and ports were taken for a service. */
export type AfterTaking =
  | { readonly kind: "create"; readonly tries: number }
  | {
      readonly kind: "update";
      readonly key: string;
      readonly existing: KubeObject;
      readonly after: readonly RangeChange[];
    };

/** What follows when they were given back. */
export type AfterGiving =
  | { readonly kind: "answer"; readonly response: ApiResponse }
  /** The service is another one by now: the update is tried anew. */
  | { readonly kind: "again"; readonly key: string; readonly existing: KubeObject | null }
  /** The service was written, or deleted; the request goes on. */
  | { readonly kind: "written"; readonly stage: Writing; readonly object: KubeObject };

/** Where a request is. Each stage waits for one thing, mostly for a call of the store. */
export type Stage =
  /** It has just come. */
  | { readonly kind: "begun" }
  /** A read of one key is under way; its answer is the response. */
  | { readonly kind: "get" }
  /** The namespace of a create is read, as the cache does not have it. */
  | { readonly kind: "namespace" }
  /** Pages are read from the store. */
  | {
      readonly kind: "list";
      readonly items: readonly KubeObject[];
      /** Of the first page; 0: none yet. */
      readonly revision: Revision;
      readonly from: Key;
      readonly pageObjects: number;
    }
  /** The store is asked for its revision, so that a list from the cache is consistent. */
  | { readonly kind: "revision" }
  /** Waits for the cache to get to a revision. `fallback`: when it does not in time, the store is read. */
  | { readonly kind: "fresh"; readonly revision: Revision; readonly until: Micros; readonly fallback: boolean }
  /** A create is under way. `tries` of a generated name. */
  | {
      readonly kind: "create";
      readonly object: KubeObject;
      readonly tries: number;
      readonly allocation: Allocation | null;
    }
  /** Addresses and ports are taken for a service, before it is written; or given back. */
  | { readonly kind: "take"; readonly job: Job; readonly then: AfterTaking }
  | { readonly kind: "give"; readonly job: Job; readonly then: AfterGiving }
  /** An object is read, to be written. */
  | { readonly kind: "read"; readonly resource: ResourceName; readonly key: string; readonly change: Change }
  /**
   * An object is written, if it is still at `revision`; `fromCache`: what it was before came from the cache.
   * `object` is what is written, null where it is deleted; `old` what it was.
   */
  | {
      readonly kind: "write";
      readonly resource: ResourceName;
      readonly key: string;
      readonly change: Change;
      readonly object: KubeObject | null;
      readonly old: KubeObject;
      readonly revision: Revision;
      /** The write that removes the object follows. */
      readonly thenRemove: boolean;
      readonly allocation: Allocation | null;
    }
  /** An eviction reads its pod, then the budgets of its namespace. */
  | { readonly kind: "evictPod" }
  | { readonly kind: "evictBudgets"; readonly pod: KubeObject }
  /** A collection is read, to be deleted. */
  | { readonly kind: "collect" };

/** A request under way. Plain data; one call of the store at a time. */
export interface Flight {
  readonly id: RequestId;
  readonly client: ProcessId;
  readonly user: UserName;
  readonly request: ApiRequest;
  readonly deadline: Micros;
  readonly stage: Stage;
  /** Of a collection: the objects that are still to be deleted, and all that there were. */
  readonly left: readonly { readonly key: string; readonly uid: Uid }[];
  readonly listed: readonly KubeObject[];
  /** Of a create: its namespace, if the cache did not have it. Of an eviction: the pod. */
  readonly live: KubeObject | null;
  /** Of an eviction: the name of its budget, or empty; and whether it does without, but for the pod's version. */
  readonly budget: string;
  readonly guarded: boolean;
  /** Writes that were made in vain. */
  readonly conflicts: number;
}

/** A call of the store under way. */
export interface StoreCall {
  readonly id: RequestId;
  /** `flight`: a request's, `owner` is its id. `list`: a page of the caches' list. `repair`: `owner` is the range. */
  readonly kind: "flight" | "list" | "compactor" | "repair";
  readonly owner: string;
  readonly endpoint: ProcessId;
  readonly request: StoreRequest;
  /** It waits until then to be made again; 0: it is under way. Local monotonic times. */
  readonly resumeAt: Micros;
  readonly deadline: Micros;
  /** How often it was refused. */
  readonly refusals: number;
}

/** One of the servers compacts the store every few minutes (apiserver storage/etcd3/compact.go). */
export interface Compactor {
  /** The version of the key `compact_rev_key` that it knows, and the store's revision at that time. */
  readonly version: number;
  readonly revision: Revision;
  readonly dueAt: Micros;
}

export interface ApiServerState {
  readonly kind: "apiServer";
  readonly config: ApiServerConfig;
  /** Makes ids and UIDs unique over restarts: local monotonic time of the boot. */
  readonly bootedAt: Micros;
  /** Ids made so far, of calls and streams; and UIDs. */
  readonly ids: number;
  readonly uids: number;
  /** The member that calls go to: an index into those of the config. */
  readonly endpoint: number;
  readonly reflector: Reflector;
  /** Of the resources of the table, in its order; behind them custom ones, as they are first heard of. */
  readonly caches: readonly Cache[];
  /** By id. */
  readonly flights: OrderedMap<Flight>;
  /** How many of them write. */
  readonly writesInFlight: number;
  /** By id. */
  readonly calls: OrderedMap<StoreCall>;
  /** By id. */
  readonly watchers: OrderedMap<ApiWatcher>;
  /** Which watches are due (a bookmark, the end), by second. */
  readonly agenda: OrderedMap<readonly WatchId[]>;
  readonly compactor: Compactor;
  /** The loops that make the ranges of addresses and ports agree with the services. */
  readonly repairs: readonly Repair[];
  /** When it next sees to the system's own namespaces and priority classes. */
  readonly bootstrapAt: Micros;
  /** When the timer is due; 0: it is not set. */
  readonly wakeAt: Micros;
}

/** An API server keeps nothing on disk. */
export interface ApiServerTypes extends MachineTypes {
  readonly state: ApiServerState;
  readonly message: ApiMessage | StoreMessage;
  readonly request: never;
  readonly response: never;
  readonly record: never;
  readonly durable: null;
  readonly config: ApiServerConfig;
}
