import type { MachineTypes, Micros, OrderedMap, ProcessId } from "../kernel/index.ts";
import type { ApiMessage } from "../machinery/api.ts";
import type { ElectionConfig, ElectionState } from "../machinery/client/election.ts";
import type { ApiConfig, ApiState } from "../machinery/client/types.ts";
import type { KubeObject, Node, PersistentVolume, PersistentVolumeClaim, Uid } from "../machinery/kinds/index.ts";
import type { PodInfo } from "./framework/pod-info.ts";
import type { Snapshot } from "./framework/snapshot.ts";
import type { ProfileSpec } from "./plugins/profiles.ts";

/** What a scheduler is started with. Durations are microseconds; in brackets, kube-scheduler's values. */
export interface SchedulerConfig {
  readonly kind: "scheduler";
  /** Part of its identity in the election. */
  readonly id: ProcessId;
  /** Its informers are its own. */
  readonly api: Omit<ApiConfig, "informers">;
  /** The lease `kube-scheduler` in `kube-system`. */
  readonly election: ElectionConfig;
  /** It schedules the pods that name one of its profiles; none: those that name `default-scheduler`, as usual. */
  readonly profiles: readonly ProfileSpec[];
  /** How long an attempt takes, drawn between the two [some ms]: meanwhile cache and queue go on. */
  readonly attemptMinUs: Micros;
  readonly attemptMaxUs: Micros;
  /** A pod that was not scheduled waits so long before it is tried again [1 s doubling to 10 s]. */
  readonly podInitialBackoffUs: Micros;
  readonly podMaxBackoffUs: Micros;
  /** A pod that fits nowhere is tried again after this at the latest [5 min], looked for so often [30 s]. */
  readonly unschedulableFlushUs: Micros;
  readonly flushEveryUs: Micros;
  /** How long a pod waits for its claims to be bound [600 s]. */
  readonly bindTimeoutUs: Micros;
  /** Bindings under way at the same time; the real one has no bound. */
  readonly bindingsMax: number;
  /** Whether it looks at what CSI drivers publish: their limits, free capacity, and attachments [true]. */
  readonly csi: boolean;
  /** Whether it makes Event objects [true]. */
  readonly emitsEvents: boolean;
  /** Only who leads has informers (DelayCacheUntilActive) [false: all have, so that a new leader is ready at once]. */
  readonly delayCacheUntilActive: boolean;
  /** How long it takes until a scheduler that has lost the lead, and so has exited, runs again [kubelet's backoff]. */
  readonly restartUs: Micros;
}

// ---- Queue (kubernetes pkg/scheduler/backend/queue)

/** A pod that waits to be scheduled (framework/types.go, QueuedPodInfo). */
export interface QueuedPod {
  /** `namespace/name`. */
  readonly key: string;
  readonly uid: Uid;
  readonly schedulerName: string;
  readonly priority: number;
  /** How often it was popped. */
  readonly attempts: number;
  /** How often it fitted nowhere, and how often in a row something went wrong: its backoff goes by them. */
  readonly unschedulableCount: number;
  readonly consecutiveErrors: number;
  /** Who has rejected it in its last attempt, sorted: an event is asked of their hints alone. Empty: nobody, it failed. */
  readonly unschedulablePlugins: readonly string[];
  readonly pendingPlugins: readonly string[];
  /** Who does not let it into the active queue (PreEnqueue); empty: nobody. */
  readonly gatingPlugin: string;
  readonly place: "active" | "backoff" | "unschedulable";
  /** Where it is in its place: the key of that map. */
  readonly order: string;
  /** Local monotonic time at which it came into the queue, or back. */
  readonly since: Micros;
  /** When its backoff ends. */
  readonly backoffUntil: Micros;
}

/** What has changed, as plugins register for it (framework/types.go, ClusterEvent). */
export interface ClusterEvent {
  readonly resource: EventResource;
  readonly action: EventAction;
}

