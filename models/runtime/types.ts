/**
 * The words of a container runtime: what the kubelet asks of it (kubernetes staging/src/k8s.io/cri-api, api.proto), what
 * runs on its host, and how the programs in the containers behave.
 *
 * Times named `…At` are of the calendar clock, as the real ones are; `…Now` are of the host's monotonic clock.
 */
import type { MachineTypes, Micros, ProcessId, RequestId } from "../kernel/index.ts";
import type { Uid } from "../machinery/kinds/index.ts";
import type { NetworkMessage } from "../network/types.ts";

/** The plug-ins: docker through cri-dockerd, containerd, rkt. */
export type RuntimeName = "docker" | "containerd" | "rkt";

export type SandboxId = string;
export type ContainerId = string;
/** An image as a container names it. */
export type ImageName = string;

/** How the program in an image behaves. All durations are from the start of its container; see {@link DEFAULT_BEHAVIOUR}. */
export interface Behaviour {
  /** An image, or the start of one with `*` behind it. The first that fits is taken. */
  readonly image: string;
  /** Startup and liveness probes fail before it. */
  readonly startsAfterUs: Micros;
  /** Readiness probes fail before it. */
  readonly readyAfterUs: Micros;
  /** It exits by itself after this; 0: never. */
  readonly exitsAfterUs: Micros;
  readonly exitCode: number;
  /** It exits by itself in so many first attempts only, and never after them; 0: in every one. */
  readonly exitsTimes: number;
  /** From then on probes get no answer; 0: never. */
  readonly hangsAfterUs: Micros;
  /** It dies only by SIGKILL. */
  readonly ignoresSigterm: boolean;
  /** From SIGTERM to its end, with exit code 0 (143 where `stopsWithError`). */
  readonly stopsAfterUs: Micros;
  readonly stopsWithError: boolean;
  /** Its working set. */
  readonly memoryBytes: number;
  /** How long it takes to pull the image. */
  readonly pullUs: Micros;
  /** The image is not there: every pull fails. */
  readonly pullFails: boolean;
  /** So many first creations of its container on a node do not come to an end by themselves (containerd#4604). */
  readonly createStalls: number;
}

/** Durations are microseconds; in brackets, what is usual. */
export interface RuntimeConfig {
  readonly kind: "runtime";
  readonly id: ProcessId;
  readonly node: string;
  /** Who is told of events. */
  readonly kubelet: ProcessId;
  readonly runtime: RuntimeName;
  /** docker: containers outlive the daemon [false]. */
  readonly liveRestore: boolean;
  /** Where pods get their addresses from: IPv4, `10.244.1.0/24`. Empty: the kubelet says so, and until then there is no network. */
  readonly podCIDR: string;
  readonly behaviours: readonly Behaviour[];
  /** A sandbox and its network [150 ms]. */
  readonly sandboxUs: Micros;
  readonly createUs: Micros;
  readonly startUs: Micros;
}

/** A pod's sandbox (CRI PodSandbox): the pause container and the network. */
export interface RuntimeSandbox {
  readonly id: SandboxId;
  readonly podUid: Uid;
  readonly podNamespace: string;
  readonly podName: string;
  readonly attempt: number;
  readonly state: "ready" | "notReady";
  readonly createdAt: Micros;
  /** Empty once it is stopped, and of the host's network. */
  readonly ip: string;
  readonly hostPorts: readonly number[];
}

/** A container (CRI Container and ContainerStatus). It runs while `state` is `running`, whether or not the daemon does. */
export interface RuntimeContainer {
  readonly id: ContainerId;
  /** Unique on the node: `k8s_<container>_<pod>_<namespace>_<uid>_<attempt>`. */
  readonly name: string;
  readonly sandboxId: SandboxId;
  readonly podUid: Uid;
  readonly podNamespace: string;
  readonly podName: string;
  readonly container: string;
  /** 0 for the first container of the name in the pod: the restart count. */
  readonly attempt: number;
  readonly image: ImageName;
  /** Of the container's spec, as the kubelet labels it. */
  readonly hash: string;
  readonly state: "created" | "running" | "exited";
  readonly createdAt: Micros;
  /** 0: not started. */
  readonly startedAt: Micros;
  /** 0: not finished. */
  readonly finishedAt: Micros;
  readonly exitCode: number;
  /** `Completed`, `Error`, `OOMKilled`, `ContainerStatusUnknown`; empty while it has not exited. */
  readonly reason: string;
  /** The working set while it runs. */
  readonly memoryBytes: number;
  /** Monotonic: when it was started, and when it ends if nothing else happens; 0: not, never. Not for the kubelet. */
  readonly startedNow: Micros;
  readonly endsNow: Micros;
  /** What it ends with then. */
  readonly endsWith: number;
}

