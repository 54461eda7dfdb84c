import { type Micros, ModelBug, mapDelete, mapGet, mapHas, mapSet, type Note, unreachable } from "../kernel/index.ts";
import type { ResourceName } from "../machinery/api.ts";
import { Api, type View } from "../machinery/client/api.ts";
import { Election } from "../machinery/client/election.ts";
import type { Answer, InformerEvent, News } from "../machinery/client/types.ts";
import {
  queueAdd,
  queueAddAfter,
  queueAddRateLimited,
  queueDone,
  queueForget,
  queueNextDue,
  queueTake,
  queueWake,
} from "../machinery/client/workqueue.ts";
import type { KubeObject } from "../machinery/kinds/index.ts";
import type { Turn } from "../machinery/turn.ts";
import type { Controller, ControllerTurn, Outcome } from "./controller.ts";
import { note } from "./notes.ts";
import type { ControllerManagerState, ControllerManagerTypes, ControllerSlot } from "./types.ts";

/** The one timer of all queues. */
export const QUEUE_TIMER = "queues";

type ManagerTurn = Turn<ControllerManagerTypes>;

/** Whose call it is that is answered. */
interface CallTag {
  readonly slot: number;
  readonly key: string;
}

/** One controller in one step of the manager: what the contract of controllers promises, on the slot's queue. */
class OpenSlot implements ControllerTurn {
  readonly controller: Controller;
  readonly before: ControllerSlot;
  readonly config: unknown;
  readonly now: Micros;
  readonly wall: Micros;
  state: unknown;
  started: boolean;
  queue: ControllerSlot["queue"];
  tasks: ControllerSlot["tasks"];
  readonly #api: Api<ControllerManagerTypes>;
  readonly #turn: ManagerTurn;

  constructor(controller: Controller, slot: ControllerSlot, api: Api<ControllerManagerTypes>, turn: ManagerTurn) {
    this.controller = controller;
    this.before = slot;
    this.config = slot.config;
    this.now = turn.now;
    this.wall = turn.wall;
    this.state = slot.state;
    this.started = slot.started;
    this.queue = slot.queue;
    this.tasks = slot.tasks;
    this.#api = api;
    this.#turn = turn;
  }

  view<O extends KubeObject>(resource: ResourceName): View<O> {
    return this.#api.view<O>(resource);
  }

  enqueue(key: string): void {
    this.queue = queueAdd(this.queue, key);
  }

  enqueueAfter(key: string, us: Micros): void {
    this.queue = queueAddAfter(this.queue, key, this.now, us);
  }

  note(noted: Note): void {
    this.#turn.note(noted);
  }

  /** What is kept. The same slot where nothing has changed. */
  close(): ControllerSlot {
    const { before, state, started, queue, tasks } = this;
    if (state === before.state && started === before.started && queue === before.queue && tasks === before.tasks)
      return before;
    return { name: before.name, config: before.config, state, started, queue, tasks };
  }
}

/**
 * A manager that leads, for one step: hands events to the controllers that watch the resource, and lets each work on as
 * many keys as it has workers (client-go util/workqueue; cmd/kube-controller-manager, StartControllers).
 */
export class Run {
  readonly state: ControllerManagerState;
  readonly controllers: readonly Controller[];
  readonly turn: ManagerTurn;
  readonly api: Api<ControllerManagerTypes>;
  readonly election: Election<ControllerManagerTypes>;
  readonly #open: (OpenSlot | undefined)[] = [];
  #wakeAt: Micros;

  /** @param controllers those of the slots, in their order */
  constructor(controllers: readonly Controller[], state: ControllerManagerState, turn: ManagerTurn) {
    this.controllers = controllers;
    this.state = state;
    this.turn = turn;
    this.api = new Api<ControllerManagerTypes>(state.apiConfig, state.api, turn);
    this.election = new Election<ControllerManagerTypes>(state.config.election, state.election, this.api, turn);
    this.#wakeAt = state.wakeAt;
  }

  /** Takes what the API has brought. Answers for the election are taken before this. */
  takeNews(news: News, answers: readonly Answer[]): void {
    for (const event of news.events) this.#observe(event);
    this.#startControllers();
    for (const answer of answers) this.#answered(answer);
  }