export type EventResource =
  /** `assignedPod` has a node, `unscheduledPod` has none. */
  | "assignedPod"
  | "unscheduledPod"
  | "node"
  | "claim"
  | "volume"
  | "storageClass"
  | "csiNode"
  | "csiDriver"
  | "csiStorageCapacity"
  | "volumeAttachment"
  /** Any plugin's pods are tried again. */
  | "wildcard";

export type EventAction =
  | "add"
  | "delete"
  | "update"
  | "updateLabel"
  | "updateTaint"
  | "updateAllocatable"
  | "updateCondition"
  | "updateAnnotation"
  | "updateToleration"
  | "updateScaleDown"
  | "updateGatesEliminated"
  | "updateOther";

/** A pod that was popped, or an event since a pod was (active_queue.go, inFlightEvents). */
export type InFlight =
  | { readonly kind: "pod"; readonly uid: Uid }
  | {
      readonly kind: "event";
      readonly event: ClusterEvent;
      readonly old: KubeObject | null;
      readonly object: KubeObject | null;
    };

/** The pods that wait: each in one of three places. */
export interface SchedulingQueue {
  /** By `namespace/name`. */
  readonly pods: OrderedMap<QueuedPod>;
  /** Highest priority first, then who came first. */
  readonly active: OrderedMap<string>;
  /** By the end of their backoff. */
  readonly backoff: OrderedMap<string>;
  /** By the time at which they came. */
  readonly unschedulable: OrderedMap<string>;
  /** By number: pods that were popped and are not decided yet, and the events since. */
  readonly inFlight: OrderedMap<InFlight>;
  /** By UID: the number of a pod in `inFlight`. */
  readonly inFlightPods: OrderedMap<string>;
  /** Numbers given so far. */
  readonly sequence: number;
  readonly nominator: Nominator;
}

/** A pod that is to be on a node, as others make room for it there. */
export interface Nomination {
  readonly node: string;
  readonly pod: PodInfo;
}

/** backend/queue/nominator.go */
export interface Nominator {
  /** By the UID of the pod. */
  readonly byPod: OrderedMap<Nomination>;
  /** By node, in the order in which they came. */
  readonly byNode: OrderedMap<readonly PodInfo[]>;
}

// ---- Cache (kubernetes pkg/scheduler/backend/cache)

/** A pod that counts on a node: it is bound to it, or assumed to be soon (cache.go, podState). */
export interface CachedPod {
  /** `namespace/name`. */
  readonly key: string;
  readonly uid: Uid;
  readonly node: string;
  readonly info: PodInfo;
  /** Decided, but not yet seen bound. */
  readonly assumed: boolean;
  /** The API server has said that it is bound (FinishBinding). */
  readonly bindingFinished: boolean;
}

/** A node and what is on it (framework/types.go, NodeInfo). */
export interface CachedNode {
  readonly name: string;
  /** Null: pods were seen on it, but not the node itself, or no longer. */
  readonly node: Node | null;
  /** Grows with each change: a snapshot takes over what is younger than itself. */
  readonly generation: number;
  readonly pods: readonly PodInfo[];
}

/** What is where, as far as it knows. */
export interface SchedulerCache {
  /** By name. */
  readonly nodes: OrderedMap<CachedNode>;
  /** By generation: the names, what has changed last is last. */
  readonly changes: OrderedMap<string>;
  /** By UID. */
  readonly pods: OrderedMap<CachedPod>;
  /** The last generation that was given. */
  readonly generation: number;
  /** How many of the nodes are there. */
  readonly present: number;
}

/** What a cycle looks at (cache.go, UpdateSnapshot). */
export interface CachedSnapshot {
  /** Of the cache when the snapshot was taken. */
  readonly generation: number;
  readonly nodes: Snapshot;
}

/**
 * Claims and volumes as they will be when what was decided has been written (util/assumecache): by key, until the informer
 * has a newer version.
 */
export interface AssumedStorage {
  readonly claims: OrderedMap<PersistentVolumeClaim>;
  readonly volumes: OrderedMap<PersistentVolume>;
}

// ---- Cycles (kubernetes pkg/scheduler/schedule_one.go)

