import { type ClockReading, type Micros, mapDelete, mapGet, mapSet, type OrderedMap } from "../kernel/index.ts";
import type { ApiResponse, ResourceName, Status, WatchId } from "../machinery/api.ts";
import { uidFrom } from "../machinery/hash.ts";
import type { KubeObject, Uid } from "../machinery/kinds/index.ts";
import { RESOURCES, type ResourceInfo, resourceNamed } from "../machinery/resources.ts";
import { statusResponse } from "../machinery/status.ts";
import { Turn } from "../machinery/turn.ts";
import type { KeyValue } from "../store/types.ts";
import type { Repair } from "./allocation/index.ts";
import type { AdmissionPlugin, Authorize, Strategy } from "./strategy.ts";
import type {
  ApiServerConfig,
  ApiServerState,
  ApiServerTypes,
  ApiWatcher,
  Cache,
  Compactor,
  Flight,
  Reflector,
  StoreCall,
} from "./types.ts";

/** What a server needs of the kinds and of admission. It is handed in, so that tests may put in simple ones. */
export interface ApiRules {
  strategyFor(resource: ResourceInfo, object?: KubeObject): Strategy;
  readonly admission: readonly AdmissionPlugin[];
  readonly authorize: Authorize;
  /** What each server makes if it is not there: the system's namespaces and priority classes. */
  readonly bootstrap: readonly KubeObject[];
  /** As those of storage/codec.ts, and perhaps quicker: who runs many servers may remember what they gave. */
  decode(kv: KeyValue): KubeObject;
  encode(object: KubeObject): string;
}

/** The one timer of an API server. */
export const TICK = "tick";

const POSITIONS: ReadonlyMap<ResourceName, number> = new Map(RESOURCES.map(({ name }, position) => [name, position]));

/** One step of an API server in the making. Its rules replace the parts of the state; {@link state} is what to keep. */
export class ServerTurn extends Turn<ApiServerTypes> {
  readonly rules: ApiRules;
  readonly config: ApiServerConfig;
  readonly bootedAt: Micros;
  ids: number;
  uids: number;
  endpoint: number;
  reflector: Reflector;
  caches: readonly Cache[];
  flights: OrderedMap<Flight>;
  writesInFlight: number;
  calls: OrderedMap<StoreCall>;
  watchers: OrderedMap<ApiWatcher>;
  agenda: OrderedMap<readonly WatchId[]>;
  compactor: Compactor;
  repairs: readonly Repair[];
  bootstrapAt: Micros;
  wakeAt: Micros;

  constructor(rules: ApiRules, state: ApiServerState, clock: ClockReading) {
    super(clock);
    this.rules = rules;
    this.config = state.config;
    this.bootedAt = state.bootedAt;
    this.ids = state.ids;
    this.uids = state.uids;
    this.endpoint = state.endpoint;
    this.reflector = state.reflector;
    this.caches = state.caches;
    this.flights = state.flights;
    this.writesInFlight = state.writesInFlight;
    this.calls = state.calls;
    this.watchers = state.watchers;
    this.agenda = state.agenda;
    this.compactor = state.compactor;
    this.repairs = state.repairs;
    this.bootstrapAt = state.bootstrapAt;
    this.wakeAt = state.wakeAt;
  }

  state(): ApiServerState {
    return {
      kind: "apiServer",
      config: this.config,
      bootedAt: this.bootedAt,
      ids: this.ids,
      uids: this.uids,
      endpoint: this.endpoint,
      reflector: this.reflector,
      caches: this.caches,
      flights: this.flights,
      writesInFlight: this.writesInFlight,
      calls: this.calls,
      watchers: this.watchers,
      agenda: this.agenda,
      compactor: this.compactor,
      repairs: this.repairs,
      bootstrapAt: this.bootstrapAt,
      wakeAt: this.wakeAt,
    };
  }

  /** A new id of a call or a stream: unique in a run, as a process boots but once at a time. */
  newId(): string {
    this.ids++;
    return `${this.config.id}@${this.bootedAt}/${this.ids}`;
  }

  /** A UID that no object had before (S10). */
  newUid(): Uid {
    this.uids++;
    return uidFrom(`${this.config.id}@${this.bootedAt}/${this.uids}`);
  }

  /** Has the timer fire at this time at the latest. */
  arm(at: Micros): void {
    if (this.wakeAt !== 0 && this.wakeAt <= at) return;
    this.wakeAt = at;
    this.setTimer(TICK, Math.max(0, at - this.now));
  }

  strategyFor(resource: ResourceName, object?: KubeObject): Strategy {
    return this.rules.strategyFor(resourceNamed(resource), object);
  }

  /** The position of a resource's cache; -1 where there is none: a custom resource that nobody has asked for. */
  positionOf(resource: ResourceName): number {
    const position = POSITIONS.get(resource);
    if (position !== undefined) return position;
    for (let i = RESOURCES.length; i < this.caches.length; i++) if (this.caches[i]!.resource === resource) return i;
    return -1;
  }

  /** The object that the store has under a key. */
  decode(kv: KeyValue): KubeObject {
    return this.rules.decode(kv);
  }

  /** What the store keeps of an object. */
  encode(object: KubeObject): string {
    return this.rules.encode(object);
  }

  setCache(position: number, cache: Cache): void {
    const caches = this.caches.slice();
    caches[position] = cache;
    this.caches = caches;
  }

  /** The state of the caches as a whole, with some fields changed. */
  reflect(changes: Partial<Reflector>): void {
    const before = this.reflector;
    this.reflector = {
      phase: changes.phase === undefined ? before.phase : changes.phase,
      revision: changes.revision === undefined ? before.revision : changes.revision,
      listRevision: changes.listRevision === undefined ? before.listRevision : changes.listRevision,
      listFrom: changes.listFrom === undefined ? before.listFrom : changes.listFrom,
      stream: changes.stream === undefined ? before.stream : changes.stream,
      waiting: changes.waiting === undefined ? before.waiting : changes.waiting,
      progressAskedAt: changes.progressAskedAt === undefined ? before.progressAskedAt : changes.progressAskedAt,
    };
  }

  setFlight(flight: Flight): void {
    this.flights = mapSet(this.flights, flight.id, flight);
  }

  /** Ends a request: its client is answered, once. */
  finish(flight: Flight, response: ApiResponse): void {
    const before = this.flights;
    this.flights = mapDelete(before, flight.id);
    if (this.flights === before) return;
    if (isWriting(flight.request.verb)) this.writesInFlight--;
    if (flight.client !== "") this.send(flight.client, { kind: "apiAnswer", id: flight.id, response });
  }

  refuse(flight: Flight, status: Status): void {
    this.finish(flight, statusResponse(status));
  }

  flight(id: string): Flight | undefined {
    return mapGet(this.flights, id);
  }
}

/** Admission goes by the caches: until they have had their first list, nothing is written. */
export function isReadyToWrite({ reflector }: ServerTurn): boolean {
  return reflector.revision !== 0;
}

export function isWriting(verb: Flight["request"]["verb"]): boolean {
  return verb !== "get" && verb !== "list";
}
