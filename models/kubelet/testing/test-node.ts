import {
  assert,
  type ContractCase,
  deepFreeze,
  type Effect,
  type Input,
  type Machine,
  type MachineTypes,
} from "../../kernel/index.ts";
import type { ApiClientMessage } from "../../machinery/api.ts";
import { API_DEFAULTS } from "../../machinery/client/api.ts";
import type { ContainerStatus, Pod, PodSpec } from "../../machinery/kinds/index.ts";
import { timeOf } from "../../machinery/time.ts";
import type { RuntimeConfig, RuntimeContainer, RuntimeTypes } from "../../runtime/types.ts";
import { KUBELET_DEFAULTS, type KubeletConfig, type KubeletTypes, kubelet, kubeletInformers } from "../index.ts";
import { FakeApi } from "./fake-api.ts";

type Name = "kubelet" | "runtime";

interface Process<T extends MachineTypes> {
  readonly machine: Machine<T>;
  readonly config: T["config"];
  state: T["state"] | null;
  disk: T["durable"];
  timers: Map<string, number>;
  life: { durable: T["durable"]; clock: { now: number; wall: number }; inputs: Input<T>[] };
}

const LOCAL_US = 30;
const API_US = 1000;

/** A kubelet, its runtime and an API server that is always honest, with a clock that jumps from event to event. */
export class TestNode {
  now = 1_000_000;
  /** Steps taken, of kubelet and runtime. */
  steps = 0;
  readonly api = new FakeApi();
  readonly kubelet: Process<KubeletTypes>;
  readonly runtime: Process<RuntimeTypes>;
  readonly notes = new Map<string, number>();
  readonly messages = new Map<string, number>();
  #hostBoots = 1;
  #queue: { readonly at: number; readonly run: () => void }[] = [];

  constructor(
    runtime: Machine<RuntimeTypes>,
    runtimeConfig: Omit<RuntimeConfig, "id" | "node" | "kubelet">,
    kubeletConfig: Partial<KubeletConfig> = {},
  ) {
    const node = "node-1";
    const api = { id: "kubelet-1", user: `system:node:${node}`, servers: ["api-1"], ...API_DEFAULTS };
    const config: KubeletConfig = {
      ...KUBELET_DEFAULTS,
      id: "kubelet-1",
      node,
      api: { ...api, informers: kubeletInformers(node) },
      runtime: "runtime-1",
      address: "192.168.0.1",
      podCIDR: "10.244.1.0/24",
      ...kubeletConfig,
    };
    const host: RuntimeConfig = { ...runtimeConfig, id: "runtime-1", node, kubelet: "kubelet-1" };
    this.kubelet = process(kubelet, config);
    this.runtime = process(runtime, host);
    this.boot("runtime");
    this.boot("kubelet");
  }

  boot(name: Name): void {
    if (name === "kubelet") this.#boot(name, this.kubelet);
    else this.#boot(name, this.runtime);
  }

  crash(name: Name): void {
    const process = this[name];
    process.state = null;
    process.timers.clear();
  }

  restart(name: Name): void {
    this.crash(name);
    this.boot(name);
  }

  restartHost(): void {
    this.#hostBoots += 1;
    this.crash("kubelet");
    this.crash("runtime");
    this.boot("runtime");
    this.boot("kubelet");
  }