/** The attempt under way: its pod has been popped, and the snapshot taken. */
export interface Attempt {
  readonly queued: QueuedPod;
  readonly pod: PodInfo;
}

/** What was decided in the last attempt: the same snapshot gives it again. */
export interface Decision {
  /** The how manieth it is since the start. */
  readonly number: number;
  readonly pod: PodInfo;
  readonly schedulerName: string;
  /** What it was decided on: nodes with their pods, those that were assumed included. */
  readonly snapshot: Snapshot;
  readonly nominations: OrderedMap<readonly PodInfo[]>;
  readonly assumed: AssumedStorage;
  /** Where the search for nodes began, and what broke ties. */
  readonly start: number;
  readonly tieBreak: number;
  /** The nodes that could take it, in the order of the search, and what each scored; empty: there was nothing to choose. */
  readonly scores: readonly { readonly node: string; readonly total: number }[];
  /** The node that was chosen; empty: none. */
  readonly node: string;
  /** Why there is no node; empty where there is one. */
  readonly message: string;
  readonly unschedulablePlugins: readonly string[];
  /** Where others are to go for it; empty: nowhere. */
  readonly nominated: string;
  readonly victims: readonly PodInfo[];
}

/** A pod that has its node, and is on the way there (bindingCycle). */
export interface BindingCycle {
  readonly queued: QueuedPod;
  readonly pod: PodInfo;
  readonly node: string;
  readonly phase: "writing" | "waiting" | "binding";
  /** Claims and volumes as they are to be written before the pod is bound, those not yet written first. */
  readonly toWrite: readonly (PersistentVolume | PersistentVolumeClaim)[];
  /** As they were answered. */
  readonly written: readonly (PersistentVolume | PersistentVolumeClaim)[];
  /** When it gives up waiting for its claims. */
  readonly deadline: Micros;
}

/** Room that is being made for a pod (framework/preemption, prepareCandidateAsync): one request after the other. */
export interface PreemptionRun {
  /** Of the decision from which it follows. */
  readonly number: number;
  /** `namespace/name` and UID of the preemptor. */
  readonly key: string;
  readonly uid: Uid;
  readonly node: string;
  readonly schedulerName: string;
  /** Pods of lower priority whose nomination to the node is still to be cleared. */
  readonly toClear: readonly PodInfo[];
  /** Pods that have still to go; the first is under way. */
  readonly victims: readonly PodInfo[];
  /** The first victim has its condition, and is to be deleted. */
  readonly marked: boolean;
  /** A request has failed: the preemptor is tried again at once. */
  readonly failed: boolean;
}

/**
 * `standby`: it waits for the lead. `leading`: it schedules. `exited`: it has lost the lead, and will start anew.
 */
export type SchedulerPhase = "standby" | "leading" | "exited";

export interface SchedulerState {
  readonly kind: "scheduler";
  readonly config: SchedulerConfig;
  readonly apiConfig: ApiConfig;
  readonly phase: SchedulerPhase;
  readonly api: ApiState;
  readonly election: ElectionState;
  readonly queue: SchedulingQueue;
  readonly cache: SchedulerCache;
  readonly snapshot: CachedSnapshot;
  readonly storage: AssumedStorage;
  /** Null: none is under way. */
  readonly attempt: Attempt | null;
  /** Null: none was made since the start. */
  readonly lastDecision: Decision | null;
  /** Where the search for nodes begins. */
  readonly nextStart: number;
  /** By the UID of the pod: those with a request under way, and those that wait for their claims. */
  readonly bindings: OrderedMap<BindingCycle>;
  readonly waiting: OrderedMap<BindingCycle>;
  /** By the UID of the preemptor. */
  readonly preemptions: OrderedMap<PreemptionRun>;
  /** Event objects made so far. */
  readonly events: number;
  /** When the timer of the queue is due; 0: it is not set. */
  readonly wakeAt: Micros;
}

export interface SchedulerTypes extends MachineTypes {
  readonly state: SchedulerState;
  readonly message: ApiMessage;
  readonly request: never;
  readonly response: never;
  readonly record: never;
  readonly durable: null;
  readonly config: SchedulerConfig;
}
