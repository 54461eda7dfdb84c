import type { ClusterTypes } from "../../models/cluster/types.ts";
import { type Micros, mapEach, mapGet, mapHas, type RequestId } from "../../models/kernel/index.ts";
import type { Informer } from "../../models/machinery/client/types.ts";
import type { KubeObject, OwnerReference, Pod, Uid } from "../../models/machinery/kinds/index.ts";
import type { Monitor } from "../../src/checkers/property.ts";
import { callLedgerOf, objectAnswered } from "../cluster/calls.ts";
import type { ClusterContext, ClusterProcess } from "../cluster/cluster-property.ts";
import { apiOf, cachedObject } from "../cluster/informers.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { controllerOf, isActive, joinKey, keyOf } from "../cluster/objects.ts";
import { FedOnce, sharedByRun } from "../cluster/shared.ts";

/** Expectations are given up after this (controller_utils.go, ExpectationsTimeout), less what clocks may differ. */
const EXPECTATIONS_US: Micros = 4 * 60_000_000;

/** A pod that a controller asks for. */
export interface Creation {
  readonly process: ClusterProcess;
  readonly owner: OwnerReference;
  /** The owner as the controller's informer has it; null: it has none. */
  readonly ownerSeen: KubeObject | null;
  readonly pod: Pod;
  /**
   * The owner's active pods that the controller knows of: those that its informer shows, and those that it was told it
   * has made, or has asked for and waits for. This one is not among them.
   */
  readonly known: readonly Pod[];
}

interface Made {
  readonly id: RequestId;
  readonly process: ClusterProcess;
  readonly incarnation: number;
  readonly bootedAt: Micros;
  readonly atUs: Micros;
  readonly pod: Pod;
  /** Once it is made: where; else empty. */
  key: string;
  /** The controller has taken the answer in. */
  isTold: boolean;
}

/**
 * What controllers create, each held to what it can know itself: another leader's pods, and those of which no answer
 * came, it learns of by its informer alone. So nothing is asked of it that depends on how far its cache is behind.
 */
export class Creations {
  readonly #byOwner = new Map<Uid, Made[]>();
  readonly #context: ClusterContext;
  readonly #listeners: ((creation: Creation) => void)[] = [];

  constructor(context: ClusterContext) {
    this.#context = context;
    callLedgerOf(context).listen({
      called: ({ id, request }, process) => {
        if (request.verb !== "create" || request.resource !== "pods" || request.subresource !== "") return;
        if (process.config.kind !== "controllerManager") return;
        const pod = request.object as Pod;
        const owner = controllerOf(pod);
        if (owner !== undefined) this.#called(id, process, owner, pod, request.namespace);
      },
      answered: ({ id, request }, response) => {
        if (request.verb !== "create" || request.resource !== "pods") return;
        const uid = controllerOf(request.object)?.uid ?? "";
        const made = this.#byOwner.get(uid)?.find((one) => one.id === id);
        if (made === undefined) return;
        const object = objectAnswered(response);
        if (object === null) this.#forget(uid, made);
        else made.key = keyOf(object);
      },
    });
  }

  listen(listener: (creation: Creation) => void): void {
    this.#listeners.push(listener);
  }

  /** To be told of the steps of managers: what they take in. */
  took(before: ClusterProcess["state"], message: { readonly kind: string; readonly id?: string }): void {
    const id = message.id;
    if (message.kind !== "apiAnswer" || id === undefined) return;
    const api = apiOf(before);
    const call = api === null ? undefined : mapGet(api.calls, id);
    if (call?.request.verb !== "create" || call.request.resource !== "pods") return;
    const made = this.#byOwner.get(controllerOf(call.request.object)?.uid ?? "")?.find((one) => one.id === id);
    if (made !== undefined) made.isTold = true;
  }

  #called(id: RequestId, process: ClusterProcess, owner: OwnerReference, pod: Pod, namespace: string): void {
    const api = apiOf(process.state);
    if (api === null) return;
    const resource = `${owner.kind.toLowerCase()}s`;
    const creation: Creation = {
      process,
      owner,
      ownerSeen: cachedObject(process.state, resource, joinKey(namespace, owner.name)),
      pod,
      known: this.#known(process, owner.uid),
    };
    const made = this.#byOwner.get(owner.uid) ?? [];
    const { incarnation } = process;
    made.push({
      id,
      process,
      incarnation,
      bootedAt: api.bootedAt,
      atUs: this.#context.now(),
      pod,
      key: "",
      isTold: false,
    });
    this.#byOwner.set(owner.uid, made);
    for (const listener of this.#listeners) listener(creation);
  }

  #known(process: ClusterProcess, uid: Uid): Pod[] {
    const api = apiOf(process.state)!;
    const informer = api.informers.find(({ spec }) => spec.resource === "pods");
    const known = informer === undefined ? [] : cachedPods(informer, uid).filter(isActive);
    const ledger = clusterLedgerOf(this.#context);
    const now = this.#context.now();
    const left: Made[] = [];
    for (const made of this.#byOwner.get(uid) ?? []) {
      if (made.process !== process) {
        left.push(made);
        continue;
      }
      if (made.incarnation !== process.incarnation || made.bootedAt !== api.bootedAt) continue;
      if (now - made.atUs > EXPECTATIONS_US || (!made.isTold && !mapHas(api.calls, made.id))) continue;
      if (made.key !== "") {
        const stored = ledger.get<Pod>("pods", made.key)?.object;
        if (informer !== undefined && mapHas(informer.objects, made.key)) continue;
        if (stored === undefined || !isActive(stored)) continue;
      }
      left.push(made);
      known.push(made.pod);
    }
    this.#byOwner.set(uid, left);
    return known;
  }

  #forget(uid: Uid, made: Made): void {
    const left = this.#byOwner.get(uid)?.filter((one) => one !== made) ?? [];
    this.#byOwner.set(uid, left);
  }
}

/** The pods of a controller that an informer has. */
export function cachedPods({ objects, indexes }: Informer, uid: Uid): Pod[] {
  const pods: Pod[] = [];
  const keys = indexes.byController === undefined ? undefined : mapGet(indexes.byController, uid);
  if (keys === undefined) return pods;
  mapEach(keys, "", null, (_true, key) => {
    const pod = mapGet(objects, key) as Pod | undefined;
    if (pod !== undefined && controllerOf(pod)?.uid === uid) pods.push(pod);
  });
  return pods;
}

/** What the controllers of the run that a monitor watches create. Its monitor is fed by {@link watchingCreations}. */
export const creationsOf: (context: ClusterContext) => Creations = sharedByRun((context) => new Creations(context));

const fedOf = sharedByRun((context) => {
  const creations = creationsOf(context);
  return new FedOnce({
    concerns: { changes: ["slots"], messages: [], notes: [] },
    onStep(_process, before, _after, input) {
      if (input.kind === "receive") creations.took(before, input.message);
    },
  });
});

/** A monitor that feeds what it listens to. */
export function watchingCreations(context: ClusterContext, own: Monitor<ClusterTypes> = {}): Monitor<ClusterTypes> {
  return callLedgerOf(context).with(fedOf(context).with(own));
}
