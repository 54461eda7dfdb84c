import { deepFreeze, type Input, type Step } from "../../kernel/index.ts";
import type {
  ApiClientMessage,
  ApiMessage,
  ApiRequest,
  ApiResponse,
  ApiWatchRequest,
  WatchEvent,
} from "../../machinery/api.ts";
import { API_DEFAULTS } from "../../machinery/client/api.ts";
import { withCondition } from "../../machinery/conditions.ts";
import type { Binding, KubeObject, Lease, Node, Pod } from "../../machinery/kinds/index.ts";
import { keyFor, keyOf, withMeta } from "../../machinery/meta.ts";
import { mergePatch, strategicMergePatch } from "../../machinery/patch.ts";
import { resourceOfKind } from "../../machinery/resources.ts";
import { conflict, notFound, objectResponse, statusResponse, success, uidConflict } from "../../machinery/status.ts";
import { timeOf } from "../../machinery/time.ts";
import { scheduler } from "../scheduler.ts";
import type { SchedulerConfig, SchedulerState, SchedulerTypes } from "../types.ts";

export function podOf(name: string, spec: Partial<Pod["spec"]> = {}, cpu = "100m"): Pod {
  const containers = [{ name: "c", resources: { requests: { cpu } } }];
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "a" }, spec: { containers, ...spec } };
}

export function nodeOf(
  name: string,
  cpu = "1",
  spec: Node["spec"] = {},
  labels: Readonly<Record<string, string>> = {},
): Node {
  const allocatable = { cpu, memory: "1Gi", pods: "10" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels },
    spec,
    status: { allocatable, capacity: allocatable },
  };
}

/**
 * A scheduler and an API that answers it at once, in a test: all that is sent is carried, unless the test holds it back.
 * It records the inputs, so that the contract of a machine can be tried on them.
 */
export class Drill {
  readonly config: SchedulerConfig;
  readonly inputs: Input<SchedulerTypes>[] = [];
  readonly notes: string[] = [];
  /** What it has asked for, but for elections and informers, in short. */
  readonly requests: string[] = [];
  state: SchedulerState;
  now = 1_000_000;
  readonly timers = new Map<string, number>();
  /** By resource and key. */
  readonly objects = new Map<string, KubeObject>();
  revision = 1;
  /** What becomes of a call: null, no answer; undefined, the ordinary one. */
  intercept: ((request: ApiRequest) => ApiResponse | null | undefined) | null = null;
  /** Held back while true: the informers hear nothing. */
  deaf = false;
  #watches: { readonly id: string; readonly request: ApiWatchRequest; sequence: number }[] = [];
  readonly #held: (() => void)[] = [];
  readonly #mail: ApiMessage[] = [];

  constructor(over: Partial<SchedulerConfig> = {}) {
    const api = { id: "scheduler-1", user: "system:kube-scheduler", servers: ["api-1"], ...API_DEFAULTS };
    const quiet = { attemptMinUs: 0, attemptMaxUs: 0, csi: false, emitsEvents: false };
    this.config = { id: "scheduler-1", api, kind: "scheduler", ...quiet, ...over } as SchedulerConfig;
    const step = scheduler.boot(null, this.config, { now: this.now, wall: this.now, hostBoots: 1 });
    this.state = step.state;
    this.#carryOut(step);
    this.deliver();
  }

  put<O extends KubeObject>(object: O): O {
    const resource = resourceOfKind(object.apiVersion, object.kind).name;
    const path = `${resource}:${keyOf(object)}`;
    const old = this.objects.get(path);
    const uid = object.metadata.uid ?? old?.metadata.uid ?? `uid-${this.revision}`;
    const stored = deepFreeze(withMeta(object, { uid, resourceVersion: String(++this.revision) }));
    this.objects.set(path, stored);
    this.#tell(resource, { type: old === undefined ? "ADDED" : "MODIFIED", object: stored });
    return stored;
  }

  remove(resource: string, key: string): void {
    const old = this.objects.get(`${resource}:${key}`)!;
    this.objects.delete(`${resource}:${key}`);
    this.#tell(resource, { type: "DELETED", object: withMeta(old, { resourceVersion: String(++this.revision) }) });
  }

  pod(name: string): Pod {
    return this.objects.get(`pods:a/${name}`) as Pod;
  }

  /** The node of each pod, in the order of the names. */
  placement(): Readonly<Record<string, string>> {
    const pods = [...this.objects].filter(([path]) => path.startsWith("pods:")).map(([, object]) => object as Pod);
    return Object.fromEntries(pods.map(({ metadata, spec }) => [metadata.name, spec.nodeName ?? ""]).sort());
  }

  /** The informers hear what they have missed. */
  hear(): void {
    this.deaf = false;
    for (const tell of this.#held.splice(0)) tell();
    this.deliver();
  }

  /** What is on the way arrives, and timers that are due fire, until there is nothing left to do now. */
  deliver(): void {
    for (;;) {
      const message = this.#mail.shift();
      if (message !== undefined) {
        this.input({ kind: "receive", from: "api-1", message: deepFreeze(message), now: this.now, wall: this.now });
        continue;
      }
      const due = [...this.timers].find(([, at]) => at <= this.now);
      if (due === undefined) return;
      this.#fire(due[0]);
    }
  }

  #fire(name: string): void {
    this.timers.delete(name);
    this.input({ kind: "timer", name, now: this.now, wall: this.now });
  }

