import type { ClusterTypes } from "../../models/cluster/types.ts";
import type { Micros } from "../../models/kernel/index.ts";
import { at } from "../../models/kernel/index.ts";
import type { ResourceName } from "../../models/machinery/api.ts";
import type { KubeObject, Pod, Uid } from "../../models/machinery/kinds/index.ts";
import { RESOURCES, type ResourceInfo } from "../../models/machinery/resources.ts";
import type { KeyValue, Revision, StoreState } from "../../models/store/types.ts";
import type { Monitor } from "../../src/checkers/property.ts";
import { type ClusterContext, isMember } from "./cluster-property.ts";
import { controllerOf } from "./objects.ts";
import { FedOnce, sharedByRun } from "./shared.ts";
import { storedObject } from "./stored-objects.ts";

/** Revisions remembered; later ones push out the earliest. */
const REVISIONS_MAX = 4_096;

/** An object as the store has it. `metadata.resourceVersion` is not in the stored value: it is the revision. */
export interface Stored<O extends KubeObject = KubeObject> {
  readonly resource: ResourceName;
  /** `namespace/name`, or the name. */
  readonly key: string;
  readonly object: O;
  readonly revision: Revision;
  /** When the first member applied it. */
  readonly atUs: Micros;
}

/** A change of an object that is committed. */
export interface Change<O extends KubeObject = KubeObject> {
  readonly resource: ResourceName;
  readonly key: string;
  readonly before: O | null;
  readonly after: O | null;
  /** Of the version before; 0: there is none. */
  readonly beforeRevision: Revision;
  /** Of the last change of this key, deletions included; 0: there is none. */
  readonly previousRevision: Revision;
  readonly revision: Revision;
  readonly atUs: Micros;
}

/** Is told of a write of what is no object of the API; null: it was deleted. */
export type OtherListener = (key: string, value: string | null, revision: Revision) => void;

export type ChangeListener<O extends KubeObject = KubeObject> = (change: Change<O>) => void;

const NONE: ReadonlyMap<string, never> = new Map<string, never>();

/**
 * What the store of a cluster holds, and what each revision has changed, as the first member that applied it has it. Each
 * value is parsed once in a run. Indexes are kept up to date before listeners are told.
 */
export class ClusterLedger {
  /** The highest revision that some member has applied. */
  revision: Revision = 1;
  readonly #objects = new Map<ResourceName, Map<string, Stored>>();
  readonly #podsByNode = new Map<string, Map<string, Stored<Pod>>>();
  /** By the owner's UID, and then by resource and key. */
  readonly #byOwner = new Map<Uid, Map<string, Stored>>();
  readonly #uids = new Map<Uid, Stored>();
  readonly #places = new Map<string, Place | null>();
  readonly #lastRevisions = new Map<ResourceName, Revision>();
  /** By resource and key: the last change, deletions included. */
  readonly #last = new Map<ResourceName, Map<string, Change>>();
  readonly #recent: (readonly Change[])[] = [];
  readonly #listeners = new Map<ResourceName, ChangeListener[]>();
  readonly #others: { readonly prefix: string; readonly listener: OtherListener }[] = [];
  readonly #feed: FedOnce;

