import { mapDelete, mapEntries, mapGet, mapSet } from "../kernel/index.ts";
import { Api } from "../machinery/client/api.ts";
import { Election } from "../machinery/client/election.ts";
import { bindRequest, patchRequest } from "../machinery/client/requests.ts";
import type { Answer, News } from "../machinery/client/types.ts";
import { findCondition, withCondition } from "../machinery/conditions.ts";
import type { Pod } from "../machinery/kinds/index.ts";
import { splitKey } from "../machinery/meta.ts";
import { isSuccess } from "../machinery/status.ts";
import { timeOf } from "../machinery/time.ts";
import type { Turn } from "../machinery/turn.ts";
import { assumePod, forgetPod } from "./cache.ts";
import { claimsOf, isBound, SELECTED_NODE, type StorageViews } from "./claims.ts";
import { decide } from "./cycle.ts";
import { isWaiting, observe } from "./events.ts";
import { note } from "./notes.ts";
import {
  queueDue,
  queueFailed,
  queueFlushBackoff,
  queueFlushUnschedulable,
  queueMoveAll,
  queuePopPod,
  queueUnschedulable,
} from "./queue.ts";
import type { BindingCycle, QueuedPod, SchedulerState, SchedulerTypes } from "./types.ts";

/** The one timer of the queue. */
export const QUEUE_TIMER = "queue";

/** What comes back with an answer: the cycle that asked, by the pod's UID; null: nobody waits for it. */
interface CycleTag {
  readonly uid: string | null;
}

