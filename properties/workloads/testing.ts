import { emptyOrderedMap, mapDelete, mapGet, mapSet } from "../../models/kernel/index.ts";
import { controllerOf, joinKey } from "../cluster/objects.ts";
import type { ClusterDrill, Loose } from "../cluster/testing.ts";

const MANAGER = "controller-manager-1";

/** A controller manager in a drill: what it sees, asks for, and is told. */
export class ManagerStory {
  readonly drill: ClusterDrill;
  #api: Loose;
  #ids = 1_000;
  #asked: readonly [id: string, object: Loose] | null = null;

  constructor(drill: ClusterDrill) {
    this.drill = drill;
    this.#api = { bootedAt: drill.now, calls: emptyOrderedMap(), informers: [] };
    this.#step({});
  }

  /** Its informer of a resource shows this. */
  sees(resource: string, object: Loose): this {
    const informer = this.#api.informers.find((one: Loose) => one.spec.resource === resource);
    const key = joinKey(object.metadata.namespace, object.metadata.name);
    const uid = controllerOf(object)?.uid ?? "";
    const known = informer?.indexes.byController ?? emptyOrderedMap<Loose>();
    const keys = mapGet<Loose>(known, uid) ?? emptyOrderedMap();
    const changed = {
      spec: { resource, labelSelector: "", fieldSelector: "" },
      phase: "watching",
      synced: true,
      resourceVersion: String(this.drill.revision),
      objects: mapSet(informer?.objects ?? emptyOrderedMap(), key, object),
      indexes: { byController: mapSet(known, uid, mapSet(keys, key, true)) },
    };
    const others = this.#api.informers.filter((one: Loose) => one !== informer);
    return this.#step({ informers: [...others, changed] });
  }

  /** It sends this request, for the controller in a slot. */
  sends(request: Loose, slot = 0): this {
    const id = `${MANAGER}-${++this.#ids}`;
    this.#step({ calls: mapSet(this.#api.calls, id, { id, request, tag: { slot, key: "" } }) });
    this.drill.call(MANAGER, request, "api-1", id);
    this.#asked = [id, request.object];
    return this;
  }

  /** It asks for an object to be created. */
  asks(object: Loose, resource = "pods"): this {
    return this.sends({ verb: "create", resource, namespace: "default", name: "", subresource: "", object });
  }

  /** What it asked for last is answered with this object, and it takes that in. */
  told(object: Loose = this.#asked![1]): this {
    const [id] = this.#asked!;
    this.drill.done(id, object);
    const message = { kind: "apiAnswer", id, response: { kind: "object", object, warnings: [] } };
    this.#step({ calls: mapDelete(this.#api.calls, id) }, { kind: "receive", now: 0, wall: 0, from: "api-1", message });
    return this;
  }

  /** It asks for an object, which is made, and is told so. Its informer does not show it. */
  makes(object: Loose): this {
    this.asks(object).drill.put(object);
    return this.told(object);
  }

  /** It waits for no answer any more. */
  givesUp(): this {
    return this.#step({ calls: emptyOrderedMap() });
  }

  /** It starts anew, with nothing. */
  restarts(): this {
    this.#api = { bootedAt: ++this.drill.now, calls: emptyOrderedMap(), informers: [] };
    this.drill.restart(MANAGER, { api: this.#api });
    return this;
  }

  get violated(): string | null {
    return this.drill.violated;
  }

  #step(changes: Loose, input?: Loose): this {
    this.#api = { ...this.#api, ...changes };
    this.drill.step(MANAGER, { api: this.#api }, ...(input === undefined ? [] : [input]));
    return this;
  }
}
