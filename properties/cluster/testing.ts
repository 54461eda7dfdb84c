/** A hand-driven cluster, to show a property what it should see and what it should not. */

import type { ClusterTypes } from "../../models/cluster/types.ts";
import { append, emptyOrderedMap, emptyVector } from "../../models/kernel/index.ts";
import type { ApiRequest, ApiResponse } from "../../models/machinery/api.ts";
import type { KubeObject, Pod } from "../../models/machinery/kinds/index.ts";
import { resourceOfKind } from "../../models/machinery/resources.ts";
import { INITIAL_STORE } from "../../models/store/state.ts";
import type { StoreState } from "../../models/store/types.ts";
import type { Monitor } from "../../src/checkers/property.ts";
import type {
  ClusterContext,
  ClusterInput,
  ClusterMessage,
  ClusterProcess,
  ClusterProperty,
} from "./cluster-property.ts";
import { joinKey } from "./objects.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Fields of an object that a test says; the rest is filled in. */
// biome-ignore lint/suspicious/noExplicitAny: tests write objects as manifests do.
export type Loose = any;

const KINDS: Readonly<Record<string, string>> = {
  m: "member",
  api: "apiServer",
  "controller-manager": "controllerManager",
  scheduler: "scheduler",
  kubelet: "kubelet",
  runtime: "runtime",
  kubectl: "kubectl",
  proxy: "proxy",
  client: "trafficClient",
};

const TICK = { kind: "timer", now: 0, wall: 0, name: "tick" } as const;

/** A cluster whose steps are dictated, and the monitor of one property that watches it. */
export class ClusterDrill {
  readonly violations: string[] = [];
  reached = false;
  undecided: string | null = null;
  now = 0;
  content: StoreState = {
    ...INITIAL_STORE,
    revision: 1,
    keys: emptyOrderedMap(),
    events: emptyVector(),
    eventsFrom: 2,
  };
  readonly #processes: Mutable<ClusterProcess>[];
  readonly #monitor: Monitor<ClusterTypes>;
  #ids = 0;

