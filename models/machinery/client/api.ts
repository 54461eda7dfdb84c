import { emptyOrderedMap, type Input, type MachineTypes, type Micros } from "../../kernel/index.ts";
import type { ApiMessage, ApiRequest, ApiServerMessage, ResourceName } from "../api.ts";
import type { KubeObject } from "../kinds/index.ts";
import type { Turn } from "../turn.ts";
import {
  API_TIMER,
  type ApiTurn,
  type Client,
  earliestDeadline,
  giveUpCalls,
  keep,
  makeCall,
  takeAnswer,
  wakeBy,
} from "./calls.ts";
import {
  idleInformer,
  informerAt,
  informerDue,
  informerIndex,
  list,
  listAnswered,
  stopWatch,
  takeEnd,
  takeEvents,
  takePong,
  wakeInformer,
} from "./informer.ts";
import type { Answer, ApiConfig, ApiState, InformerEvent, News, PendingCall, Tag } from "./types.ts";
import { CacheView, type View } from "./view.ts";

export { API_TIMER } from "./calls.ts";
export type { View } from "./view.ts";

/** The types of a component that talks with API servers; its messages may be of other kinds as well. */
export interface ApiClientTypes extends MachineTypes {
  readonly message: ApiMessage | { readonly kind: string };
}

/** client-go's own values, for everything that is not the component's. */
export const API_DEFAULTS = Object.freeze({
  requestTimeoutUs: 30_000_000,
  pingAfterUs: 30_000_000,
  pingTimeoutUs: 15_000_000,
  backoffUs: 800_000,
  backoffMaxUs: 30_000_000,
  watchTimeoutUs: 300_000_000,
});

const NO_NEWS: News = Object.freeze({
  events: Object.freeze([]) as readonly [],
  answers: Object.freeze([]) as readonly [],
});

/**
 * A component's side of the API for one step: calls, and informers that list and watch. Made at the start of a step from
 * the state that the component keeps, and thrown away at its end, when `state` is what to keep.
 */
export class Api<T extends ApiClientTypes = ApiClientTypes> implements Client {
  readonly config: ApiConfig;
  readonly turn: ApiTurn;
  state: ApiState;
  events: InformerEvent[] = [];
  answers: Answer[] = [];

  constructor(config: ApiConfig, state: ApiState, turn: Turn<T>) {
    this.config = config;
    this.state = state;
    this.turn = turn as unknown as ApiTurn;
  }

  /** The state at boot. Informers are idle until {@link start}. */
  static boot(config: ApiConfig, now: Micros): ApiState {
    return {
      bootedAt: now,
      ids: 0,
      server: 0,
      calls: emptyOrderedMap<PendingCall>(),
      informers: config.informers.map(idleInformer),
      wakeAt: 0,
    };
  }

  /** Starts the informers that have not started. */
  start(): void {
    for (let at = 0; at < this.state.informers.length; at++) if (informerAt(this, at).phase === "idle") list(this, at);
  }

  /** Starts one informer, if it has not started. */
  startInformer(resource: ResourceName): void {
    const at = informerIndex(this, resource);
    if (informerAt(this, at).phase === "idle") list(this, at);
  }

  /** Closes the watches and forgets the calls and the caches: as at boot, but that ids go on. */
  stop(): void {
    for (let at = 0; at < this.state.informers.length; at++) stopWatch(this, at);
    if (this.state.wakeAt !== 0) this.turn.cancelTimer(API_TIMER);
    this.state = {
      bootedAt: this.state.bootedAt,
      ids: this.state.ids,
      server: this.state.server,
      calls: emptyOrderedMap<PendingCall>(),
      informers: this.config.informers.map(idleInformer),
      wakeAt: 0,
    };
  }

  /**
   * Makes a call. Its answer comes back with the tag in the {@link News} of a later input, exactly once; null when there
   * is none after `timeoutUs`.
   */
  call(request: ApiRequest, tag: Tag, timeoutUs: Micros = this.config.requestTimeoutUs): void {
    makeCall(this, request, tag, -1, timeoutUs);
  }

  /** Takes an input if it is the client's: messages of the API, and {@link API_TIMER}. Null: it is somebody else's. */
  take(input: Input<T>): News | null {
    if (input.kind === "timer") {
      if (input.name !== API_TIMER) return null;
      this.#wake();
      return this.#news();
    }
    if (input.kind === "request") return null;
    const message = input.message as ApiServerMessage | { readonly kind: "" };
    switch (message.kind) {
      case "apiAnswer": {
        const call = takeAnswer(this, message.id, message.response);
        if (call !== null) this.#answered(call, message.response);
        return this.#news();
      }
      case "apiWatchEvents":
        takeEvents(this, input.from, message);
        return this.#news();
      case "apiWatchEnd":
        takeEnd(this, message);
        return this.#news();
      case "apiPong":
        takePong(this, message);
        return this.#news();
      default:
        return null;
    }
  }

  /** The cache of the informer of a resource. Throws ModelBug where the config has none. */
  view<O extends KubeObject>(resource: ResourceName): View<O> {
    const informer = informerAt(this, informerIndex(this, resource));
    return new CacheView<O>(informer, informer.synced);
  }

  /** All informers have completed their first list. */
  get synced(): boolean {
    for (const informer of this.state.informers) if (!informer.synced) return false;
    return true;
  }

  #answered(call: PendingCall, response: Answer["response"]): void {
    if (call.informer >= 0) listAnswered(this, call.informer, response);
    else this.answers.push({ tag: call.tag, request: call.request, response });
  }

  /** Does all that is due, and sets the timer for what is next. */
  #wake(): void {
    keep(this, { wakeAt: 0 });
    for (const call of giveUpCalls(this)) this.#answered(call, null);
    for (let at = 0; at < this.state.informers.length; at++) wakeInformer(this, at);
    let due = earliestDeadline(this, Number.MAX_SAFE_INTEGER);
    for (const informer of this.state.informers) due = informerDue(this, informer, due);
    if (due < Number.MAX_SAFE_INTEGER) wakeBy(this, due);
  }

  #news(): News {
    if (this.events.length === 0 && this.answers.length === 0) return NO_NEWS;
    const news = { events: this.events, answers: this.answers };
    this.events = [];
    this.answers = [];
    return news;
  }
}