/** What the runtime has of a pod. */
export interface PodSnapshot {
  readonly podUid: Uid;
  /** Newest first. */
  readonly sandboxes: readonly RuntimeSandbox[];
  /** In the order of their creation. */
  readonly containers: readonly RuntimeContainer[];
}

export type CriRequest =
  | { readonly kind: "status" }
  /** Where pods get their addresses from, from now on (CRI UpdateRuntimeConfig). */
  | { readonly kind: "updateRuntimeConfig"; readonly podCIDR: string }
  /** Everything, unless the runtime's version is still this one. */
  | { readonly kind: "list"; readonly sinceVersion: number }
  | { readonly kind: "pullImage"; readonly podUid: Uid; readonly image: ImageName }
  | {
      readonly kind: "runPodSandbox";
      readonly podUid: Uid;
      readonly podNamespace: string;
      readonly podName: string;
      readonly attempt: number;
      readonly hostNetwork: boolean;
      /** Of one of the host's network: the ports that its programs say (CRI PodSandboxConfig.port_mappings). */
      readonly hostPorts: readonly number[];
    }
  /** Kills what runs in it, at once. Idempotent. */
  | { readonly kind: "stopPodSandbox"; readonly podUid: Uid; readonly sandboxId: SandboxId }
  /** Removes it with all of its containers. Idempotent. */
  | { readonly kind: "removePodSandbox"; readonly podUid: Uid; readonly sandboxId: SandboxId }
  | {
      readonly kind: "createContainer";
      readonly podUid: Uid;
      readonly sandboxId: SandboxId;
      readonly container: string;
      readonly attempt: number;
      readonly image: ImageName;
      readonly hash: string;
    }
  | { readonly kind: "startContainer"; readonly podUid: Uid; readonly containerId: ContainerId }
  /** SIGTERM, and SIGKILL after the grace; answered when it has stopped. Idempotent; a shorter grace counts. */
  | {
      readonly kind: "stopContainer";
      readonly podUid: Uid;
      readonly containerId: ContainerId;
      readonly graceUs: Micros;
    }
  | { readonly kind: "removeContainer"; readonly podUid: Uid; readonly containerId: ContainerId }
  /** Runs a probe of any kind against it. A program that hangs gives no answer. */
  | {
      readonly kind: "probe";
      readonly podUid: Uid;
      readonly containerId: ContainerId;
      readonly probe: "startup" | "liveness" | "readiness";
    };

/** Why a request was refused, as gRPC codes have it. */
export type CriErrorCode = "notFound" | "alreadyExists" | "failedPrecondition" | "unavailable" | "resourceExhausted";

export type CriResult =
  | { readonly kind: "done" }
  | { readonly kind: "status"; readonly isReady: boolean }
  | { readonly kind: "unchanged" }
  | {
      readonly kind: "list";
      readonly runtime: RuntimeName;
      /** What is restarted when one container has to be (rkt: the pod). */
      readonly restartUnit: "container" | "pod";
      readonly pods: readonly PodSnapshot[];
      readonly images: readonly ImageName[];
      /** Empty: there is no network yet. */
      readonly podCIDR: string;
    }
  | { readonly kind: "sandbox"; readonly sandboxId: SandboxId }
  | { readonly kind: "container"; readonly containerId: ContainerId }
  | { readonly kind: "probed"; readonly success: boolean }
  | { readonly kind: "error"; readonly code: CriErrorCode; readonly message: string };

/** What a kubelet says to the runtime of its host. */
export type CriClientMessage =
  | { readonly kind: "criCall"; readonly id: RequestId; readonly request: CriRequest }
  /** The caller waits no longer (a gRPC deadline cancels the call at the server). */
  | { readonly kind: "criCancel"; readonly id: RequestId }
  /** It has just started: nobody waits for what it asked for before (a gRPC connection that breaks cancels its calls). */
  | { readonly kind: "criConnect" };

