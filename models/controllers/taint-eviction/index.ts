/** Deletes pods from nodes with taints that they do not tolerate (kubernetes pkg/controller/tainteviction/taint_eviction.go). */
import { emptyOrderedMap, type Micros, mapDelete, mapGet, mapSet, type OrderedMap } from "../../kernel/index.ts";
import type { ApiResponse } from "../../machinery/api.ts";
import { deleteRequest, getRequest, patchRequest } from "../../machinery/client/requests.ts";
import type { InformerEvent, InformerSpec } from "../../machinery/client/types.ts";
import { findCondition, withCondition } from "../../machinery/conditions.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { Json, Node, Pod, Taint, Uid } from "../../machinery/kinds/index.ts";
import { splitKey } from "../../machinery/meta.ts";
import { isNotFound, isSuccess, objectOf } from "../../machinery/status.ts";
import { timeOf } from "../../machinery/time.ts";
import { type Controller, type ControllerTurn, DONE, NO_SETTINGS, type Outcome } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { note } from "./notes.ts";
import { allTolerated, secondsTolerated } from "./tolerations.ts";

export { NOTE_NAMES as TAINT_EVICTION_NOTES } from "./notes.ts";

/** A pod that is to be deleted. Local monotonic times. */
interface Eviction {
  readonly uid: Uid;
  readonly createdAt: Micros;
  readonly dueAt: Micros;
}

export interface TaintEvictionState {
  /** By node, its taints NoExecute; a node without any is not there. */
  readonly tainted: OrderedMap<readonly Taint[]>;
  /** By pod. */
  readonly evictions: OrderedMap<Eviction>;
}

export type TaintEvictionTask =
  | { readonly step: "read" }
  | { readonly step: "condition" }
  | { readonly step: "delete" };

type Turn = ControllerTurn<TaintEvictionState, typeof NO_SETTINGS>;
type Result = Outcome<TaintEvictionTask>;

const informer = (resource: string, indexes: InformerSpec["indexes"] = []): InformerSpec => ({
  resource,
  labelSelector: "",
  fieldSelector: "",
  indexes,
  resyncUs: 0,
});

/** Keys are those of pods. */
export const taintEviction: Controller<TaintEvictionState, TaintEvictionTask, typeof NO_SETTINGS> = {
  name: "taint-eviction",
  informers: [informer("nodes"), informer("pods", ["byNode"])],
  workers: 8,
  defaults: NO_SETTINGS,
  initial: { tainted: emptyOrderedMap(), evictions: emptyOrderedMap() },
  observe,
  sync,
  answered,
};

function observe(turn: Turn, event: InformerEvent): void {
  if (event.resource === "nodes") nodeChanged(turn, event);
  else if (event.resource === "pods") podChanged(turn, event);
}

/** handleNodeUpdate. */
function nodeChanged(turn: Turn, { type, key, object }: InformerEvent): void {
  const known = mapGet(turn.state.tainted, key);
  const taints =
    type === "deleted" ? [] : ((object as Node).spec?.taints ?? []).filter(({ effect }) => effect === "NoExecute");
  if (taints.length === 0 && known === undefined) return;
  if (known !== undefined && sameTaints(known, taints)) return;
  const { tainted } = turn.state;
  turn.state = { ...turn.state, tainted: taints.length === 0 ? mapDelete(tainted, key) : mapSet(tainted, key, taints) };
  for (const pod of turn.view<Pod>("pods").byIndex("byNode", key)) {
    if (taints.length === 0) cancel(turn, podKey(pod));
    else processPod(turn, pod, taints);
  }
}

function sameTaints(one: readonly Taint[], two: readonly Taint[]): boolean {
  return (
    one.length === two.length &&
    one.every(
      (taint, i) => taint.key === two[i]!.key && taint.value === two[i]!.value && taint.timeAdded === two[i]!.timeAdded,
    )
  );
}

function podKey({ metadata }: Pod): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

/** handlePodUpdate. */
function podChanged(turn: Turn, { type, key, object, old }: InformerEvent): void {
  const pod = object as Pod;
  if (type === "deleted") {
    cancel(turn, key);
    return;
  }
  const { nodeName } = pod.spec;
  if (old !== null && isSamePlace(old as Pod, pod)) return;
  const taints = nodeName === undefined ? undefined : mapGet(turn.state.tainted, nodeName);
  if (taints !== undefined) processPod(turn, pod, taints);
}