  /** Time goes on, timers fire. */
  pass(us: number): void {
    const until = this.now + us;
    for (;;) {
      this.deliver();
      const [next] = [...this.timers].sort(([, one], [, two]) => one - two);
      if (next === undefined || next[1] > until) break;
      this.now = Math.max(this.now, next[1]);
      this.#fire(next[0]);
    }
    this.now = until;
  }

  input(input: Input<SchedulerTypes>): void {
    this.inputs.push(input);
    const step = scheduler.step(this.state, input);
    this.state = step.state;
    this.#carryOut(step);
  }

  #carryOut({ effects }: Step<SchedulerTypes>): void {
    for (const effect of effects) {
      if (effect.kind === "send") this.#receive(effect.message as ApiClientMessage);
      else if (effect.kind === "setTimer") this.timers.set(effect.name, this.now + effect.minUs);
      else if (effect.kind === "cancelTimer") this.timers.delete(effect.name);
      else if (effect.kind === "note") this.notes.push(effect.name);
    }
  }

  #receive(message: ApiClientMessage): void {
    if (message.kind === "apiWatch") this.#watches.push({ id: message.watchId, request: message.request, sequence: 0 });
    else if (message.kind === "apiWatchStop") this.#watches = this.#watches.filter(({ id }) => id !== message.watchId);
    else if (message.kind === "apiPing") {
      const watch = this.#watches.find(({ id }) => id === message.watchId)!;
      this.#mail.push({ kind: "apiPong", watchId: watch.id, sequence: watch.sequence });
    } else if (message.kind === "apiCall") {
      const instead = this.intercept?.(message.request);
      const response = instead === undefined ? this.#answer(message.request) : instead;
      if (response !== null) this.#mail.push({ kind: "apiAnswer", id: message.id, response });
    }
  }

  #tell(resource: string, event: WatchEvent): void {
    const tell = () => {
      for (const watch of this.#watches)
        if (watch.request.resource === resource)
          this.#mail.push({ kind: "apiWatchEvents", watchId: watch.id, sequence: watch.sequence++, events: [event] });
    };
    if (this.deaf) this.#held.push(tell);
    else tell();
  }

  #answer(request: ApiRequest): ApiResponse {
    const path = "name" in request ? `${request.resource}:${keyFor(request.namespace, request.name)}` : "";
    const stored = this.objects.get(path);
    if (request.resource !== "leases" && request.verb !== "list") this.requests.push(described(request));
    switch (request.verb) {
      case "list": {
        const items = [...this.objects]
          .filter(([one]) => one.startsWith(`${request.resource}:`))
          .map(([, object]) => object);
        return { kind: "list", items, resourceVersion: String(this.revision), continue: "", remainingItemCount: -1 };
      }
      case "create":
        return request.subresource === "binding"
          ? this.#bind(request.object as Binding, stored as Pod)
          : this.#created(request.object);
      case "update": {
        const isOld = request.object.metadata.resourceVersion !== stored?.metadata.resourceVersion;
        return isOld
          ? statusResponse(conflict(request.resource, request.name))
          : objectResponse(this.put(request.object));
      }
      case "patch": {
        if (stored === undefined) return statusResponse(notFound(request.resource, request.name));
        const patch = request.type === "merge" ? mergePatch : strategicMergePatch;
        return objectResponse(this.put(patch(stored as never, request.patch) as unknown as KubeObject));
      }
      case "delete":
        if (stored === undefined) return statusResponse(notFound(request.resource, request.name));
        if (request.options.preconditions?.uid !== stored.metadata.uid)
          return statusResponse(uidConflict("pods", request.name, "", stored.metadata.uid ?? ""));
        return objectResponse(this.put(withMeta(stored, { deletionTimestamp: timeOf(this.now) })));
      default:
        return stored === undefined ? statusResponse(notFound(request.resource, "name")) : objectResponse(stored);
    }
  }

  #created(object: KubeObject): ApiResponse {
    return objectResponse(this.put(object as Lease));
  }

  /** kubernetes pkg/registry/core/pod/storage, BindingREST. */
  #bind({ metadata, target }: Binding, pod: Pod | undefined): ApiResponse {
    if (pod === undefined) return statusResponse(notFound("pods", metadata.name));
    if (metadata.uid !== pod.metadata.uid)
      return statusResponse(uidConflict("pods", metadata.name, metadata.uid ?? "", pod.metadata.uid ?? ""));
    if (pod.spec.nodeName !== undefined) return statusResponse(conflict("pods", metadata.name, "already assigned"));
    const condition = { type: "PodScheduled", status: "True" } as const;
    const conditions = withCondition(pod.status?.conditions, condition, timeOf(this.now));
    this.put({ ...pod, spec: { ...pod.spec, nodeName: target.name }, status: { ...pod.status, conditions } });
    return statusResponse(success());
  }
}

function described(request: ApiRequest): string {
  if (request.verb === "create" && request.subresource === "binding")
    return `bind ${request.name} to ${(request.object as Binding).target.name}`;
  const subresource = "subresource" in request && request.subresource !== "" ? `/${request.subresource}` : "";
  return `${request.verb} ${request.resource}${subresource} ${"name" in request ? request.name : ""}`;
}
