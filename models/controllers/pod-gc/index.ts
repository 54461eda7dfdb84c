/** Deletes pods that nobody else will (kubernetes pkg/controller/podgc/gc_controller.go). */
import {
  emptyOrderedMap,
  type Micros,
  mapDelete,
  mapEntries,
  mapGet,
  mapSet,
  type OrderedMap,
} from "../../kernel/index.ts";
import type { ApiResponse } from "../../machinery/api.ts";
import { deleteRequest, getRequest, patchRequest } from "../../machinery/client/requests.ts";
import { findCondition } from "../../machinery/conditions.ts";
import type { Json, Node, Pod } from "../../machinery/kinds/index.ts";
import { isDeleting, keyOf } from "../../machinery/meta.ts";
import { isPodReady, isPodTerminal } from "../../machinery/pods.ts";
import { isNotFound, isSuccess } from "../../machinery/status.ts";
import { timeOf } from "../../machinery/time.ts";
import { type Controller, type ControllerTurn, DONE, type Outcome } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { note } from "./notes.ts";

export { NOTE_NAMES as POD_GC_NOTES } from "./notes.ts";

/** Durations in microseconds; in brackets, kube-controller-manager's values. */
export interface PodGcConfig {
  /** [gcCheckPeriod, 20 s] */
  readonly periodUs: Micros;
  /** How long a node has been gone before its pods go [quarantineTime, 40 s]. */
  readonly quarantineUs: Micros;
  /** So many terminated pods may stay [terminated-pod-gc-threshold, 12,500]; 0: all. */
  readonly terminatedThreshold: number;
}

export const POD_GC_DEFAULTS: PodGcConfig = Object.freeze({
  periodUs: 20_000_000,
  quarantineUs: 40_000_000,
  terminatedThreshold: 12_500,
});

/** A pod that is to go, and what is said of it before. */
interface Doomed {
  readonly key: string;
  readonly uid: string;
  /** Why it is disrupted: null for pods that have ended anyway. */
  readonly message: string | null;
}

export interface PodGcState {
  /** Nodes that were found missing, and since when, by the local monotonic clock. */
  readonly missing: OrderedMap<Micros>;
}

export type PodGcTask =
  | { readonly step: "node"; readonly nodes: readonly string[]; readonly gone: readonly string[] }
  | { readonly step: "fail" | "delete"; readonly left: readonly Doomed[]; readonly error: string };

type Turn = ControllerTurn<PodGcState, PodGcConfig>;
type Result = Outcome<PodGcTask>;

/** The one key: a look at all pods. */
const LOOK = "look";
const OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

export const podGc: Controller<PodGcState, PodGcTask, PodGcConfig> = {
  name: "pod-garbage-collector",
  informers: [
    { resource: "pods", labelSelector: "", fieldSelector: "", indexes: ["byNode"], resyncUs: 0 },
    { resource: "nodes", labelSelector: "", fieldSelector: "", indexes: [], resyncUs: 0 },
  ],
  workers: 1,
  defaults: POD_GC_DEFAULTS,
  initial: { missing: emptyOrderedMap() },
  started: (turn) => turn.enqueue(LOOK),
  observe() {},
  sync: look,
  answered,
};

/** gc: nodes that have been missing for the quarantine are asked for once more before their pods go. */
function look(turn: Turn): Result {
  turn.enqueueAfter(LOOK, turn.config.periodUs);
  const named = new Set<string>();
  for (const { spec } of turn.view<Pod>("pods").list())
    if (spec.nodeName !== undefined && spec.nodeName !== "") named.add(spec.nodeName);
  const nodes = turn.view<Node>("nodes");
  const due: string[] = [];
  for (const name of [...named].sort()) {
    if (nodes.get("", name) !== null) continue;
    const since = mapGet(turn.state.missing, name);
    if (since === undefined) {
      turn.note(note.quarantined);
      turn.state = { missing: mapSet(turn.state.missing, name, turn.now) };
    } else if (turn.now - since >= turn.config.quarantineUs) due.push(name);
  }
  for (const [name] of mapEntries(turn.state.missing))
    if (!named.has(name) || nodes.get("", name) !== null) turn.state = { missing: mapDelete(turn.state.missing, name) };
  return askNext(turn, due, []);
}

/** discoverDeletedNodes: the cache is not believed. */
function askNext(turn: Turn, nodes: readonly string[], gone: readonly string[]): Result {
  const [name] = nodes;
  if (name === undefined) return removeNext(turn, doomed(turn, gone), "");
  return { kind: "call", request: getRequest("nodes", "", name), task: { step: "node", nodes, gone } };
}

