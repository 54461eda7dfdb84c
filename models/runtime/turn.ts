import { assert, type ProcessId, type RequestId } from "../kernel/index.ts";
import type { Uid } from "../machinery/kinds/index.ts";
import { Turn } from "../machinery/turn.ts";
import { withItem } from "./disk.ts";
import { pluginOf, type RuntimePlugin } from "./plugin.ts";
import type {
  ContainerId,
  CriResult,
  Operation,
  PodSnapshot,
  RuntimeConfig,
  RuntimeContainer,
  RuntimeSandbox,
  RuntimeState,
  RuntimeTypes,
} from "./types.ts";

/** One step of a runtime in the making. What is in it is replaced, never changed. */
export class RuntimeTurn extends Turn<RuntimeTypes> {
  readonly config: RuntimeConfig;
  readonly plugin: RuntimePlugin;
  version: number;
  sandboxes: readonly RuntimeSandbox[];
  containers: readonly RuntimeContainer[];
  images: readonly string[];
  ids: number;
  lastAddress: number;
  podCIDR: string;
  operations: readonly Operation[];
  reserved: readonly string[];
  stalled: RuntimeState["stalled"];
  #timerNow: number;
  readonly #before: RuntimeState;

  constructor(state: RuntimeState, clock: { readonly now: number; readonly wall: number }) {
    super(clock);
    this.#before = state;
    this.config = state.config;
    this.plugin = pluginOf(state.config);
    this.version = state.version;
    this.sandboxes = state.sandboxes;
    this.containers = state.containers;
    this.images = state.images;
    this.ids = state.ids;
    this.lastAddress = state.lastAddress;
    this.podCIDR = state.podCIDR;
    this.operations = state.operations;
    this.reserved = state.reserved;
    this.stalled = state.stalled;
    this.#timerNow = state.timerNow;
  }

  /** An id that no other boot of the daemon or the host has made. */
  newId(): string {
    this.ids += 1;
    const { hostBoots, incarnation } = this.#before;
    return `${this.config.node}-${hostBoots}.${incarnation}.${this.ids}`;
  }

  container(id: ContainerId): RuntimeContainer | null {
    return this.containers.find((container) => container.id === id) ?? null;
  }

  /** Keeps a container, in memory and on disk. */
  keepContainer(container: RuntimeContainer): void {
    this.containers = withItem(this.containers, container);
    this.persist({ kind: "container", container }, false);
  }

  keepSandbox(sandbox: RuntimeSandbox): void {
    this.sandboxes = withItem(this.sandboxes, sandbox);
    this.persist({ kind: "sandbox", sandbox, lastAddress: this.lastAddress }, false);
  }

  snapshot(podUid: Uid): PodSnapshot {
    return {
      podUid,
      sandboxes: this.sandboxes.filter((sandbox) => sandbox.podUid === podUid).reverse(),
      containers: this.containers.filter((container) => container.podUid === podUid),
    };
  }

  /** Answers a call. What it has changed in a pod is told with it. */
  answer(to: ProcessId, id: RequestId, result: CriResult, changed: Uid | null = null): void {
    if (changed !== null) this.version += 1;
    this.send(to, {
      kind: "criAnswer",
      id,
      incarnation: this.#before.incarnation,
      version: this.version,
      result,
      pod: changed === null ? null : this.snapshot(changed),
    });
  }

  refuse(to: ProcessId, id: RequestId, code: (CriResult & { kind: "error" })["code"], message: string): void {
    this.answer(to, id, { kind: "error", code, message });
  }

  /** Tells of a change that no call has made (KEP-3386, GetContainerEvents). */
  event(podUid: Uid): void {
    this.version += 1;
    const { incarnation } = this.#before;
    this.send(this.config.kubelet, {
      kind: "criEvent",
      incarnation,
      version: this.version,
      pod: this.snapshot(podUid),
    });
  }

  /** The timer has fired. */
  disarmed(): void {
    this.#timerNow = 0;
  }

  /** Sets the one timer for what is due next, and gives the new state. */
  finish(): RuntimeState {
    const due = this.#nextDue();
    if (due !== this.#timerNow && due > 0) this.setTimer(RUNTIME_TIMER, Math.max(0, due - this.now));
    if (due === 0 && this.#timerNow > 0) this.cancelTimer(RUNTIME_TIMER);
    const { kind, hostBoots, incarnation } = this.#before;
    assert(kind === "runtime", "not the state of a runtime");
    return {
      kind,
      config: this.config,
      hostBoots,
      incarnation,
      version: this.version,
      sandboxes: this.sandboxes,
      containers: this.containers,
      images: this.images,
      ids: this.ids,
      lastAddress: this.lastAddress,
      podCIDR: this.podCIDR,
      operations: this.operations,
      reserved: this.reserved,
      stalled: this.stalled,
      timerNow: due,
    };
  }

  #nextDue(): number {
    let due = 0;
    for (const { state, endsNow } of this.containers)
      if (state === "running" && endsNow > 0 && (due === 0 || endsNow < due)) due = endsNow;
    for (const { dueNow } of this.operations) if (dueNow > 0 && (due === 0 || dueNow < due)) due = dueNow;
    return due;
  }
}

/** The one timer of a runtime: a program ends, or an operation. */
export const RUNTIME_TIMER = "runtime";

/** When something is due after a while; never 0, which stands for not at all. */
export function dueAfter(now: number, us: number): number {
  return Math.max(1, now + us);
}
