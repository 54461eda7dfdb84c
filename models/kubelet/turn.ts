import { type Micros, mapDelete, mapGet, mapSet, type OrderedMap, type RequestId } from "../kernel/index.ts";
import { Api } from "../machinery/client/api.ts";
import type { Node, Pod, PodStatus, Uid } from "../machinery/kinds/index.ts";
import { Turn } from "../machinery/turn.ts";
import type { CriRequest, PodSnapshot } from "../runtime/types.ts";
import { dueOf, firstDue, withDue } from "./agenda.ts";
import type {
  Agenda,
  CriCall,
  KubeletConfig,
  KubeletState,
  KubeletTypes,
  NodeReport,
  PodReport,
  PodWorker,
  RuntimeView,
} from "./types.ts";

/** The one timer of a kubelet beside that of its API client. */
export const KUBELET_TIMER = "kubelet";

/** When calls other than probes are looked at whose time may be over: the earliest deadline, or one that has been. */
export const CALLS_DUE = "calls";

/** One step of a kubelet in the making. What is in it is replaced, never changed. */
export class KubeletTurn extends Turn<KubeletTypes> {
  readonly config: KubeletConfig;
  readonly api: Api<KubeletTypes>;
  readonly bootedNow: Micros;
  workers: OrderedMap<PodWorker>;
  reports: OrderedMap<PodReport>;
  unreported: readonly Uid[];
  reporting: Uid;
  doubtful: readonly Uid[];
  runtime: RuntimeView;
  calls: OrderedMap<CriCall>;
  node: NodeReport;
  agenda: Agenda;
  /** Pods that are to be looked at before the step ends, in the order of their news. */
  readonly dirty = new Set<Uid>();
  #ids: number;
  #timerNow: Micros;

  constructor(state: KubeletState, clock: { readonly now: Micros; readonly wall: Micros }) {
    super(clock);
    this.config = state.config;
    this.api = new Api<KubeletTypes>(state.config.api, state.api, this);
    this.bootedNow = state.bootedNow;
    this.workers = state.workers;
    this.reports = state.reports;
    this.unreported = state.unreported;
    this.reporting = state.reporting;
    this.doubtful = state.doubtful;
    this.runtime = state.runtime;
    this.calls = state.calls;
    this.node = state.node;
    this.agenda = state.agenda;
    this.#ids = state.ids;
    this.#timerNow = state.timerNow;
  }

  worker(uid: Uid): PodWorker | null {
    return mapGet(this.workers, uid) ?? null;
  }

  /** Keeps a worker, and when it is due. */
  keep(worker: PodWorker): PodWorker {
    this.workers = mapSet(this.workers, worker.uid, worker);
    let due = worker.dueNow;
    for (const { dueNow } of worker.probes) if (dueNow > 0 && (due === 0 || dueNow < due)) due = dueNow;
    this.due(`pod/${worker.uid}`, due);
    return worker;
  }

  forget(uid: Uid): void {
    this.workers = mapDelete(this.workers, uid);
    this.reports = mapDelete(this.reports, uid);
    this.unreported = this.unreported.filter((one) => one !== uid);
    this.doubtful = this.doubtful.filter((one) => one !== uid);
    this.due(`pod/${uid}`, 0);
  }

  /** Something is due at a time; 0: not any more. */
  due(name: string, at: Micros): void {
    this.agenda = withDue(this.agenda, name, at === 0 ? 0 : Math.max(at, 1));
  }

  /** What the runtime has of a pod. */
  snapshot(uid: Uid): PodSnapshot {
    return mapGet(this.runtime.pods, uid) ?? { podUid: uid, sandboxes: [], containers: [] };
  }

  /** The status of a pod as it is to be told, or as the API has it. */
  statusOf(worker: PodWorker): PodStatus {
    return mapGet(this.reports, worker.uid)?.status ?? worker.pod.status ?? {};
  }

  get ownNode(): Node | null {
    return this.api.view<Node>("nodes").get("", this.config.node);
  }

  apiPod(namespace: string, name: string): Pod | null {
    return this.api.view<Pod>("pods").get(namespace, name);
  }

  /** Asks something of the runtime. */
  ask(podUid: Uid, about: string, request: CriRequest, timeoutUs: Micros): RequestId {
    this.#ids += 1;
    const id = `${this.config.id}@${this.bootedNow}/cri-${this.#ids}`;
    const deadlineNow = this.now + timeoutUs;
    this.calls = mapSet(this.calls, id, { id, podUid, what: request.kind, about, deadlineNow });
    if (request.kind === "probe") this.due(`call/${id}`, deadlineNow);
    else {
      const dueNow = dueOf(this.agenda, CALLS_DUE);
      if (dueNow === 0 || deadlineNow < dueNow) this.due(CALLS_DUE, deadlineNow);
    }
    this.send(this.config.runtime, { kind: "criCall", id, request });
    return id;
  }

  /** A call is over, or nobody waits for it any more. */
  takeCall(id: RequestId): CriCall | null {
    const call = mapGet(this.calls, id) ?? null;
    if (call === null) return null;
    this.calls = mapDelete(this.calls, id);
    if (call.what === "probe") this.due(`call/${id}`, 0);
    return call;
  }

  /** The timer has fired. */
  disarmed(): void {
    this.#timerNow = 0;
  }

  /** Sets the one timer for what is due next, and gives the new state. */
  finish(): KubeletState {
    const next = firstDue(this.agenda)?.at ?? 0;
    if (next !== this.#timerNow) {
      if (next === 0) this.cancelTimer(KUBELET_TIMER);
      else this.setTimer(KUBELET_TIMER, Math.max(0, next - this.now));
    }
    return {
      kind: "kubelet",
      config: this.config,
      api: this.api.state,
      bootedNow: this.bootedNow,
      workers: this.workers,
      reports: this.reports,
      unreported: this.unreported,
      reporting: this.reporting,
      doubtful: this.doubtful,
      runtime: this.runtime,
      calls: this.calls,
      node: this.node,
      agenda: this.agenda,
      ids: this.#ids,
      timerNow: next,
    };
  }
}
