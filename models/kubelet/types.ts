/**
 * The words of a kubelet: what it is started with, what it remembers of its pods, its node and its runtime.
 *
 * Times named `…At` are of the calendar clock; `…Now` are of the host's monotonic clock.
 */
import type { MachineTypes, Micros, OrderedMap, ProcessId, RequestId } from "../kernel/index.ts";
import type { ApiMessage } from "../machinery/api.ts";
import type { ApiConfig, ApiState } from "../machinery/client/types.ts";
import type { Lease, Pod, PodStatus, ResourceList, StringMap, Taint, Time, Uid } from "../machinery/kinds/index.ts";
import type { PodRequests } from "../machinery/pods.ts";
import type { ContainerId, CriMessage, ImageName, PodSnapshot, RuntimeName } from "../runtime/types.ts";

/** Durations are microseconds; in brackets, the kubelet's defaults (pkg/kubelet/apis/config/v1beta1/defaults.go, kubelet.go). */
export interface KubeletConfig {
  readonly kind: "kubelet";
  readonly id: ProcessId;
  /** The name of the Node object. */
  readonly node: string;
  /** Its user is `system:node:<node>`; its informers are `kubeletInformers(node)`. */
  readonly api: ApiConfig;
  readonly runtime: ProcessId;
  readonly capacity: ResourceList;
  readonly allocatable: ResourceList;
  readonly labels: StringMap;
  /** Taints that the node has when it registers itself. */
  readonly registerWithTaints: readonly Taint[];
  readonly address: string;
  /** The node brings it along; empty: the node gets it from a controller, and the runtime from the node. */
  readonly podCIDR: string;

  /** Of the node's lease [40 s], renewed each quarter of it [10 s]. */
  readonly leaseDurationSeconds: number;
  readonly leaseRenewUs: Micros;
  /** The node's status is computed so often [10 s], and reported if it changed, or after this [5 min]. */
  readonly nodeStatusUpdateUs: Micros;
  readonly nodeStatusReportUs: Micros;
  /** What is left of pods is cleaned up after this [2 s]. */
  readonly housekeepingUs: Micros;
  /** Statuses that could not be written are written again after this [10 s]. */
  readonly statusSyncUs: Micros;
  /** The runtime is relisted after this although it tells its events (evented PLEG) [5 min]. */
  readonly relistUs: Micros;
  /** A call to the runtime without an answer [2 min]. */
  readonly runtimeRequestTimeoutUs: Micros;
  /** The runtime is down for so long: the node is not ready [30 s]. */
  readonly runtimeDownUs: Micros;
  /** Of containers that exit, and of images that cannot be pulled [10 s doubling to 300 s, forgotten after 600 s]. */
  readonly backoffUs: Micros;
  readonly backoffMaxUs: Micros;
  readonly imageBackoffUs: Micros;
  readonly imageBackoffMaxUs: Micros;
  /** After a sync that failed [10 s]. */
  readonly syncBackoffUs: Micros;
  /** Node-pressure eviction: how often it looks [10 s], below what memory it acts [100 MiB], how long the condition stays [5 min]. */
  readonly evictionUs: Micros;
  readonly evictionMemoryBytes: number;
  readonly pressureTransitionUs: Micros;
  /** What the system itself uses beside the pods. */
  readonly systemMemoryBytes: number;
}

/** Where a probe stands (pkg/kubelet/prober/worker.go). */
export interface Probing {
  readonly container: string;
  readonly probe: "startup" | "liveness" | "readiness";
  /** The container that it is about; empty: none runs. */
  readonly containerId: ContainerId;
  readonly result: "unknown" | "success" | "failure";
  /** The last outcome, and how often in a row. */
  readonly last: "success" | "failure" | "";
  readonly run: number;
  /** It has failed for good: a new container is waited for. */
  readonly onHold: boolean;
  readonly dueNow: Micros;
  /** Its call under way; empty: none. */
  readonly call: RequestId;
}

/** The backoff of a container (client-go util/flowcontrol): `us` until `at + us`. */
export interface Backoff {
  /** A container's name with its image's hash; `image:` before an image. */
  readonly key: string;
  readonly us: Micros;
  /** When it was last lengthened. */
  readonly at: Micros;
}

/** Why a pod is being terminated. */
export type TerminationCause = "deleted" | "removed" | "finished" | "evicted" | "rejected" | "orphaned" | "terminal";

/** A call to the runtime under way. */
export interface CriCall {
  readonly id: RequestId;
  /** Empty for calls about the node. */
  readonly podUid: Uid;
  readonly what:
    | "status"
    | "list"
    | "updateRuntimeConfig"
    | "pullImage"
    | "runPodSandbox"
    | "stopPodSandbox"
    | "removePodSandbox"
    | "createContainer"
    | "startContainer"
    | "stopContainer"
    | "removeContainer"
    | "probe";
  /** The container's name, or its id, or an image; empty: the pod. */
  readonly about: string;
  readonly deadlineNow: Micros;
}