  /** Lets so many seconds pass. */
  run(seconds: number): this {
    const end = this.now + seconds * 1_000_000;
    for (;;) {
      const next = this.#next();
      if (next === null || next.at > end) break;
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = end;
    return this;
  }

  /** Lets seconds pass until something holds; gives how many. */
  until(what: () => boolean, seconds = 600): number {
    const start = this.now;
    while (!what()) {
      assert(this.now < start + seconds * 1_000_000, `not within ${seconds} s`);
      const next = this.#next();
      assert(next !== null, "nothing is left to happen");
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    return (this.now - start) / 1_000_000;
  }

  /** A pod of this node; `spec` is merged over one container `app` of image `app`. */
  addPod(name: string, spec: Partial<PodSpec> = {}, uid = `uid-${name}`): Pod {
    this.api.wall = this.now;
    return this.api.put({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "default", uid, generation: 1, creationTimestamp: timeOf(this.now) },
      spec: {
        nodeName: "node-1",
        restartPolicy: "Always",
        terminationGracePeriodSeconds: 30,
        containers: [{ name: "app", image: "app" }],
        ...spec,
      },
      status: { phase: "Pending", qosClass: "BestEffort" },
    } as Pod) as Pod;
  }

  pod(name: string): Pod | null {
    return this.api.get<Pod>("pods", `default/${name}`);
  }

  status(name: string, container = "app"): ContainerStatus | undefined {
    const { containerStatuses = [], initContainerStatuses = [] } = this.pod(name)?.status ?? {};
    return [...containerStatuses, ...initContainerStatuses].find((status) => status.name === container);
  }

  isReady(name: string): boolean {
    return (
      this.pod(name)?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true
    );
  }

  /** What the runtime has on its host of a pod, whether or not it is up. */
  containers(name: string): readonly RuntimeContainer[] {
    return this.runtime.disk.containers.filter(({ podName }) => podName === name);
  }

  running(name: string): readonly RuntimeContainer[] {
    return this.containers(name).filter(({ state }) => state === "running");
  }

  noted(name: string): number {
    return this.notes.get(name) ?? 0;
  }

  /** What a process has been given since its last boot. */
  contractCase(name: Name): ContractCase<KubeletTypes> | ContractCase<RuntimeTypes> {
    const { config, life } = this[name];
    return { durable: life.durable, config, clock: life.clock, inputs: life.inputs } as never;
  }

  #next(): { readonly at: number; readonly run: () => void } | null {
    let next = this.#queue[0] ?? null;
    for (const name of ["kubelet", "runtime"] as const)
      for (const [timer, at] of this[name].timers)
        if (next === null || at < next.at) next = { at, run: () => this.#fire(name, timer) };
    if (next !== null && next === this.#queue[0]) return { at: next.at, run: this.#takeFirst };
    return next;
  }

  readonly #takeFirst = () => {
    this.#queue.shift()!.run();
  };

  #fire(name: Name, timer: string): void {
    this[name].timers.delete(timer);
    this.#give(name, { kind: "timer", name: timer, now: this.now, wall: this.now });
  }

  #later(us: number, run: () => void): void {
    const at = this.now + us;
    let place = this.#queue.length;
    while (place > 0 && this.#queue[place - 1]!.at > at) place -= 1;
    this.#queue.splice(place, 0, { at, run });
  }

  #boot<T extends MachineTypes>(name: Name, process: Process<T>): void {
    const clock = { now: this.now, wall: this.now };
    process.life = { durable: process.disk, clock, inputs: [] };
    const { state, effects } = process.machine.boot(process.disk, process.config, {
      ...clock,
      hostBoots: this.#hostBoots,
    });
    process.state = deepFreeze(state);
    this.#carryOut(name, process, effects);
  }

  #give(name: Name, input: unknown): void {
    if (name === "kubelet") this.#step(name, this.kubelet, input as Input<KubeletTypes>);
    else this.#step(name, this.runtime, input as Input<RuntimeTypes>);
  }

  #step<T extends MachineTypes>(name: Name, process: Process<T>, input: Input<T>): void {
    if (process.state === null) return;
    this.steps += 1;
    process.life.inputs.push(input);
    const { state, effects } = process.machine.step(process.state, deepFreeze(input));
    process.state = deepFreeze(state);
    this.#carryOut(name, process, effects);
  }

  #carryOut<T extends MachineTypes>(name: Name, process: Process<T>, effects: readonly Effect<T>[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case "send":
          this.#send(name, effect.to, effect.message as { readonly kind: string });
          break;
        case "persist":
          process.disk = process.machine.disk.write(process.disk, effect.record);
          break;
        case "setTimer":
          process.timers.set(effect.name, this.now + effect.minUs);
          break;
        case "cancelTimer":
          process.timers.delete(effect.name);
          break;
        case "note":
          this.notes.set(effect.name, this.noted(effect.name) + 1);
          break;
        case "reply":
          break;
      }
    }
  }

  #send(from: Name, to: string, message: { readonly kind: string }): void {
    this.messages.set(message.kind, (this.messages.get(message.kind) ?? 0) + 1);
    if (to !== "api-1") {
      const receiver: Name = to === "kubelet-1" ? "kubelet" : "runtime";
      const { life } = this[receiver];
      this.#later(LOCAL_US, () => {
        // A connection is to one life of a process.
        if (this[receiver].life === life)
          this.#give(receiver, { kind: "receive", from: `${from}-1`, message, now: this.now, wall: this.now });
      });
      return;
    }
    this.#later(API_US, () => {
      this.api.wall = this.now;
      this.api.receive("kubelet-1", message as ApiClientMessage);
      this.flushApi();
    });
  }

  /** Sends what the API server has to say. */
  flushApi(): void {
    const { out } = this.api;
    this.api.out = [];
    for (const message of out)
      this.#later(API_US, () =>
        this.#give("kubelet", { kind: "receive", from: "api-1", message, now: this.now, wall: this.now }),
      );
  }
}

function process<T extends MachineTypes>(machine: Machine<T>, config: T["config"]): Process<T> {
  const clock = { now: 0, wall: 0 };
  return {
    machine,
    config: deepFreeze(config),
    state: null,
    disk: machine.disk.empty,
    timers: new Map(),
    life: { durable: machine.disk.empty, clock, inputs: [] },
  };
}