  constructor(
    property: ClusterProperty,
    ids: readonly string[] = [
      "m1",
      "m2",
      "api-1",
      "api-2",
      "controller-manager-1",
      "controller-manager-2",
      "scheduler-1",
      "kubelet-1",
      "kubelet-2",
      "runtime-1",
      "runtime-2",
      "kubectl",
    ],
    states: Readonly<Record<string, Loose>> = {},
  ) {
    this.#processes = ids.map((id, index) => newProcess(id, index, this.content, states[id] ?? {}));
    const context: ClusterContext = {
      processes: this.#processes,
      now: () => this.now,
      violate: (explanation) => this.violations.push(explanation),
      reach: () => {
        this.reached = true;
      },
      undecided: (reason) => {
        this.undecided ??= reason;
      },
    };
    this.#monitor = property.monitor(context);
    for (const process of this.#processes) this.#monitor.onBoot?.(process);
  }

  /** Time passes. */
  after(seconds: number): this {
    this.now += seconds * 1_000_000;
    return this;
  }

  get revision(): number {
    return this.content.revision;
  }

  /** An object is written. */
  put(object: Loose): this {
    const { namespaced, storage } = resourceOfKind(object.apiVersion ?? "v1", object.kind);
    const key = `/registry/${storage}/${joinKey(namespaced ? (object.metadata.namespace ?? "default") : "", object.metadata.name)}`;
    return this.write(key, JSON.stringify(object));
  }

  /** An object is deleted from the store. */
  remove(object: Loose): this {
    const { namespaced, storage } = resourceOfKind(object.apiVersion ?? "v1", object.kind);
    const key = `/registry/${storage}/${joinKey(namespaced ? (object.metadata.namespace ?? "default") : "", object.metadata.name)}`;
    return this.write(key, null);
  }

  /** A key of the store is written, or deleted. */
  write(key: string, value: string | null): this {
    const revision = this.content.revision + 1;
    const kv = {
      key,
      value: value ?? "",
      createRevision: value === null ? 0 : revision,
      modRevision: revision,
      version: value === null ? 0 : 1,
      lease: 0,
    };
    this.content = { ...this.content, revision, events: append(this.content.events, [kv]) };
    for (const id of ["m1", "m2"]) {
      const member = this.process(id) as Loose;
      this.step(id, { raft: { ...member.state.raft, application: this.content } });
    }
    return this;
  }

  /** A process sends a call to a server. */
  call(from: string, request: Partial<ApiRequest> & Loose, server = "api-1", id = `${from}-${++this.#ids}`): string {
    this.send(from, server, { kind: "apiCall", id, user: from, request });
    return id;
  }

  answer(id: string, response: ApiResponse, server = "api-1"): this {
    return this.send(server, id.replace(/-\d+$/, ""), { kind: "apiAnswer", id, response });
  }

  /** A call that is answered with the object at the latest revision. */
  done(id: string, object: Loose, revision = this.revision): this {
    const versioned = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
    return this.answer(id, { kind: "object", object: versioned, warnings: [] });
  }

  send(from: string, to: string, message: ClusterMessage): this {
    this.#monitor.onSend?.(this.process(from), to, message);
    return this;
  }

  /** A process takes a step to a changed state; what a runtime has is then on its disk. */
  step(id: string, changes: Loose, input: ClusterInput = TICK as ClusterInput): this {
    this.stepUnwritten(id, changes, input);
    const process = this.process(id);
    const { kind, containers } = process.state as Loose;
    if (kind === "runtime") process.durable = { containers } as never;
    return this;
  }

  /** The same, and it crashes before it has written. */
  stepUnwritten(id: string, changes: Loose, input: ClusterInput = TICK as ClusterInput): this {
    const process = this.process(id);
    const before = process.state;
    process.state = { ...(before as Loose), ...changes };
    this.#monitor.onStep?.(process, before, process.state, input);
    return this;
  }

  /** A process crashes, and starts again with this state. */
  restart(id: string, state: Loose = {}): this {
    return this.crash(id).boot(id, state);
  }

  crash(id: string): this {
    const process = this.process(id);
    process.status = "down";
    process.incarnation++;
    this.#monitor.onCrash?.(process);
    return this;
  }

  boot(id: string, state: Loose = {}): this {
    const process = this.process(id);
    process.status = "up";
    process.state = { ...(process.state as Loose), ...state };
    this.#monitor.onBoot?.(process);
    return this;
  }

  note(id: string, name: string): this {
    this.#monitor.onNote?.(this.process(id), name);
    return this;
  }

  ask(id: string, body: Loose): this {
    this.#monitor.onRequest?.(this.process(id), `r${++this.#ids}`, body);
    return this;
  }

  fault(kind: string): this {
    this.#monitor.onFault?.(kind);
    return this;
  }

  atEnd(): this {
    this.#monitor.atEnd?.();
    return this;
  }

  get pending(): string | null {
    return this.#monitor.pending?.() ?? null;
  }

  get violated(): string | null {
    return this.violations[0] ?? null;
  }

  process(id: string): Mutable<ClusterProcess> {
    const found = this.#processes.find((process) => process.id === id);
    if (found === undefined) throw new Error(`no process ${id}`);
    return found;
  }
}

function newProcess(id: string, index: number, content: StoreState, state: Loose): Mutable<ClusterProcess> {
  const [, prefix = "", number = ""] = /^(.*?)-?(\d*)$/.exec(id) ?? [];
  const kind = KINDS[prefix];
  const host = prefix === "kubelet" || prefix === "runtime" ? `node-${number}` : `master-${number}`;
  const own = ownState(kind, content);
  const config = { kind, id, node: host, nodeName: host };
  return {
    id,
    index,
    host,
    status: "up",
    incarnation: 0,
    state: { kind, config, ...own, ...state },
    durable: null,
    config,
  } as Loose;
}

/** What a process of a kind begins with, as far as properties look at it. */
function ownState(kind: string | undefined, content: StoreState): Loose {
  switch (kind) {
    case "member":
      return { raft: { application: content } };
    case "runtime":
      return { containers: [], sandboxes: [], hostBoots: 1 };
    case "kubelet":
      return { workers: emptyOrderedMap(), reports: emptyOrderedMap() };
    default:
      return {};
  }
}

/** An object of a kind, with a UID that follows from kind and name unless one is said. */
export function objectOf(kind: string, name: string, more: Loose = {}, apiVersion = apiVersionOf(kind)): Loose {
  const { metadata = {}, ...rest } = more;
  const { namespaced } = resourceOfKind(apiVersion, kind);
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespaced ? { namespace: "default" } : {}),
      uid: `${kind}-${name}`,
      generation: 1,
      ...metadata,
    },
    ...rest,
  };
}

function apiVersionOf(kind: string): string {
  switch (kind) {
    case "ReplicaSet":
    case "Deployment":
    case "StatefulSet":
    case "DaemonSet":
    case "ControllerRevision":
      return "apps/v1";
    case "Job":
    case "CronJob":
      return "batch/v1";
    case "EndpointSlice":
      return "discovery.k8s.io/v1";
    case "Lease":
      return "coordination.k8s.io/v1";
    case "PodDisruptionBudget":
      return "policy/v1";
    default:
      return "v1";
  }
}

/** The reference of an object to its controller. */
export function ownedBy(owner: KubeObject | Loose, controller = true): Loose {
  const { apiVersion, kind, metadata } = owner;
  return { ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid, controller }] };
}

/** A pod: of an owner, on a node, with a phase, ready or not. */
export function podOf(
  name: string,
  {
    owner,
    node,
    phase = "Running",
    ready = phase === "Running",
    uid = `Pod-${name}`,
    labels = { app: "web" },
    deleting = false,
    spec = {},
    metadata = {},
    status = {},
  }: Loose = {},
): Pod & Loose {
  return objectOf("Pod", name, {
    metadata: {
      uid,
      labels,
      ...(owner === undefined ? {} : ownedBy(owner)),
      ...(deleting ? { deletionTimestamp: "2026-01-01T00:00:30Z", deletionGracePeriodSeconds: 30 } : {}),
      ...metadata,
    },
    spec: {
      containers: [{ name: "main", image: "web:1" }],
      ...(node === undefined ? {} : { nodeName: node }),
      ...spec,
    },
    status: { phase, conditions: [{ type: "Ready", status: ready ? "True" : "False" }], ...status },
  });
}

/** An object with changed metadata. */
export function withMeta(object: Loose, metadata: Loose): Loose {
  return { ...object, metadata: { ...object.metadata, ...metadata } };
}
