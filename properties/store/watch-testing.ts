/** A hand-driven watch, to show a property what it should see and what it should not. */
import type { OpenWatch } from "../../models/client/types.ts";
import { slice } from "../../models/kernel/index.ts";
import type {
  Command,
  KeyValue,
  Revision,
  StoreEvent,
  StoreMessage,
  WatchCreate,
  WatchResponse,
} from "../../models/store/types.ts";
import type { StoreProperty } from "./store-property.ts";
import { putOf, StoreDrill } from "./testing.ts";

/** A watch of all keys, from now on. */
export function createOf(more: Partial<WatchCreate> = {}): WatchCreate {
  return {
    key: "a",
    rangeEnd: "\0",
    startRevision: 0,
    prevKv: false,
    filters: [],
    progressNotify: false,
    fragment: false,
    ...more,
  };
}

/** One watch of client c1, on streams w1, w2, …, of which the last is open. */
export class WatchStory {
  readonly drill: StoreDrill;
  #streams = 0;
  #member = "m1";
  #sequence = 0;

  constructor(property: StoreProperty) {
    this.drill = new StoreDrill(property);
  }

  /** All members apply a put of each key, each at a revision of its own; the first in a run is revision 2. */
  put(...keys: string[]): this {
    for (const key of keys) this.run(putOf(key, `${key}${this.revision + 1}`));
    return this;
  }

  delete(key: string): this {
    return this.run({ kind: "deleteRange", key, rangeEnd: "", prevKv: false });
  }

  /** All members apply puts of all keys at one revision. */
  putTogether(...keys: string[]): this {
    return this.run({ kind: "txn", compare: [], success: keys.map((key) => putOf(key, key)), failure: [] });
  }

  compact(revision: Revision): this {
    return this.run({ kind: "compact", revision });
  }

  run(op: Command["op"]): this {
    this.drill.run(op);
    return this;
  }

  get revision(): Revision {
    return this.drill.contentAt().revision;
  }

  /** The client opens the next stream of its watch; the member says that it is there. */
  open(create: Partial<WatchCreate> = {}, member = "m1"): this {
    this.#member = member;
    this.#sequence = 0;
    const watch = this.#watch(`w${++this.#streams}`, createOf(create));
    this.drill.stepClient("c1", { watches: [watch] });
    this.drill.send("c1", member, { kind: "watchCreate", watchId: watch.watchId, create: watch.create });
    return this.respond({ created: true });
  }

  /** The member tells of all that some revisions changed, in one response. */
  tell(...revisions: Revision[]): this {
    return this.respond({ events: revisions.flatMap((revision) => this.events(revision)) });
  }

  /** The member says how far it has told all. */
  promise(revision = this.revision): this {
    return this.respond({ revision });
  }

  /** The member sends the next response, and the client takes it in. */
  respond(response: Partial<WatchResponse>): this {
    const message = this.send(response);
    const watch = this.drill.client("c1").state.watches[0]!;
    const sequence = watch.sequence + 1;
    const events = [...watch.partial, ...(response.events ?? [])];
    const input = { kind: "receive", now: 0, wall: 0, from: this.#member, message } as const;
    const partial = response.fragment ? events : [];
    const handedOn = response.fragment || events.length === 0 ? {} : { batch: events, batches: watch.batches + 1 };
    this.drill.stepClient("c1", { watches: [{ ...watch, sequence, partial, ...handedOn }] }, input);
    return this;
  }

  /** The member sends the next response, and it is lost. */
  send(response: Partial<WatchResponse>): StoreMessage {
    const message: WatchResponse = {
      kind: "watchResponse",
      watchId: `w${this.#streams}`,
      sequence: this.#sequence++,
      created: false,
      canceled: false,
      compactRevision: 0,
      revision: this.revision,
      events: [],
      fragment: false,
      ...response,
    };
    this.drill.send(this.#member, "c1", message);
    return message;
  }

  /** What a revision changed. */
  events(revision: Revision): readonly StoreEvent[] {
    const { events, eventsFrom } = this.drill.contentAt();
    const [changes] = slice(events, revision - eventsFrom, revision - eventsFrom + 1);
    return changes!.map((kv) => eventOf(kv));
  }

  /** The first violation, or null. */
  get violated(): string | null {
    return this.drill.violated;
  }

  #watch(watchId: string, create: WatchCreate): OpenWatch {
    return {
      watchId,
      phase: "open",
      endpoint: this.#member,
      create,
      work: "op1",
      nextRevision: create.startRevision,
      sequence: 0,
      partial: [],
      batch: [],
      batches: 0,
      heardAt: 0,
      endsAt: 0,
      failures: 0,
    };
  }
}

/** A change as a watcher is told of it. */
export function eventOf(kv: KeyValue, prevKv: KeyValue | null = null): StoreEvent {
  return { type: kv.version === 0 ? "delete" : "put", kv, prevKv };
}