function answered(turn: Turn, _key: string, task: PodGcTask, response: ApiResponse | null): Result {
  if (task.step === "node") {
    const [name, ...nodes] = task.nodes;
    if (isNotFound(response)) return askNext(turn, nodes, [...task.gone, name!]);
    if (isSuccess(response)) {
      turn.note(note.nodeBack);
      turn.state = { missing: mapDelete(turn.state.missing, name!) };
    }
    return askNext(turn, nodes, task.gone);
  }
  const [pod, ...left] = task.left;
  const failed = !isSuccess(response) && !isNotFound(response);
  const error = failed && task.error === "" ? errorOf(response) : task.error;
  if (task.step === "fail" && isSuccess(response)) return remove(turn, [pod!, ...left], error);
  return removeNext(turn, left, error);
}

/** gcTerminated, gcTerminating, gcOrphaned, gcUnscheduledTerminating. */
function doomed(turn: Turn, goneNodes: readonly string[]): readonly Doomed[] {
  const gone = new Set(goneNodes);
  const nodes = turn.view<Node>("nodes");
  const terminated: Pod[] = [];
  const found: Doomed[] = [];
  for (const pod of turn.view<Pod>("pods").list()) {
    const { nodeName = "" } = pod.spec;
    if (isPodTerminal(pod) && !isDeleting(pod)) terminated.push(pod);
    if (gone.has(nodeName)) {
      turn.note(note.orphaned);
      found.push(doom(pod, "PodGC: node no longer exists"));
    } else if (nodeName === "") {
      if (!isDeleting(pod)) continue;
      turn.note(note.unscheduled);
      found.push(doom(pod, null));
    } else if (isDeleting(pod) && isOutOfService(nodes.get("", nodeName))) {
      turn.note(note.outOfService);
      found.push(doom(pod, "PodGC: node is out of service"));
    }
  }
  const surplus = terminated.length - turn.config.terminatedThreshold;
  if (turn.config.terminatedThreshold === 0 || surplus <= 0) return found;
  turn.note(note.terminated);
  return [
    ...oldest(terminated)
      .slice(0, surplus)
      .map((pod) => doom(pod, null)),
    ...found,
  ];
}

/** "node is out of service" and not ready: nothing runs there (KEP-2268). */
function isOutOfService(node: Node | null): boolean {
  if (node === null || findCondition(node.status?.conditions, "Ready")?.status === "True") return false;
  return node.spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true;
}

/** byEvictionAndCreationTimestamp. */
function oldest(pods: readonly Pod[]): readonly Pod[] {
  const isEvicted = (pod: Pod) => pod.status?.reason === "Evicted";
  const created = (pod: Pod) => pod.metadata.creationTimestamp ?? "";
  return pods.toSorted((one, two) => {
    if (isEvicted(one) !== isEvicted(two)) return isEvicted(one) ? -1 : 1;
    if (created(one) !== created(two)) return created(one) < created(two) ? -1 : 1;
    return keyOf(one) < keyOf(two) ? -1 : 1;
  });
}

function doom(pod: Pod, message: string | null): Doomed {
  return { key: keyOf(pod), uid: pod.metadata.uid ?? "", message };
}

/** markFailedAndDeletePod: a pod that has not ended is marked Failed first, so that whoever counts it sees an end. */
function removeNext(turn: Turn, left: readonly Doomed[], error: string): Result {
  const [next] = left;
  if (next === undefined) return error === "" ? DONE : retry(error);
  const pod = turn.view<Pod>("pods").byKey(next.key);
  if (pod === null || pod.metadata.uid !== next.uid) return removeNext(turn, left.slice(1), error);
  if (isPodTerminal(pod)) return remove(turn, left, error);
  turn.note(note.failedFirst);
  const patch = {
    metadata: { uid: next.uid },
    status: failedStatus(pod, next.message, timeOf(turn.wall)),
  } as unknown as Json;
  const { namespace = "", name } = pod.metadata;
  const request = patchRequest("pods", namespace, name, patch, { type: "strategic", subresource: "status" });
  return { kind: "call", request, task: { step: "fail", left, error } };
}

function failedStatus(pod: Pod, message: string | null, now: string): object {
  const ready = isPodReady(pod)
    ? [{ type: "Ready", status: "False", reason: "PodFailed", lastTransitionTime: now }]
    : [];
  const target =
    message === null
      ? []
      : [{ type: "DisruptionTarget", status: "True", reason: "DeletionByPodGC", message, lastTransitionTime: now }];
  const conditions = [...ready, ...target];
  return conditions.length === 0 ? { phase: "Failed" } : { phase: "Failed", conditions };
}

/** Without grace: nobody is there to give it. */
function remove(turn: Turn, left: readonly Doomed[], error: string): Result {
  turn.note(note.deleted);
  const [next] = left;
  const slash = next!.key.indexOf("/");
  const options = { gracePeriodSeconds: 0, preconditions: { uid: next!.uid } };
  const request = deleteRequest("pods", next!.key.slice(0, slash), next!.key.slice(slash + 1), options);
  return { kind: "call", request, task: { step: "delete", left, error } };
}
