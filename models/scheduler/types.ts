import type { MachineTypes, Micros, OrderedMap, ProcessId } from "../kernel/index.ts";
import type { ApiMessage } from "../machinery/api.ts";
import type { ElectionConfig, ElectionState } from "../machinery/client/election.ts";
import type { ApiConfig, ApiState } from "../machinery/client/types.ts";
import type { Node, Uid } from "../machinery/kinds/index.ts";
import type { PodRequests } from "../machinery/pods.ts";

/** What a scheduler is started with. Durations are microseconds; in brackets, kube-scheduler's values. */
export interface SchedulerConfig {
  readonly kind: "scheduler";
  /** Part of its identity in the election. */
  readonly id: ProcessId;
  /** Its informers are its own. */
  readonly api: Omit<ApiConfig, "informers">;
  /** The lease `kube-scheduler` in `kube-system`. */
  readonly election: ElectionConfig;
  /** It schedules the pods that name it [default-scheduler]. */
  readonly schedulerName: string;
  /**
   * Which of the nodes that fit is taken: the first by name, or that with the fewest pods, then the first by name. The
   * real one scores.
   */
  readonly picks: "firstByName" | "fewestPods";
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
  /** Only who leads has informers (DelayCacheUntilActive) [false: all have, so that a new leader is ready at once]. */
  readonly delayCacheUntilActive: boolean;
  /** How long it takes until a scheduler that has lost the lead, and so has exited, runs again [kubelet's backoff]. */
  readonly restartUs: Micros;
}

/** A pod that waits to be scheduled. */
export interface QueuedPod {
  /** `namespace/name`. */
  readonly key: string;
  readonly uid: Uid;
  readonly priority: number;
  /** How often it was tried. */
  readonly attempts: number;
  readonly place: "active" | "backoff" | "unschedulable";
  /** Where it is in its place: the key of that map. */
  readonly order: string;
  /** Local monotonic time at which it came there. */
  readonly since: Micros;
  /** When its backoff ends. */
  readonly backoffUntil: Micros;
}

/** The pods that wait (kubernetes pkg/scheduler/backend/queue): each in one of three places. */
export interface SchedulingQueue {
  readonly pods: OrderedMap<QueuedPod>;
  /** Highest priority first, then who came first. */
  readonly active: OrderedMap<string>;
  /** By the end of their backoff. */
  readonly backoff: OrderedMap<string>;
  /** By the time at which they came. */
  readonly unschedulable: OrderedMap<string>;
}

/** A pod that counts on a node: it is bound to it, or assumed to be soon. */
export interface CachedPod {
  readonly key: string;
  readonly uid: Uid;
  readonly node: string;
  readonly requests: PodRequests;
  /** Decided, but not yet seen bound. */
  readonly assumed: boolean;
}

/** A node and what is taken of it (kubernetes pkg/scheduler/framework/types.go, NodeInfo). */
export interface NodeInfo {
  readonly name: string;
  /** Null: pods were seen on it, but not the node itself, or no longer. */
  readonly node: Node | null;
  readonly allocatable: PodRequests;
  readonly requested: PodRequests;
  readonly pods: number;
}

/** What is where, as far as it knows (kubernetes pkg/scheduler/backend/cache). */
export interface SchedulerCache {
  readonly nodes: OrderedMap<NodeInfo>;
  /** The nodes there are, fewest pods first, then by name. */
  readonly byPods: OrderedMap<string>;
  /** By UID. */
  readonly pods: OrderedMap<CachedPod>;
}

/** A pod that has its node, and is on the way there (kubernetes pkg/scheduler/schedule_one.go, bindingCycle). */
export interface BindingCycle {
  readonly key: string;
  readonly uid: Uid;
  readonly node: string;
  readonly attempts: number;
  readonly phase: "selecting" | "waiting" | "binding";
  /** Claims whose node is still to be told to the provisioner, by name. */
  readonly toSelect: readonly string[];
  /** Claims that must be bound before the pod is, as `namespace/name`. */
  readonly claims: readonly string[];
  /** When it gives up waiting for them. */
  readonly deadline: Micros;
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
  /** By the UID of the pod: those with a request under way, and those that wait for their claims. */
  readonly bindings: OrderedMap<BindingCycle>;
  readonly waiting: OrderedMap<BindingCycle>;
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
