import type { ClusterTypes } from "../../models/cluster/types.ts";
import type { Uid } from "../../models/machinery/kinds/index.ts";
import type { RuntimeContainer, RuntimeState } from "../../models/runtime/types.ts";
import type { Monitor } from "../../src/checkers/property.ts";
import type { ClusterContext, ClusterProcess } from "./cluster-property.ts";
import { subMap } from "./ledger.ts";
import { FedOnce, sharedByRun } from "./shared.ts";

/** A container that runs, as the runtime's host has it. */
export interface Running {
  readonly process: ClusterProcess;
  readonly container: RuntimeContainer;
}

export interface RunningListener {
  started?(running: Running): void;
  /** It runs no more; `now` is what has become of it, or null where it was removed. */
  stopped?(running: Running, now: RuntimeContainer | null): void;
}

/**
 * What really runs on the nodes of a run, whatever the kubelets and the API know of it. Containers go on while their daemon
 * is down, and stop with their host.
 */
export class RunningLedger {
  readonly #byUid = new Map<Uid, Map<string, Running>>();
  readonly #byProcess = new Map<number, Map<string, Running>>();
  readonly #listeners: RunningListener[] = [];
  readonly #processes: readonly ClusterProcess[];
  readonly #feed: FedOnce;

  constructor(context: ClusterContext) {
    this.#processes = context.processes;
    this.#feed = new FedOnce({
      concerns: { changes: ["containers"], messages: [], notes: [] },
      onBoot: (process) => {
        if (process.state.kind === "runtime") this.#take(process, process.state);
      },
      onStep: (process, before, after) => {
        if (after.kind === "runtime" && (before as RuntimeState).containers !== after.containers)
          this.#take(process, after);
      },
    });
  }

  with(own: Monitor<ClusterTypes> = {}): Monitor<ClusterTypes> {
    return this.#feed.with(own);
  }

  listen(listener: RunningListener): void {
    this.#listeners.push(listener);
  }

  /** The containers of a pod that run now. */
  of(uid: Uid): readonly Running[] {
    return [...(this.#byUid.get(uid)?.values() ?? [])].filter((running) => this.#isOn(running));
  }

  /** All that runs on the host of a runtime. */
  on(process: ClusterProcess): readonly Running[] {
    return [...(this.#byProcess.get(process.index)?.values() ?? [])];
  }

  /** The pods of which something runs now. */
  *uids(): Iterable<Uid> {
    for (const uid of this.#byUid.keys()) if (this.of(uid).length > 0) yield uid;
  }

  /** While any process of a host is up, the host is. Nobody can tell where all are down: then nothing is said to run. */
  #isOn({ process }: Running): boolean {
    if (process.status === "up") return true;
    return this.#processes.some(({ host, status }) => host === process.host && status === "up");
  }

  #take(process: ClusterProcess, { containers }: RuntimeState): void {
    const known = subMap(this.#byProcess, process.index);
    const now = new Map(containers.map((container) => [container.id, container]));
    for (const [id, running] of known) {
      const container = now.get(id) ?? null;
      if (container?.state !== "running") this.#stop(known, running, container);
    }
    for (const container of containers)
      if (container.state === "running" && !known.has(container.id)) this.#start(known, { process, container });
  }

  #stop(known: Map<string, Running>, running: Running, now: RuntimeContainer | null): void {
    const { id, podUid } = running.container;
    known.delete(id);
    const ofPod = this.#byUid.get(podUid);
    ofPod?.delete(`${running.process.index} ${id}`);
    if (ofPod?.size === 0) this.#byUid.delete(podUid);
    for (const { stopped } of this.#listeners) stopped?.(running, now);
  }

  #start(known: Map<string, Running>, running: Running): void {
    const { id, podUid } = running.container;
    known.set(id, running);
    subMap(this.#byUid, podUid).set(`${running.process.index} ${id}`, running);
    for (const { started } of this.#listeners) started?.(running);
  }
}

/** What runs on the nodes of the run that a monitor watches. */
export const runningLedgerOf: (context: ClusterContext) => RunningLedger = sharedByRun(
  (context) => new RunningLedger(context),
);
