import type { MachineTypes, Micros, OrderedMap, ProcessId } from "../kernel/index.ts";
import type { ApiMessage } from "../machinery/api.ts";
import type { ElectionConfig, ElectionState } from "../machinery/client/election.ts";
import type { ApiConfig, ApiState } from "../machinery/client/types.ts";
import type { WorkQueue } from "../machinery/client/workqueue.ts";
import type { Json } from "../machinery/kinds/index.ts";

/** Settings of controllers that differ from the real ones: by the controller's name, then by the setting's. */
export type ControllerSettings = Readonly<Record<string, Readonly<Record<string, Json>>>>;

/** What a controller manager is started with. Durations are microseconds; in brackets, kube-controller-manager's values. */
export interface ControllerManagerConfig {
  readonly kind: "controllerManager";
  /** Its identity in the election is the same. */
  readonly id: ProcessId;
  /** Its informers are those of the controllers that run. */
  readonly api: Omit<ApiConfig, "informers">;
  /** The lease `kube-controller-manager` in `kube-system`. */
  readonly election: ElectionConfig;
  /** Which controllers run, by name; `["*"]`: all that there are. */
  readonly controllers: readonly string[];
  readonly settings: ControllerSettings;
  /** How long it takes until a manager that has lost the lead, and so has exited, runs again [1 s: the kubelet's relist]. */
  readonly restartUs: Micros;
}

/** A controller in a manager that leads. */
export interface ControllerSlot {
  readonly name: string;
  /** Its settings: the defaults, and what the manager's config has instead. */
  readonly config: unknown;
  /** What the controller keeps between syncs. */
  readonly state: unknown;
  /** Its informers have completed their first lists, and keys are worked on. */
  readonly started: boolean;
  readonly queue: WorkQueue;
  /** By key: what a sync that waits for an answer keeps. */
  readonly tasks: OrderedMap<unknown>;
}

/**
 * `standby`: it waits for the lead, with no informer running. `leading`: its informers run, and its controllers work.
 * `exited`: it has lost the lead, and will start anew.
 */
export type ManagerPhase = "standby" | "leading" | "exited";

export interface ControllerManagerState {
  readonly kind: "controllerManager";
  readonly config: ControllerManagerConfig;
  /** That of the config with the informers of its controllers. */
  readonly apiConfig: ApiConfig;
  readonly phase: ManagerPhase;
  readonly api: ApiState;
  readonly election: ElectionState;
  /** Those that run, in the order of the table of controllers. */
  readonly slots: readonly ControllerSlot[];
  /** When the timer of the queues is due, by the local monotonic clock; 0: it is not set. */
  readonly wakeAt: Micros;
}

export interface ControllerManagerTypes extends MachineTypes {
  readonly state: ControllerManagerState;
  readonly message: ApiMessage;
  readonly request: never;
  readonly response: never;
  readonly record: never;
  readonly durable: null;
  readonly config: ControllerManagerConfig;
}