/**
 * What the runtime says. `incarnation` tells its boots apart; `version` counts its changes since then. Each change is told
 * once, with what the pod then has: in the answer of the call that made it, or in an event (KEP-3386).
 */
export type CriServerMessage =
  /** It has just started: whatever was under way is lost. */
  | { readonly kind: "criHello"; readonly incarnation: number }
  | {
      readonly kind: "criAnswer";
      readonly id: RequestId;
      readonly incarnation: number;
      readonly version: number;
      readonly result: CriResult;
      /** Of the pod that was changed; null: nothing was. */
      readonly pod: PodSnapshot | null;
    }
  | {
      readonly kind: "criEvent";
      readonly incarnation: number;
      readonly version: number;
      readonly pod: PodSnapshot;
    };

export type CriMessage = CriClientMessage | CriServerMessage;

/** A call that takes its time; it happens when it is due, or never if the daemon stops before. */
export interface Operation {
  readonly id: RequestId;
  readonly from: ProcessId;
  readonly request: CriRequest;
  /** Monotonic; 0: it does not come to an end by itself. Of a stop, when SIGKILL follows. */
  readonly dueNow: Micros;
}

/** What is on the disk, and what runs on the host whether or not the daemon does. */
export interface RuntimeDurable {
  /** Of the host, when the daemon was started last; 0: never. */
  readonly hostBoots: number;
  readonly sandboxes: readonly RuntimeSandbox[];
  readonly containers: readonly RuntimeContainer[];
  readonly images: readonly ImageName[];
  /** Addresses go round (host-local's last reserved); 0: none yet. */
  readonly lastAddress: number;
  /** The network's configuration, as the kubelet said; empty: it said nothing. */
  readonly podCIDR: string;
}

export type RuntimeRecord =
  | { readonly kind: "booted"; readonly hostBoots: number }
  | { readonly kind: "sandbox"; readonly sandbox: RuntimeSandbox; readonly lastAddress: number }
  | { readonly kind: "container"; readonly container: RuntimeContainer }
  | { readonly kind: "containerRemoved"; readonly id: ContainerId }
  | { readonly kind: "sandboxRemoved"; readonly id: SandboxId }
  | { readonly kind: "image"; readonly image: ImageName }
  | { readonly kind: "network"; readonly podCIDR: string };

export interface RuntimeState {
  readonly kind: "runtime";
  readonly config: RuntimeConfig;
  readonly hostBoots: number;
  readonly incarnation: number;
  readonly version: number;
  readonly sandboxes: readonly RuntimeSandbox[];
  /** What runs now is what is `running` here; in the order of creation. */
  readonly containers: readonly RuntimeContainer[];
  readonly images: readonly ImageName[];
  /** Made since the boot, of sandboxes and containers. */
  readonly ids: number;
  readonly lastAddress: number;
  /** Where sandboxes get their addresses from; empty: there is no network yet. */
  readonly podCIDR: string;
  readonly operations: readonly Operation[];
  /** Names that a creation under way has reserved. */
  readonly reserved: readonly string[];
  /** Creations that did not come to an end, by pod UID and container. */
  readonly stalled: readonly { readonly podUid: Uid; readonly container: string; readonly times: number }[];
  /** When the timer is due; 0: it is not set. */
  readonly timerNow: Micros;
}

export interface RuntimeTypes extends MachineTypes {
  readonly state: RuntimeState;
  readonly message: CriMessage | NetworkMessage;
  readonly request: never;
  readonly response: never;
  readonly record: RuntimeRecord;
  readonly durable: RuntimeDurable;
  readonly config: RuntimeConfig;
}

/** A program that starts at once, is ready, runs for ever, and stops soon after SIGTERM. */
export const DEFAULT_BEHAVIOUR: Behaviour = Object.freeze({
  image: "*",
  startsAfterUs: 0,
  readyAfterUs: 0,
  exitsAfterUs: 0,
  exitCode: 0,
  exitsTimes: 0,
  hangsAfterUs: 0,
  ignoresSigterm: false,
  stopsAfterUs: 100_000,
  stopsWithError: false,
  memoryBytes: 32 * 1024 * 1024,
  pullUs: 500_000,
  pullFails: false,
  createStalls: 0,
});