  /** Keys whose time has come are added. */
  wakeQueues(): void {
    this.#wakeAt = 0;
    for (let at = 0; at < this.state.slots.length; at++) {
      const due = queueNextDue(this.#slotAt(at).queue);
      if (due === null || due > this.turn.now) continue;
      const slot = this.#openAt(at);
      slot.queue = queueWake(slot.queue, this.turn.now);
    }
  }

  /** Works on what waits, as far as there are workers, and sets the timer for what is to come. */
  work(): void {
    for (let at = 0; at < this.state.slots.length; at++) if (this.#open[at] !== undefined) this.#workOn(at);
    this.#setTimer();
  }

  /** What to keep. */
  close(): ControllerManagerState {
    const slots = this.#open.some((slot) => slot !== undefined && slot.close() !== slot.before)
      ? this.state.slots.map((slot, at) => this.#open[at]?.close() ?? slot)
      : this.state.slots;
    const { kind, config, apiConfig, phase } = this.state;
    return {
      kind,
      config,
      apiConfig,
      phase,
      api: this.api.state,
      election: this.election.state,
      slots,
      wakeAt: this.#wakeAt,
    };
  }

  #slotAt(at: number): Pick<ControllerSlot, "queue" | "started"> {
    return this.#open[at] ?? this.state.slots[at]!;
  }

  #openAt(at: number): OpenSlot {
    let slot = this.#open[at];
    if (slot === undefined) {
      slot = new OpenSlot(this.controllers[at]!, this.state.slots[at]!, this.api, this.turn);
      this.#open[at] = slot;
    }
    return slot;
  }

  #observe(event: InformerEvent): void {
    for (let at = 0; at < this.controllers.length; at++) {
      const controller = this.controllers[at]!;
      if (watches(controller, event.resource)) controller.observe(this.#openAt(at), event);
    }
  }

  /** A controller works when its informers have completed their first lists (cache.WaitForNamedCacheSync). */
  #startControllers(): void {
    for (let at = 0; at < this.controllers.length; at++) {
      if (this.#slotAt(at).started) continue;
      const { informers } = this.controllers[at]!;
      if (!informers.every(({ resource }) => this.api.view(resource).synced)) continue;
      const slot = this.#openAt(at);
      slot.started = true;
      this.turn.note(note.started);
      slot.controller.started?.(slot);
    }
  }

  #workOn(at: number): void {
    const slot = this.#openAt(at);
    if (!slot.started) return;
    while (slot.queue.processing.size < slot.controller.workers) {
      const taken = queueTake(slot.queue);
      if (taken === null) return;
      const [queue, key] = taken;
      slot.queue = queue;
      this.#goOn(at, key, slot.controller.sync(slot, key));
    }
  }

  #answered({ tag, response }: Answer): void {
    const { slot: at, key } = tag as CallTag & object;
    const slot = this.#openAt(at);
    if (!mapHas(slot.tasks, key)) throw new ModelBug(`${slot.before.name} waits for no answer about ${key}`);
    if (response === null) this.turn.note(note.unanswered);
    this.#goOn(at, key, slot.controller.answered(slot, key, mapGet(slot.tasks, key), response));
  }

  #goOn(at: number, key: string, outcome: Outcome<unknown>): void {
    const slot = this.#openAt(at);
    if (outcome.kind === "call") {
      slot.tasks = mapSet(slot.tasks, key, outcome.task);
      const tag: CallTag = { slot: at, key };
      this.api.call(outcome.request, { ...tag });
      return;
    }
    slot.tasks = mapDelete(slot.tasks, key);
    slot.queue = this.#ended(slot.queue, key, outcome);
    slot.queue = queueDone(slot.queue, key);
  }

  #ended(
    queue: ControllerSlot["queue"],
    key: string,
    outcome: Exclude<Outcome<unknown>, { readonly kind: "call" }>,
  ): ControllerSlot["queue"] {
    switch (outcome.kind) {
      case "done":
        return queueForget(queue, key);
      case "retry":
        this.turn.note(note.retried);
        return queueAddRateLimited(queue, key, this.turn.now);
      case "after":
        return queueAddAfter(queueForget(queue, key), key, this.turn.now, outcome.us);
      default:
        return unreachable(outcome);
    }
  }

  /** A timer that is set for an earlier time stays: it fires, and is set anew. */
  #setTimer(): void {
    let due = Number.MAX_SAFE_INTEGER;
    for (let at = 0; at < this.state.slots.length; at++)
      due = Math.min(due, queueNextDue(this.#slotAt(at).queue) ?? Number.MAX_SAFE_INTEGER);
    if (due === Number.MAX_SAFE_INTEGER || (this.#wakeAt !== 0 && this.#wakeAt <= due)) return;
    this.#wakeAt = due;
    this.turn.setTimer(QUEUE_TIMER, Math.max(0, due - this.turn.now));
  }
}

function watches({ informers }: Controller, resource: ResourceName): boolean {
  for (const informer of informers) if (informer.resource === resource) return true;
  return false;
}
