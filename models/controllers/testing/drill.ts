import { deepFreeze } from "../../kernel/contract.ts";
import { type Micros, ModelBug, type Note } from "../../kernel/index.ts";
import type { ApiRequest, ApiResponse, ResourceName } from "../../machinery/api.ts";
import type { View } from "../../machinery/client/api.ts";
import { indexValues } from "../../machinery/client/indexers.ts";
import type { IndexName, InformerEvent } from "../../machinery/client/types.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { KubeObject } from "../../machinery/kinds/index.ts";
import { keyOf } from "../../machinery/meta.ts";
import { resourceOfKind } from "../../machinery/resources.ts";
import { FakeApi } from "../../machinery/testing/fake-api.ts";
import type { Controller, ControllerTurn, Outcome } from "../controller.ts";

/** How a sync came to its end. */
export type Ending = Exclude<Outcome<unknown>, { readonly kind: "call" }>;

/**
 * Tries one controller without a manager: a person sets up what its informers show, has it work on a key, and answers
 * its requests one by one; or leaves that to a small API ({@link FakeApi}) whose changes reach the informers only when
 * told to, so that a lagging informer is an ordinary case.
 *
 * ```ts
 * const drill = new Drill(replicaset);
 * drill.show(set);                                       // its informers have it; `observe` is called
 * expect(drill.sync("default/web")).toMatchObject({ verb: "create" });   // the request it makes
 * drill.answer({ kind: "object", … });                    // and so on
 *
 * drill.api.put(set); drill.settle();                     // or: all requests carried out until nothing is left to do
 * expect(drill.api.list("pods")).toHaveLength(3);
 * ```
 */
export class Drill<S, Task, C> {
  readonly controller: Controller<S, Task, C>;
  readonly config: C;
  readonly api: FakeApi;
  state: S;
  now: Micros;
  /** The wall clock is ahead of the monotonic one by this. */
  readonly skewUs: Micros;
  /** Keys that were enqueued, in their order, and not yet taken by {@link settle}. */
  queue: readonly string[] = [];
  /** When a key comes, by key: local monotonic times. */
  readonly delayed = new Map<string, Micros>();
  /** Names of the notes, in their order. */
  readonly notes: string[] = [];
  /** The requests so far. */
  readonly requests: ApiRequest[] = [];
  /** How the syncs ended. */
  readonly endings: { readonly key: string; readonly ending: Ending }[] = [];
  private readonly caches = new Map<ResourceName, Map<string, KubeObject>>();
  private waiting: { readonly key: string; readonly task: Task } | null = null;

  /**
   * @param config settings other than the defaults
   * @param start local monotonic time; the wall clock begins a day after its epoch
   */
  constructor(controller: Controller<S, Task, C>, config: Partial<C> = {}, start: Micros = 1_000_000) {
    this.controller = controller;
    this.config = deepFreeze({ ...controller.defaults, ...config });
    this.state = deepFreeze(controller.initial);
    this.now = start;
    this.skewUs = 86_400_000_000;
    this.api = new FakeApi(() => this.wall);
    for (const { resource } of controller.informers) this.caches.set(resource, new Map());
  }

  get wall(): Micros {
    return this.now + this.skewUs;
  }

  /** Puts objects into the caches, and has the controller observe the changes. */
  show(...objects: readonly KubeObject[]): void {
    for (const object of objects) this.change(resourceOf(object), keyOf(object), deepFreeze(object));
  }

  /** Takes an object out of a cache. */
  hide(object: KubeObject): void {
    this.change(resourceOf(object), keyOf(object), null);
  }

  /** Has the controller's `started` called. */
  start(): void {
    this.turn((turn) => this.controller.started?.(turn));
  }

  /** Works on a key until the first request, or the end: what it asks for, or how it ended. */
  sync(key: string): ApiRequest | Ending {
    if (this.waiting !== null) throw new ModelBug(`a sync of ${this.waiting.key} waits for an answer`);
    return this.take(
      key,
      this.turn((turn) => this.controller.sync(turn, key)),
    );
  }

  /** Answers the request of the sync that waits; null: no answer came in time. */
  answer(response: ApiResponse | null): ApiRequest | Ending {
    const { waiting } = this;
    if (waiting === null) throw new ModelBug("no sync waits for an answer");
    this.waiting = null;
    const outcome = this.turn((turn) =>
      this.controller.answered(turn, waiting.key, waiting.task, deepFreeze(response)),
    );
    return this.take(waiting.key, outcome);
  }

  /** Works on a key, with all requests carried out by the API. */
  run(key: string): Ending {
    let next = this.sync(key);
    while ("verb" in next) next = this.answer(this.api.call(next));
    return next;
  }