  constructor(context: ClusterContext) {
    this.#feed = new FedOnce({
      concerns: { changes: ["application"], messages: [], notes: [] },
      onBoot: (process) => {
        if (isMember(process)) this.#take(process.state.raft.application, context.now());
      },
      onStep: (_process, _before, after) => {
        if (after.kind === "member" && after.raft.application.revision > this.revision)
          this.#take(after.raft.application, context.now());
      },
    });
  }

  /** A monitor that comes after the ledger has seen what happened. */
  with(own: Monitor<ClusterTypes> = {}): Monitor<ClusterTypes> {
    return this.#feed.with(own);
  }

  /** Is told of the changes of these resources, or of all (`*`), in their order. */
  on<O extends KubeObject>(resources: ResourceName | readonly ResourceName[], listener: ChangeListener<O>): void {
    for (const resource of typeof resources === "string" ? [resources] : resources) {
      const listeners = this.#listeners.get(resource) ?? [];
      listeners.push(listener as ChangeListener);
      this.#listeners.set(resource, listeners);
    }
  }

  /** Is told of the writes of keys that begin so, and are no objects of the API. */
  onOther(prefix: string, listener: OtherListener): void {
    this.#others.push({ prefix, listener });
  }

  /** All objects of a resource as they are now, by key. */
  all<O extends KubeObject>(resource: ResourceName): ReadonlyMap<string, Stored<O>> {
    return (this.#objects.get(resource) ?? NONE) as ReadonlyMap<string, Stored<O>>;
  }

  /** The resources of which there has been an object. */
  resources(): Iterable<ResourceName> {
    return this.#objects.keys();
  }

  get<O extends KubeObject>(resource: ResourceName, key: string): Stored<O> | undefined {
    return this.#objects.get(resource)?.get(key) as Stored<O> | undefined;
  }

  /** The object that is there now with this UID. */
  byUid(uid: Uid): Stored | undefined {
    return this.#uids.get(uid);
  }

  podsOn(node: string): ReadonlyMap<string, Stored<Pod>> {
    return this.#podsByNode.get(node) ?? NONE;
  }

  /** What names this UID as an owner. */
  dependentsOf(uid: Uid): Iterable<Stored> {
    return (this.#byOwner.get(uid) ?? (NONE as ReadonlyMap<string, Stored>)).values();
  }

  /** What this UID controls, of one resource. */
  *controlledBy<O extends KubeObject>(uid: Uid, resource: ResourceName): Iterable<Stored<O>> {
    for (const stored of this.dependentsOf(uid))
      if (stored.resource === resource && controllerOf(stored.object)?.uid === uid) yield stored as Stored<O>;
  }

  /** What a revision has changed; undefined where that is not known any more, or to come. */
  changesAt(revision: Revision): readonly Change[] | undefined {
    return this.#recent[revision % REVISIONS_MAX]?.[0]?.revision === revision
      ? this.#recent[revision % REVISIONS_MAX]
      : revision > this.revision - REVISIONS_MAX && revision <= this.revision
        ? []
        : undefined;
  }

  /** The change that made this version of an object, or undefined where it is not known any more. */
  changeOf(resource: ResourceName, key: string, revision: Revision): Change | undefined {
    return this.changesAt(revision)?.find((change) => change.key === key && change.resource === resource);
  }

  /** The revision of the last change of any object of a resource; 0: there was none. */
  lastRevision(resource: ResourceName): Revision {
    return this.#lastRevisions.get(resource) ?? 0;
  }

  /** The last change of each key of a resource, deletions included. */
  lastChanges(resource: ResourceName): ReadonlyMap<string, Change> {
    return this.#last.get(resource) ?? NONE;
  }

  /**
   * The last change of a key up to a revision, deletions included: null where there was none, undefined where that is not
   * known any more.
   */
  changeUpTo(resource: ResourceName, key: string, revision: Revision): Change | null | undefined {
    let change = this.#last.get(resource)?.get(key);
    if (change === undefined) return null;
    while (change.revision > revision) {
      if (change.previousRevision === 0) return null;
      change = this.changeOf(resource, key, change.previousRevision);
      if (change === undefined) return undefined;
    }
    return change;
  }

  /** The earliest revision from which on all changes are known. */
  get knownFrom(): Revision {
    return Math.max(2, this.revision - REVISIONS_MAX + 1);
  }

  #take(content: StoreState, now: Micros): void {
    for (let revision = this.revision + 1; revision <= content.revision; revision++) {
      const events = at(content.events, revision - content.eventsFrom);
      this.revision = revision;
      if (events !== undefined) this.#revision(revision, events, now);
    }
  }

  #revision(revision: Revision, events: readonly KeyValue[], now: Micros): void {
    const changes: Change[] = [];
    for (const kv of events) {
      const place = this.#placeOf(kv.key);
      if (place === null) {
        for (const { prefix, listener } of this.#others)
          if (kv.key.startsWith(prefix)) listener(kv.key, kv.version === 0 ? null : kv.value, revision);
        continue;
      }
      const change = this.#change(place, kv, revision, now);
      if (change !== null) changes.push(change);
    }
    if (changes.length === 0) return;
    this.#recent[revision % REVISIONS_MAX] = changes;
    for (const change of changes) this.#tell(change);
  }

  #change({ resource, key }: Place, kv: KeyValue, revision: Revision, atUs: Micros): Change | null {
    const known = this.#objects.get(resource)?.get(key);
    const after = kv.version === 0 ? null : storedObject(kv.value);
    if (known === undefined && after === null) return null;
    if (known !== undefined) this.#remove(known);
    if (after !== null) this.#add({ resource, key, object: after, revision, atUs });
    const last = subMap(this.#last, resource);
    const change = {
      resource,
      key,
      before: known?.object ?? null,
      after,
      beforeRevision: known?.revision ?? 0,
      previousRevision: last.get(key)?.revision ?? 0,
      revision,
      atUs,
    };
    last.set(key, change);
    this.#lastRevisions.set(resource, revision);
    return change;
  }

  #add(stored: Stored): void {
    const { resource, key, object } = stored;
    subMap(this.#objects, resource).set(key, stored);
    if (object.metadata.uid !== undefined) this.#uids.set(object.metadata.uid, stored);
    for (const { uid } of object.metadata.ownerReferences ?? [])
      subMap(this.#byOwner, uid).set(`${resource} ${key}`, stored);
    const node = resource === "pods" ? (object as Pod).spec.nodeName : undefined;
    if (node !== undefined && node !== "") subMap(this.#podsByNode, node).set(key, stored as Stored<Pod>);
  }

  #remove({ resource, key, object }: Stored): void {
    this.#objects.get(resource)?.delete(key);
    if (object.metadata.uid !== undefined) this.#uids.delete(object.metadata.uid);
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const owned = this.#byOwner.get(uid);
      owned?.delete(`${resource} ${key}`);
      if (owned?.size === 0) this.#byOwner.delete(uid);
    }
    const node = resource === "pods" ? (object as Pod).spec.nodeName : undefined;
    if (node !== undefined) this.#podsByNode.get(node)?.delete(key);
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners.get(change.resource) ?? []) listener(change);
    for (const listener of this.#listeners.get("*") ?? []) listener(change);
  }

  #placeOf(key: string): Place | null {
    let place = this.#places.get(key);
    if (place === undefined) {
      place = placeOf(key);
      this.#places.set(key, place);
    }
    return place;
  }
}

