import type { Micros, Note } from "../kernel/index.ts";
import type { ApiRequest, ApiResponse, ResourceName } from "../machinery/api.ts";
import type { View } from "../machinery/client/api.ts";
import type { InformerEvent, InformerSpec } from "../machinery/client/types.ts";
import type { KubeObject } from "../machinery/kinds/index.ts";

/**
 * A controller: it watches, and for one key at a time makes what is into what should be.
 *
 * It acts on its informers' view alone, and makes one request a step, so that a crash between any two is an ordinary
 * event. What it must remember between the requests of one sync is its task; what it must remember between syncs is its
 * state. Both are plain data. Controllers are joined by the manager (`manager.ts`), which runs the work queues (client-go
 * util/workqueue: no key is worked on twice at a time, a key that comes meanwhile is worked on again), the workers, and
 * the election of a leader.
 *
 * @typeParam S what it keeps between syncs: expectations, timers, what it has observed
 * @typeParam Task what it keeps between the requests of one sync
 * @typeParam C its durations and limits, as far as scenarios may want others than the real ones
 */
export interface Controller<S = unknown, Task = unknown, C = unknown> {
  /** As kube-controller-manager names it: `replicaset`, `deployment`, `node-lifecycle`. The queue has its name. */
  readonly name: string;
  /** It runs only where the manager's config names it: `*` is not enough (controllermanager.go, IsControllerEnabled). */
  readonly isDisabledByDefault?: true;
  /** The informers that it needs; those of all controllers are merged by resource. */
  readonly informers: readonly InformerSpec[];
  /** Keys that are worked on at the same time. */
  readonly workers: number;
  /** The real values of its settings; the manager's config may have others for some of them. */
  readonly defaults: C;
  /** What it keeps, when the process starts to lead. */
  readonly initial: S;
  /** Its informers have completed their first lists; called once, before the first sync. */
  started?(turn: ControllerTurn<S, C>): void;
  /** An object in one of its informers has changed: enqueues the keys that it concerns. */
  observe(turn: ControllerTurn<S, C>, event: InformerEvent): void;
  /** Works on a key. */
  sync(turn: ControllerTurn<S, C>, key: string): Outcome<Task>;
  /** The request of a sync is answered; null: it is not known what became of it (no answer in time). */
  answered(turn: ControllerTurn<S, C>, key: string, task: Task, response: ApiResponse | null): Outcome<Task>;
}

/** How a sync goes on. */
export type Outcome<Task> =
  /** It makes a request, and goes on with its answer. */
  | { readonly kind: "call"; readonly request: ApiRequest; readonly task: Task }
  /** All is as it should be, so far as it can see. The key's backoff starts anew. */
  | { readonly kind: "done" }
  /** It failed, and is tried again after the rate limiter's backoff: 5 ms doubling to 1000 s. */
  | { readonly kind: "retry"; readonly error: string }
  /** It is done, and the key comes again after a time. */
  | { readonly kind: "after"; readonly us: Micros };

/** A step of a controller in the making. */
export interface ControllerTurn<S = unknown, C = unknown> {
  /** The controller's settings. */
  readonly config: C;
  /** The local monotonic clock, and the calendar. Microseconds. */
  readonly now: Micros;
  readonly wall: Micros;
  /** What the controller keeps. Replace it; never change it. */
  state: S;
  /** The cache of an informer. */
  view<O extends KubeObject>(resource: ResourceName): View<O>;
  enqueue(key: string): void;
  /** The key comes after a time, and again if it comes sooner by other ways. Of two such times the sooner one stays. */
  enqueueAfter(key: string, us: Micros): void;
  note(note: Note): void;
}

/** The settings of a controller that has none. */
export const NO_SETTINGS: Readonly<Record<string, never>> = Object.freeze({});

export const DONE: Outcome<never> = Object.freeze({ kind: "done" });