  /** Brings the informers up to date with the API; only those of the resources that are named, if any are. */
  deliver(...resources: readonly ResourceName[]): void {
    for (const { resource } of this.controller.informers) {
      if (resources.length > 0 && !resources.includes(resource)) continue;
      const cache = this.caches.get(resource)!;
      const live = new Map(this.api.list(resource).map((object) => [keyOf(object), object]));
      for (const key of [...cache.keys()].sort()) if (!live.has(key)) this.change(resource, key, null);
      for (const [key, object] of live) if (!deepEqual(cache.get(key), object)) this.change(resource, key, object);
    }
  }

  /** Delivers and works, until there is nothing to do at this time. Keys that are tried again come after all others. */
  settle(rounds = 100): void {
    for (let round = 0; round < rounds; round++) {
      this.deliver();
      const [...keys] = this.queue;
      this.queue = [];
      if (keys.length === 0) return;
      for (const key of keys)
        if (this.run(key).kind === "retry" && !this.queue.includes(key)) this.queue = [...this.queue, key];
    }
    throw new ModelBug(`not settled after ${rounds} rounds: ${this.queue.join(", ")}`);
  }

  /** Time passes; keys whose time has come are enqueued. */
  advance(us: Micros): void {
    this.now += us;
    for (const [key, at] of [...this.delayed])
      if (at <= this.now) {
        this.delayed.delete(key);
        this.enqueue(key);
      }
  }

  /** What the informer of a resource shows. */
  cached<O extends KubeObject>(resource: ResourceName): readonly O[] {
    return this.view<O>(resource).list();
  }

  private take(key: string, outcome: Outcome<Task>): ApiRequest | Ending {
    if (outcome.kind === "call") {
      this.waiting = { key, task: deepFreeze(outcome.task) };
      this.requests.push(deepFreeze(outcome.request));
      return outcome.request;
    }
    if (outcome.kind === "after") this.enqueueAfter(key, outcome.us);
    this.endings.push({ key, ending: outcome });
    return outcome;
  }

  private change(resource: ResourceName, key: string, object: KubeObject | null): void {
    const cache = this.caches.get(resource);
    if (cache === undefined) throw new ModelBug(`${this.controller.name} has no informer of ${resource}`);
    const old = cache.get(key) ?? null;
    if (object === null) cache.delete(key);
    else cache.set(key, object);
    if (object === null && old === null) return;
    const type = object === null ? "deleted" : old === null ? "added" : "updated";
    const event: InformerEvent = deepFreeze({ resource, type, key, old, object: object ?? old! });
    this.turn((turn) => this.controller.observe(turn, event));
  }

  private turn<R>(act: (turn: ControllerTurn<S, C>) => R): R {
    const turn: ControllerTurn<S, C> = {
      config: this.config,
      now: this.now,
      wall: this.wall,
      state: this.state,
      view: <O extends KubeObject>(resource: ResourceName) => this.view<O>(resource),
      enqueue: (key) => this.enqueue(key),
      enqueueAfter: (key, us) => this.enqueueAfter(key, us),
      note: (note: Note) => void this.notes.push(note.name),
    };
    const result = act(turn);
    this.state = deepFreeze(JSON.parse(JSON.stringify(turn.state)) as S);
    return result;
  }

  private enqueue(key: string): void {
    if (!this.queue.includes(key)) this.queue = [...this.queue, key];
  }

  private enqueueAfter(key: string, us: Micros): void {
    if (us <= 0) this.enqueue(key);
    else this.delayed.set(key, Math.min(this.delayed.get(key) ?? Number.MAX_SAFE_INTEGER, this.now + us));
  }

  private view<O extends KubeObject>(resource: ResourceName): View<O> {
    const cache = this.caches.get(resource);
    if (cache === undefined) throw new ModelBug(`${this.controller.name} has no informer of ${resource}`);
    const all = (): O[] => [...cache.keys()].sort().map((key) => cache.get(key) as O);
    const spec = this.controller.informers.find((informer) => informer.resource === resource)!;
    return {
      synced: true,
      get: (namespace, name) => (cache.get(namespace === "" ? name : `${namespace}/${name}`) as O | undefined) ?? null,
      byKey: (key) => (cache.get(key) as O | undefined) ?? null,
      list: (namespace) => all().filter((object) => !namespace || object.metadata.namespace === namespace),
      byIndex: (index: IndexName, value: string) => {
        if (!spec.indexes.includes(index)) throw new ModelBug(`the informer of ${resource} has no index ${index}`);
        return all().filter((object) => indexValues(index, object).includes(value));
      },
    };
  }
}

function resourceOf(object: KubeObject): ResourceName {
  return resourceOfKind(object.apiVersion, object.kind).name;
}
