import { mapHas, type Note } from "../kernel/index.ts";
import { Api } from "../machinery/client/api.ts";
import { Election } from "../machinery/client/election.ts";
import type { KubeObject, Pod } from "../machinery/kinds/index.ts";
import type { Turn } from "../machinery/turn.ts";
import { gateOf } from "./framework/cycle.ts";
import type { Listers } from "./framework/listers.ts";
import { podInfoOf } from "./framework/pod-info.ts";
import type { Profile } from "./framework/profile.ts";
import { interestsIn } from "./hints/index.ts";
import { defaultProfile, profileOf } from "./plugins/index.ts";
import { isRunningPreemption } from "./preempting.ts";
import type { QueueRules, Strategy } from "./queue/places.ts";
import { queueMoveAll } from "./queue/queue.ts";
import type { ClusterEvent, QueuedPod, SchedulerState, SchedulerTypes } from "./types.ts";
import { listersOf } from "./views.ts";

const DEFAULT_PROFILES: readonly Profile[] = Object.freeze([defaultProfile()]);

/** A scheduler in one step: its rules replace the parts of its state. */
export class Run implements QueueRules {
  readonly turn: Turn<SchedulerTypes>;
  readonly api: Api<SchedulerTypes>;
  readonly election: Election<SchedulerTypes>;
  state: SchedulerState;
  #profiles: readonly Profile[] | null = null;

  constructor(state: SchedulerState, turn: Turn<SchedulerTypes>) {
    this.turn = turn;
    this.state = state;
    this.api = new Api<SchedulerTypes>(state.apiConfig, state.api, turn);
    this.election = new Election<SchedulerTypes>(state.config.election, state.election, this.api, turn);
  }

  /** What to keep; the state itself where nothing has changed. */
  close(): SchedulerState {
    const { state, api, election } = this;
    return state.api === api.state && state.election === election.state
      ? state
      : updated(state, { api: api.state, election: election.state });
  }

  /** Replaces parts of the state. */
  keep(changes: Partial<SchedulerState>): void {
    this.state = updated(this.state, changes);
  }

  get config() {
    return this.state.config;
  }

  get now() {
    return this.turn.now;
  }

  note(noted: Note): void {
    this.turn.note(noted);
  }

  /** The profile for pods that name a scheduler; null: they are another scheduler's. */
  profileFor(schedulerName: string): Profile | null {
    const { profiles } = this.config;
    this.#profiles ??= profiles.length === 0 ? DEFAULT_PROFILES : profiles.map(profileOf);
    return this.#profiles.find((profile) => profile.schedulerName === schedulerName) ?? null;
  }

  /** Whether a pod without a node is this scheduler's to place (eventhandlers.go, responsibleForPod). */
  isResponsibleFor({ spec }: Pod): boolean {
    return this.profileFor(spec.schedulerName ?? "default-scheduler") !== null;
  }

  listers(): Listers {
    return listersOf(this.api, this.state.storage, this.config.csi);
  }

  /** The pod of that UID as its informer has it, or null. */
  pod(key: string, uid: string): Pod | null {
    const pod = this.api.view<Pod>("pods").byKey(key);
    return pod === null || pod.metadata.uid !== uid ? null : pod;
  }

  gateOf({ key, uid, schedulerName }: QueuedPod): string {
    // default_preemption.go, PreEnqueue: "waiting for the preemption for this pod to be finished".
    if (mapHas(this.state.preemptions, uid) && isRunningPreemption(this, uid)) return "DefaultPreemption";
    const pod = this.pod(key, uid);
    const profile = this.profileFor(schedulerName);
    if (pod === null || profile === null || (pod.spec.schedulingGates ?? []).length === 0) return "";
    return gateOf(profile, podInfoOf(pod))?.plugin ?? "";
  }

  /** scheduling_queue.go, isPodWorthRequeuing: only those who have rejected the pod are asked. */
  strategyFor(queued: QueuedPod, event: ClusterEvent, old: KubeObject | null, object: KubeObject | null): Strategy {
    const { unschedulablePlugins, pendingPlugins } = queued;
    if (unschedulablePlugins.length === 0 && pendingPlugins.length === 0) return "afterBackoff";
    if (event.resource === "wildcard") return "afterBackoff";
    let strategy: Strategy = "skip";
    for (const { plugin, hint } of interestsIn(event)) {
      const isPending = pendingPlugins.includes(plugin);
      if (!isPending && !unschedulablePlugins.includes(plugin)) continue;
      const pod = this.pod(queued.key, queued.uid);
      if (pod === null || (hint !== null && !hint(pod, old, object, this.listers()))) continue;
      if (isPending) return "immediately";
      strategy = "afterBackoff";
      if (pendingPlugins.length === 0) break;
    }
    return strategy;
  }

  /** MoveAllToActiveOrBackoffQueue. */
  moveAll(
    event: ClusterEvent,
    old: KubeObject | null,
    object: KubeObject | null,
    isConcerned?: (pod: QueuedPod) => boolean,
  ): void {
    const queue = queueMoveAll(this.state.queue, this, event, old, object, isConcerned);
    if (queue !== this.state.queue) this.keep({ queue });
  }
}

/** A state with some parts changed, as one literal: spreads of so many fields cost many times as much. */
function updated(state: SchedulerState, changes: Partial<SchedulerState>): SchedulerState {
  return {
    kind: "scheduler",
    config: changes.config === undefined ? state.config : changes.config,
    apiConfig: changes.apiConfig === undefined ? state.apiConfig : changes.apiConfig,
    phase: changes.phase === undefined ? state.phase : changes.phase,
    api: changes.api === undefined ? state.api : changes.api,
    election: changes.election === undefined ? state.election : changes.election,
    queue: changes.queue === undefined ? state.queue : changes.queue,
    cache: changes.cache === undefined ? state.cache : changes.cache,
    snapshot: changes.snapshot === undefined ? state.snapshot : changes.snapshot,
    storage: changes.storage === undefined ? state.storage : changes.storage,
    attempt: changes.attempt === undefined ? state.attempt : changes.attempt,
    lastDecision: changes.lastDecision === undefined ? state.lastDecision : changes.lastDecision,
    nextStart: changes.nextStart === undefined ? state.nextStart : changes.nextStart,
    bindings: changes.bindings === undefined ? state.bindings : changes.bindings,
    waiting: changes.waiting === undefined ? state.waiting : changes.waiting,
    preemptions: changes.preemptions === undefined ? state.preemptions : changes.preemptions,
    events: changes.events === undefined ? state.events : changes.events,
    wakeAt: changes.wakeAt === undefined ? state.wakeAt : changes.wakeAt,
  };
}