/** A scheduler in one step: its rules replace the parts of its state. */
export class Run {
  readonly turn: Turn<SchedulerTypes>;
  readonly api: Api<SchedulerTypes>;
  readonly election: Election<SchedulerTypes>;
  state: SchedulerState;

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
      : { ...state, api: api.state, election: election.state };
  }

  takeNews({ events }: News, answers: readonly Answer[]): void {
    for (const event of events) this.state = observe(this.state, event, this.turn);
    for (const answer of answers) this.#answered(answer);
    if (events.some(({ resource }) => resource === "persistentvolumeclaims")) this.#claimsChanged();
  }

  wakeQueue(): void {
    const { now } = this.turn;
    const { queue, config } = this.state;
    const tried = queueFlushBackoff(queue, now);
    if (tried !== queue) this.turn.note(note.backedOff);
    const flushed = queueFlushUnschedulable(tried, config, now);
    if (flushed !== tried) this.turn.note(note.flushed);
    this.state = { ...this.state, queue: flushed, wakeAt: 0 };
    this.#giveUpClaims();
  }

  /** schedule_one.go, ScheduleOne, as long as there are pods to be tried and room for their bindings. */
  work(): void {
    if (this.state.phase === "leading" && this.api.synced)
      while (this.state.bindings.size < this.state.config.bindingsMax) {
        const popped = queuePopPod(this.state.queue);
        if (popped === null) break;
        this.state = { ...this.state, queue: popped[0] };
        this.#scheduleOne(popped[1]);
      }
    this.#setTimer();
  }

  /** schedule_one.go, scheduleOne: one decision, and the first request that follows. */
  #scheduleOne(queued: QueuedPod): void {
    const pod = this.api.view<Pod>("pods").byKey(queued.key);
    if (pod === null || pod.metadata.uid !== queued.uid || !isWaiting(pod, this.state)) {
      this.turn.note(note.skipped);
      return;
    }
    const claims = claimsOf(pod, this.#storage());
    const decision = decide(this.state.cache, this.state.config, pod, claims);
    if (decision.kind === "nowhere") {
      if (claims.kind === "refusal") this.turn.note(claims.missing ? note.claimMissing : note.claimUnbound);
      this.#unschedulable(queued, pod, decision.message);
      return;
    }
    const cache = assumePod(this.state.cache, pod, decision.node);
    if (cache === null) return;
    this.turn.note(note.assumed);
    const delayed = claims.kind === "usable" ? claims.delayed : [];
    const cycle: BindingCycle = {
      key: queued.key,
      uid: queued.uid,
      node: decision.node,
      attempts: queued.attempts,
      phase: delayed.length === 0 ? "binding" : "selecting",
      toSelect: delayed.map(({ metadata }) => metadata.name),
      claims: delayed.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
      deadline: this.turn.now + this.state.config.bindTimeoutUs,
    };
    this.state = { ...this.state, cache };
    this.#proceed(cycle);
  }

  /** schedule_one.go, handleSchedulingFailure: the pod waits for a change, and its condition says why. */
  #unschedulable(queued: QueuedPod, pod: Pod, message: string): void {
    const { queue, cache, config } = this.state;
    this.turn.note(cache.byPods.size === 0 ? note.noNodes : note.unschedulable);
    this.state = { ...this.state, queue: queueUnschedulable(queue, config, queued, this.turn.now) };
    const condition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message } as const;
    const conditions = pod.status?.conditions;
    const updated = withCondition(conditions, condition, timeOf(this.turn.wall));
    if (updated === conditions) return;
    const { namespace = "", name, uid = "" } = pod.metadata;
    const patch = { metadata: { uid }, status: { conditions: [{ ...findCondition(updated, "PodScheduled")! }] } };
    const tag: CycleTag = { uid: null };
    this.api.call(patchRequest("pods", namespace, name, patch, { type: "strategic", subresource: "status" }), {
      ...tag,
    });
  }

  /** The next request of a cycle: the nodes of its claims, one by one, and then the binding. */
  #proceed(cycle: BindingCycle): void {
    const tag: CycleTag = { uid: cycle.uid };
    this.state = { ...this.state, bindings: mapSet(this.state.bindings, cycle.uid, cycle) };
    const [namespace, name] = splitKey(cycle.key);
    if (cycle.phase === "selecting") {
      const patch = { metadata: { annotations: { [SELECTED_NODE]: cycle.node } } };
      this.api.call(patchRequest("persistentvolumeclaims", namespace, cycle.toSelect[0]!, patch), { ...tag });
      return;
    }
    const pod = { metadata: { namespace, name, uid: cycle.uid } } as Pod;
    this.api.call(bindRequest(pod, cycle.node), { ...tag });
  }

  #answered({ tag, response }: Answer): void {
    const { uid } = tag as unknown as CycleTag;
    const cycle = uid === null ? undefined : mapGet(this.state.bindings, uid);
    if (cycle === undefined) return;
    this.state = { ...this.state, bindings: mapDelete(this.state.bindings, cycle.uid) };
    if (!isSuccess(response)) {
      this.turn.note(response === null ? note.bindUnknown : note.bindFailed);
      this.#failed(cycle);
    } else if (cycle.phase === "selecting") this.#selected(cycle);
    // schedule_one.go, FinishBinding: it stays assumed until it is seen bound.
    else this.turn.note(note.bound);
  }

  /** binder.go, BindPodVolumes: all are told, and then it waits until they are bound. */
  #selected(cycle: BindingCycle): void {
    const toSelect = cycle.toSelect.slice(1);
    if (toSelect.length > 0) {
      this.#proceed({ ...cycle, toSelect });
      return;
    }
    this.turn.note(note.claimsSelected);
    const waiting: BindingCycle = { ...cycle, toSelect, phase: "waiting" };
    this.state = { ...this.state, waiting: mapSet(this.state.waiting, cycle.uid, waiting) };
    this.#checkClaims(waiting);
  }

  /** binder.go, checkBindings: once all are bound, the pod is; where one has gone, it begins anew. */
  #checkClaims(cycle: BindingCycle): void {
    const { claims } = this.#storage();
    const found = cycle.claims.map((key) => claims.byKey(key));
    const isGone = found.some((claim) => claim === null);
    if (!isGone && !found.every((claim) => isBound(claim!))) return;
    this.state = { ...this.state, waiting: mapDelete(this.state.waiting, cycle.uid) };
    if (isGone) this.#failed(cycle);
    else {
      this.turn.note(note.claimsBound);
      this.#proceed({ ...cycle, phase: "binding" });
    }
  }

  #claimsChanged(): void {
    for (const [, cycle] of mapEntries(this.state.waiting)) this.#checkClaims(cycle);
  }

  #giveUpClaims(): void {
    for (const [uid, cycle] of mapEntries(this.state.waiting)) {
      if (cycle.deadline > this.turn.now) continue;
      this.turn.note(note.claimsTimedOut);
      this.state = { ...this.state, waiting: mapDelete(this.state.waiting, uid) };
      this.#failed(cycle);
    }
  }

  /** schedule_one.go, handleBindingCycleError: what was assumed is forgotten, others may have the room, and it is tried again. */
  #failed(cycle: BindingCycle): void {
    const { now } = this.turn;
    const cache = forgetPod(this.state.cache, cycle.uid);
    if (cache === null) return;
    this.turn.note(note.forgotten);
    this.state = { ...this.state, cache, queue: queueMoveAll(this.state.queue, now) };
    const pod = this.api.view<Pod>("pods").byKey(cycle.key);
    if (pod === null || pod.metadata.uid !== cycle.uid || !isWaiting(pod, this.state)) return;
    const { key, uid, attempts } = cycle;
    const priority = pod.spec.priority ?? 0;
    const tried: QueuedPod = { key, uid, priority, attempts, place: "active", order: "", since: now, backoffUntil: 0 };
    this.state = { ...this.state, queue: queueFailed(this.state.queue, this.state.config, tried, now) };
  }

  #storage(): StorageViews {
    return {
      claims: this.api.view("persistentvolumeclaims"),
      volumes: this.api.view("persistentvolumes"),
      classes: this.api.view("storageclasses"),
    };
  }

  /** Sees to it that the timer fires when a pod of the queue, or a cycle that waits for claims, is due. */
  #setTimer(): void {
    let due = queueDue(this.state.queue, this.state.config) ?? Number.MAX_SAFE_INTEGER;
    for (const [, { deadline }] of mapEntries(this.state.waiting)) due = Math.min(due, deadline);
    const { wakeAt } = this.state;
    if (due === Number.MAX_SAFE_INTEGER || (wakeAt !== 0 && wakeAt <= due)) return;
    this.turn.setTimer(QUEUE_TIMER, Math.max(0, due - this.turn.now));
    this.state = { ...this.state, wakeAt: due };
  }
}