/** PodUpdated: where it runs and what it tolerates is as before. */
function isSamePlace(old: Pod, pod: Pod): boolean {
  if (old.metadata.uid !== pod.metadata.uid || old.spec.nodeName !== pod.spec.nodeName) return false;
  return deepEqual(old.spec.tolerations ?? [], pod.spec.tolerations ?? []);
}

/** processPodOnNode. */
function processPod(turn: Turn, pod: Pod, taints: readonly Taint[]): void {
  const key = podKey(pod);
  const known = mapGet(turn.state.evictions, key);
  const eviction = known?.uid === pod.metadata.uid ? known : undefined;
  if (!allTolerated(pod, taints)) {
    if (eviction !== undefined && eviction.dueAt <= turn.now) return;
    turn.note(note.notTolerated);
    schedule(turn, key, { uid: pod.metadata.uid ?? "", createdAt: turn.now, dueAt: turn.now });
    return;
  }
  const seconds = secondsTolerated(pod, taints);
  if (seconds === null) {
    turn.note(note.toleratedForever);
    cancel(turn, key);
    return;
  }
  // It counts from when the eviction was first decided on.
  if (eviction !== undefined) {
    turn.note(note.kept);
    return;
  }
  turn.note(note.scheduled);
  const dueAt = turn.now + seconds * 1_000_000;
  schedule(turn, key, { uid: pod.metadata.uid ?? "", createdAt: turn.now, dueAt });
}

function schedule(turn: Turn, key: string, eviction: Eviction): void {
  turn.state = { ...turn.state, evictions: mapSet(turn.state.evictions, key, eviction) };
  turn.enqueueAfter(key, Math.max(0, eviction.dueAt - turn.now));
}

/** cancelWorkWithEvent. */
function cancel(turn: Turn, key: string): void {
  if (mapGet(turn.state.evictions, key) === undefined) return;
  turn.note(note.cancelled);
  turn.state = { ...turn.state, evictions: mapDelete(turn.state.evictions, key) };
}

function sync(turn: Turn, key: string): Result {
  const eviction = mapGet(turn.state.evictions, key);
  if (eviction === undefined) return DONE;
  if (turn.now < eviction.dueAt) return { kind: "after", us: eviction.dueAt - turn.now };
  const [namespace, name] = splitKey(key);
  return { kind: "call", request: getRequest("pods", namespace, name), task: { step: "read" } };
}

/** addConditionAndDeletePod. */
function answered(turn: Turn, key: string, task: TaintEvictionTask, response: ApiResponse | null): Result {
  if (isNotFound(response)) return finished(turn, key);
  switch (task.step) {
    case "read": {
      const pod = objectOf<Pod>(response);
      return pod === null ? retry(errorOf(response)) : decided(turn, key, pod);
    }
    case "condition":
      return isSuccess(response) ? remove(turn, key) : retry(errorOf(response));
    default:
      return isSuccess(response) ? finished(turn, key) : retry(errorOf(response));
  }
}

/** The pod as the API has it. One that was created later under the same name is another, and may stay. */
function decided(turn: Turn, key: string, pod: Pod): Result {
  const eviction = mapGet(turn.state.evictions, key);
  if (eviction === undefined) return DONE;
  if (eviction.uid !== pod.metadata.uid) {
    turn.note(note.otherPod);
    return finished(turn, key);
  }
  if (findCondition(pod.status?.conditions, "DisruptionTarget")?.reason === CONDITION.reason) return remove(turn, key);
  const [condition] = withCondition(undefined, CONDITION, timeOf(turn.wall));
  const patch = { metadata: { uid: eviction.uid }, status: { conditions: [condition] } } as unknown as Json;
  const [namespace, name] = splitKey(key);
  const request = patchRequest("pods", namespace, name, patch, { type: "strategic", subresource: "status" });
  return { kind: "call", request, task: { step: "condition" } };
}

const CONDITION = {
  type: "DisruptionTarget",
  status: "True",
  reason: "DeletionByTaintManager",
  message: "Taint manager: deleting due to NoExecute taint",
} as const;

/** With the pod's own grace period: what runs on a node that is cut off is not known to have stopped. */
function remove(turn: Turn, key: string): Result {
  if (mapGet(turn.state.evictions, key) === undefined) return DONE;
  turn.note(note.deleted);
  const [namespace, name] = splitKey(key);
  return { kind: "call", request: deleteRequest("pods", namespace, name), task: { step: "delete" } };
}

function finished(turn: Turn, key: string): Result {
  const { evictions } = turn.state;
  turn.state = { ...turn.state, evictions: mapDelete(evictions, key) };
  return DONE;
}
