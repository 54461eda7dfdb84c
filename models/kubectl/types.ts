import type { MachineTypes, Micros, RequestId } from "../kernel/index.ts";
import type { ApiMessage, ApiRequest, NamespaceName, ResourceName, Status } from "../machinery/api.ts";
import type { ApiConfig, ApiState } from "../machinery/client/types.ts";
import type { DeleteOptions, Json, KubeObject, StringMap, Taint, Uid } from "../machinery/kinds/index.ts";

/** An object by its name; `namespace` is empty for what is cluster-scoped. */
export interface ObjectName {
  readonly resource: ResourceName;
  readonly namespace: NamespaceName;
  readonly name: string;
}

/** What a person asks of kubectl. */
export type Command =
  /** Each object in turn: created if it is not there, else changed to what its manifest says (`kubectl apply`). */
  | { readonly kind: "apply"; readonly objects: readonly KubeObject[] }
  | { readonly kind: "create"; readonly objects: readonly KubeObject[] }
  /** Takes the place of what is there, whatever its version (`kubectl replace`). */
  | { readonly kind: "replace"; readonly object: KubeObject }
  | ({ readonly kind: "scale"; readonly replicas: number } & ObjectName)
  /** `container` `*`: all of them. */
  | ({ readonly kind: "setImage"; readonly container: string; readonly image: string } & ObjectName)
  /** `toRevision` 0: the one before. */
  | ({ readonly kind: "rolloutUndo"; readonly toRevision: number } & ObjectName)
  | ({ readonly kind: "rolloutRestart" } & ObjectName)
  | ({ readonly kind: "rolloutPause"; readonly paused: boolean } & ObjectName)
  /** What is not there is deleted. `wait`: until it is gone. */
  | ({ readonly kind: "delete"; readonly options: DeleteOptions; readonly wait: boolean } & ObjectName)
  | { readonly kind: "cordon"; readonly node: string; readonly unschedulable: boolean }
  /** Cordons, evicts all pods but those of DaemonSets, and waits until they are gone; `timeoutUs` 0: however long. */
  | { readonly kind: "drain"; readonly node: string; readonly gracePeriodSeconds: number; readonly timeoutUs: Micros }
  /** `remove`: taints of these keys go (and of this effect, where one is named). */
  | {
      readonly kind: "taint";
      readonly node: string;
      readonly add: readonly Taint[];
      readonly remove: readonly { readonly key: string; readonly effect: string }[];
    }
  /** null takes a label or an annotation away. */
  | ({
      readonly kind: "label" | "annotate";
      readonly values: Readonly<Record<string, string | null>>;
    } & ObjectName)
  | ({ readonly kind: "patch"; readonly type: "merge" | "strategic"; readonly patch: Json } & ObjectName)
  /** Reads the object and writes it back with these annotations, as a rival of whoever else writes it. */
  | ({ readonly kind: "rewrite"; readonly annotations: StringMap } & ObjectName);

/** Commands of one session are done one after another, those of different sessions at the same time. */
export interface KubectlRequest {
  readonly session: number;
  readonly command: Command;
}

/** What came of a command. `gaveUp`: it is not known, after the last of its tries. */
export type KubectlResponse =
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly status: Status }
  | { readonly kind: "gaveUp" };

/** A pod that a drain is to get rid of. */
export interface DrainedPod {
  readonly namespace: NamespaceName;
  readonly name: string;
  readonly uid: Uid;
  readonly phase: "toEvict" | "refused" | "evicted";
}

/** How far a command has come: what its request under way, or its next one, is for. */
export type Stage =
  /** It reads what it is going to change. */
  | { readonly kind: "reading" }
  /** It writes; a command of one request has no other stage. */
  | { readonly kind: "writing" }
  /** Of `apply` and `create`: which of the objects, and whether it is read, created or changed. */
  | { readonly kind: "object"; readonly index: number; readonly at: "reading" | "creating" | "patching" }
  /** Of `rolloutUndo`: it looks for the earlier revisions of the object. */
  | { readonly kind: "history"; readonly object: KubeObject }
  /** Of `delete`: it looks whether the object of that UID is gone. */
  | { readonly kind: "gone"; readonly uid: Uid }
  | { readonly kind: "cordoning" }
  | { readonly kind: "listing" }
  | { readonly kind: "evicting"; readonly pods: readonly DrainedPod[]; readonly at: number }
  | { readonly kind: "leaving"; readonly pods: readonly DrainedPod[] };

/** A command that a session is at. */
export interface Work {
  readonly id: RequestId;
  readonly command: Command;
  readonly stage: Stage;
  /** Under way; or, where it waits, what it asks after that. */
  readonly request: ApiRequest;
  /** When it goes on, by the local monotonic clock; 0: its request is under way. */
  readonly wakeAt: Micros;
  /** Tries of the request. */
  readonly attempts: number;
  readonly startedAt: Micros;
  /** An earlier try of the request may have happened: no answer came. */
  readonly doubtful: boolean;
}

export interface Session {
  readonly work: Work | null;
  readonly queue: readonly { readonly id: RequestId; readonly command: Command }[];
}

export interface KubectlState {
  readonly kind: "kubectl";
  readonly config: KubectlConfig;
  readonly api: ApiState;
  readonly sessions: readonly Session[];
  /** When the timer is due; 0: it is not set. */
  readonly wakeAt: Micros;
}

/** What a person at a machine of their own starts with. */
export interface KubectlConfig {
  readonly kind: "kubectl";
  readonly api: ApiConfig;
  readonly sessions: number;
  /** A command that failed for want of an answer is tried again after this. */
  readonly retryUs: Micros;
  /** It gives up after so many tries of one request. */
  readonly attemptsMax: number;
  /** An eviction that is refused is tried again after this [5 s]. */
  readonly evictionRetryUs: Micros;
  /** How often a drain looks whether the pods are gone [1 s]. */
  readonly drainPollUs: Micros;
  /** Applied by session 0 at the first start. */
  readonly objects: readonly KubeObject[];
}

/** On disk is only whether the first objects have been asked for. */
export interface KubectlTypes extends MachineTypes {
  readonly state: KubectlState;
  readonly message: ApiMessage;
  readonly request: KubectlRequest;
  readonly response: KubectlResponse;
  readonly record: { readonly kind: "started" };
  readonly durable: { readonly started: boolean };
  readonly config: KubectlConfig;
}
