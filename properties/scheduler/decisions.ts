/** What schedulers have decided, and what they knew: to be decided once more by other means. */
import type { ClusterTypes } from "../../models/cluster/types.ts";
import { type Micros, mapEntries } from "../../models/kernel/index.ts";
import type { KubeObject, Pod, Uid } from "../../models/machinery/kinds/index.ts";
import { nodesOf, type Snapshot } from "../../models/scheduler/framework/snapshot.ts";
import type { Decision, SchedulerState } from "../../models/scheduler/types.ts";
import type { Monitor } from "../../src/checkers/property.ts";
import type { ClusterContext, ClusterProcess } from "../cluster/cluster-property.ts";
import { keyOf } from "../cluster/objects.ts";
import { FedOnce, sharedByRun } from "../cluster/shared.ts";
import { type Known, labelsOf, onNode, storageOf } from "./feasible.ts";

/** A decision, and whose it is. */
export class Decided {
  readonly process: ClusterProcess;
  readonly decision: Decision;
  readonly state: SchedulerState;
  /** By the scheduler's own clock. */
  readonly nowUs: Micros;
  #known: Known | null = null;

  constructor(process: ClusterProcess, decision: Decision, state: SchedulerState, nowUs: Micros) {
    this.process = process;
    this.decision = decision;
    this.state = state;
    this.nowUs = nowUs;
  }

  /** Something went wrong in a plugin: nothing is said of nodes. */
  get isError(): boolean {
    const { node, message } = this.decision;
    return node === "" && !/nodes? (are )?available/.test(message);
  }

  get pod(): Pod {
    return this.decision.pod.pod;
  }

  /** `default/web-x`. */
  get name(): string {
    const { namespace, name } = this.pod.metadata;
    return `${namespace}/${name}`;
  }

  /** What it was decided on. */
  get known(): Known {
    const { snapshot, nominations, pod } = this.decision;
    this.#known ??= knownFrom(this.state, snapshot, nominations, pod.id);
    return this.#known;
  }
}

/**
 * What a scheduler knows: nodes and pods from a snapshot, all else from its informers, and what is being written for pods on
 * their way.
 *
 * @param but not what is written for this pod
 */
export function knownFrom(
  state: SchedulerState,
  snapshot: Snapshot,
  nominations: Decision["nominations"],
  but: Uid,
): Known {
  const infos = nodesOf(snapshot);
  const pods = infos.flatMap((info) => info.pods.map(({ pod }) => onNode(pod, info.name)));
  const written = new Map(writesOf(state, but).map((object) => [`${object.kind} ${keyOf(object)}`, object]));
  const objects = <O>(resource: string): readonly O[] =>
    informed(state, resource).map(([key, object]) => {
      const own = written.get(`${object.kind} ${key}`);
      return (own === undefined || versionOf(own) < versionOf(object) ? object : own) as unknown as O;
    });
  return {
    cluster: { nodes: infos.map(({ node }) => node), pods, namespaces: labelsOf(objects("namespaces")) },
    storage: storageOf(objects),
    atStart: pods,
    nominated: new Map(mapEntries(nominations).map(([node, list]) => [node, list.map(({ pod }) => pod)])),
  };
}

/** Claims and volumes as they are written for pods that are being bound: what was decided counts before it is seen. */
export function writesOf({ bindings, waiting }: SchedulerState, but: Uid): readonly KubeObject[] {
  const cycles = [...mapEntries(bindings), ...mapEntries(waiting)];
  return cycles.flatMap(([uid, { toWrite, written }]) => (uid === but ? [] : [...toWrite, ...written]));
}

function versionOf({ metadata }: KubeObject): number {
  return Number(metadata.resourceVersion ?? 0);
}

/** What an informer of a scheduler has, by key. */
export function informed(state: SchedulerState, resource: string): readonly (readonly [string, KubeObject])[] {
  const informer = state.api.informers.find(({ spec }) => spec.resource === resource);
  return informer === undefined ? [] : mapEntries(informer.objects);
}

export type DecisionListener = (decided: Decided) => void;

/** The decisions of all schedulers of a run. */
export class DecisionLedger {
  readonly #listeners: DecisionListener[] = [];
  readonly #feed = new FedOnce({
    concerns: { changes: ["decision"], messages: [], notes: [] },
    onStep: (process, before, after, { now }) => {
      if (after.kind !== "scheduler" || after.lastDecision === null) return;
      if (after.lastDecision === (before as SchedulerState).lastDecision) return;
      const decided = new Decided(process, after.lastDecision, after, now);
      for (const listener of this.#listeners) listener(decided);
    },
  });

  with(own: Monitor<ClusterTypes> = {}): Monitor<ClusterTypes> {
    return this.#feed.with(own);
  }

  listen(listener: DecisionListener): void {
    this.#listeners.push(listener);
  }
}

/** The decisions of the run that a monitor watches. */
export const decisionsOf: (context: ClusterContext) => DecisionLedger = sharedByRun(() => new DecisionLedger());

/** What is shown of a decision that is not what it should be. */
export function evidenceOf({ process, decision: { number, node, message, nominated, victims } }: Decided) {
  return {
    scheduler: process.id,
    number,
    node,
    message,
    nominated,
    victims: victims.map(({ pod }) => pod.metadata.name),
  };
}