/** The ledger of the run that a monitor watches. */
export const clusterLedgerOf: (context: ClusterContext) => ClusterLedger = sharedByRun(
  (context) => new ClusterLedger(context),
);

/** Where in the API a key of the store is. */
interface Place {
  readonly resource: ResourceName;
  readonly key: string;
}

const BY_STORAGE: ReadonlyMap<string, ResourceInfo> = new Map(RESOURCES.map((info) => [info.storage, info]));
const PREFIX = "/registry/";

/** `/registry/<storage>/[<namespace>/]<name>`; the storage of custom resources is `<group>/<plural>`. */
export function placeOf(storeKey: string): Place | null {
  if (!storeKey.startsWith(PREFIX)) return null;
  const parts = storeKey.slice(PREFIX.length).split("/");
  const [first = "", second = ""] = parts;
  const one = BY_STORAGE.get(first);
  if (one !== undefined) return { resource: one.name, key: parts.slice(1).join("/") };
  const two = BY_STORAGE.get(`${first}/${second}`);
  if (two !== undefined) return { resource: two.name, key: parts.slice(2).join("/") };
  return parts.length < 3 || !first.includes(".")
    ? null
    : { resource: `${second}.${first}`, key: parts.slice(2).join("/") };
}

/** The map below a key, made where there is none. */
export function subMap<K, L, V>(maps: Map<K, Map<L, V>>, key: K): Map<L, V> {
  let map = maps.get(key);
  if (map === undefined) {
    map = new Map();
    maps.set(key, map);
  }
  return map;
}