/**
 * What the kubelet does about a pod, from the first it hears of the UID to its end (pkg/kubelet/pod_workers.go): `sync`,
 * `terminating`, `terminated`, in this order and never back.
 */
export interface PodWorker {
  readonly uid: Uid;
  readonly namespace: string;
  readonly name: string;
  /** As last heard of from its source. Of an orphan, what the runtime tells. */
  readonly pod: Pod;
  readonly source: "api" | "runtime";
  readonly phase: "sync" | "terminating" | "terminated";
  /** Its source has it no more. */
  readonly isRemoved: boolean;
  readonly cause: TerminationCause | null;
  /** What is to be put into its status at its end (evictions, rejections, deadlines). */
  readonly verdict: { readonly reason: string; readonly message: string } | null;
  readonly startTime: Time;
  readonly requests: PodRequests;
  /** The shortest grace that was asked for, and since when; -1: none. */
  readonly graceUs: Micros;
  readonly killNow: Micros;
  /** Calls about it that change something, not probes. */
  readonly calls: readonly RequestId[];
  /** What a sync has begun is not all done yet: its status is told when it is. */
  readonly isMidway: boolean;
  readonly probes: readonly Probing[];
  readonly backoffs: readonly Backoff[];
  readonly waiting: readonly WaitReason[];
  /** When it is looked at again without an event; 0: not. */
  readonly dueNow: Micros;
}

/** Why a container waits (pkg/kubelet/reason_cache.go): `ImagePullBackOff`, `CrashLoopBackOff`, `CreateContainerError`, … */
export interface WaitReason {
  readonly container: string;
  readonly reason: string;
  readonly message: string;
  /** It is not tried again before. */
  readonly untilNow: Micros;
}

/** The status manager's part of a pod (pkg/kubelet/status/status_manager.go). */
export interface PodReport {
  readonly uid: Uid;
  readonly namespace: string;
  readonly name: string;
  readonly status: PodStatus;
  /** Counts the changes of `status`; `reported` is the version that the API has. */
  readonly version: number;
  readonly reported: number;
  /** The address that was reported last; empty: none. */
  readonly reportedIp: string;
  /** Its worker has terminated: the pod may be deleted. */
  readonly isFinished: boolean;
  /** Its deletion was asked for. */
  readonly isDeleting: boolean;
}

/** What the kubelet knows of its runtime: the cache of the lifecycle event generator (pkg/kubelet/pleg/evented.go). */
export interface RuntimeView {
  /** -1: nothing is known of it. */
  readonly incarnation: number;
  readonly version: number;
  /** The first list has come since the runtime was started. */
  readonly isSynced: boolean;
  readonly runtime: RuntimeName;
  readonly restartUnit: "container" | "pod";
  /** By pod UID. */
  readonly pods: OrderedMap<PodSnapshot>;
  readonly images: readonly ImageName[];
  /** Where its pods get their addresses from; empty: it has no network yet. */
  readonly podCIDR: string;
  /** When it was heard of last. */
  readonly heardNow: Micros;
}

/** What the kubelet has told of its node (pkg/kubelet/kubelet_node_status.go, nodelease). */
export interface NodeReport {
  readonly isRegistered: boolean;
  /** A call about the node, or its lease, is under way. */
  readonly isBusy: boolean;
  readonly failures: number;
  readonly leaseIsBusy: boolean;
  /** The lease as the server answered it last. */
  readonly lease: Lease | null;
  readonly leaseFailures: number;
  /** When the status was reported last; -1: never. */
  readonly reportedNow: Micros;
  readonly memoryPressure: boolean;
  /** When memory was below the threshold last. */
  readonly pressureNow: Micros;
}

export interface Due {
  readonly name: string;
  readonly at: Micros;
}

/** What is due, and when: by time, and of one time by name. */
export type Agenda = readonly Due[];

export interface KubeletState {
  readonly kind: "kubelet";
  readonly config: KubeletConfig;
  readonly api: ApiState;
  readonly bootedNow: Micros;
  /** By UID. */
  readonly workers: OrderedMap<PodWorker>;
  /** By UID. */
  readonly reports: OrderedMap<PodReport>;
  /** UIDs whose status is to be written, in their order; one at a time is under way. */
  readonly unreported: readonly Uid[];
  readonly reporting: Uid;
  /** UIDs whose status or deletion is looked at again at the next round. */
  readonly doubtful: readonly Uid[];
  readonly runtime: RuntimeView;
  readonly calls: OrderedMap<CriCall>;
  readonly node: NodeReport;
  readonly agenda: Agenda;
  readonly ids: number;
  /** When the timer is due; 0: it is not set. */
  readonly timerNow: Micros;
}

export type KubeletMessage = ApiMessage | CriMessage;

export interface KubeletTypes extends MachineTypes {
  readonly state: KubeletState;
  readonly message: KubeletMessage;
  readonly request: never;
  readonly response: never;
  /** The kubelet keeps nothing on disk that matters here. */
  readonly record: never;
  readonly durable: null;
  readonly config: KubeletConfig;
}
