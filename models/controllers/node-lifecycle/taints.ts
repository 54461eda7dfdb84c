/** Taints of nodes that are not well (kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go). */
import type { ApiResponse } from "../../machinery/api.ts";
import { getRequest, patchRequest } from "../../machinery/client/requests.ts";
import type { Json, Node, Taint } from "../../machinery/kinds/index.ts";
import { isConflict, isNotFound, isSuccess, objectOf } from "../../machinery/status.ts";
import { timeOf } from "../../machinery/time.ts";
import { DONE, type Outcome } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { note } from "./notes.ts";
import type { NodeLifecycleTask, NodeTurn, Ready, TaintChange } from "./types.ts";

const NOT_READY = "node.kubernetes.io/not-ready";
const UNREACHABLE = "node.kubernetes.io/unreachable";
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

const NOT_READY_TAINT: Taint = Object.freeze({ key: NOT_READY, effect: "NoExecute" });
const UNREACHABLE_TAINT: Taint = Object.freeze({ key: UNREACHABLE, effect: "NoExecute" });

/** The taint of a node that is not ready, and that of the other way not to be so: they exclude each other. */
export function evictionTaints(ready: Exclude<Ready, "True">): { readonly taint: Taint; readonly opposite: Taint } {
  if (ready === "False") return { taint: NOT_READY_TAINT, opposite: UNREACHABLE_TAINT };
  return { taint: UNREACHABLE_TAINT, opposite: NOT_READY_TAINT };
}

export function hasTaint(node: Node, { key, effect }: Taint): boolean {
  return node.spec?.taints?.some((taint) => taint.key === key && taint.effect === effect) === true;
}

/** markNodeAsReachable: neither taint. */
export function wellChange(node: Node): TaintChange | null {
  const remove = [UNREACHABLE_TAINT, NOT_READY_TAINT].filter((taint) => hasTaint(node, taint));
  return remove.length === 0 ? null : { add: [], remove };
}

/** By condition and status, the taint that keeps new pods away (nodeConditionToTaintKeyStatusMap). */
const CONDITION_TAINTS: readonly (readonly [type: string, status: string, key: string])[] = [
  ["Ready", "False", NOT_READY],
  ["Ready", "Unknown", UNREACHABLE],
  ["MemoryPressure", "True", "node.kubernetes.io/memory-pressure"],
  ["DiskPressure", "True", "node.kubernetes.io/disk-pressure"],
  ["NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"],
  ["PIDPressure", "True", "node.kubernetes.io/pid-pressure"],
];

const CONDITION_KEYS: readonly string[] = [...CONDITION_TAINTS.map(([, , key]) => key), UNSCHEDULABLE];

/** doNoScheduleTaintingPass: the taints NoSchedule of its conditions and of `unschedulable`, and no others of their keys. */
export function conditionChange(node: Node): TaintChange | null {
  const wanted: Taint[] = [];
  for (const { type, status } of node.status?.conditions ?? [])
    for (const [ofType, ofStatus, key] of CONDITION_TAINTS)
      if (type === ofType && status === ofStatus) wanted.push({ key, effect: "NoSchedule" });
  if (node.spec?.unschedulable === true) wanted.push({ key: UNSCHEDULABLE, effect: "NoSchedule" });
  const add = wanted.filter((taint) => !hasTaint(node, taint));
  const remove = (node.spec?.taints ?? []).filter(
    ({ key, effect }) =>
      effect === "NoSchedule" && CONDITION_KEYS.includes(key) && !wanted.some((taint) => taint.key === key),
  );
  return add.length + remove.length === 0 ? null : { add, remove };
}

/**
 * Changes a node's taints (controller_utils.go, SwapNodeControllerTaint). They are one list, without merging: "our Patch
 * request will set RV to check for conflicts over .spec.taints".
 */
export function changeTaints(
  turn: NodeTurn,
  node: Node,
  change: TaintChange,
  fresh = false,
): Outcome<NodeLifecycleTask> {
  const kept = (node.spec?.taints ?? []).filter(
    (taint) => !change.remove.some(({ key, effect }) => key === taint.key && effect === taint.effect),
  );
  const now = timeOf(turn.wall);
  const added = change.add.filter((taint) => !hasTaint(node, taint)).map((taint) => ({ ...taint, timeAdded: now }));
  if (added.length === 0 && kept.length === (node.spec?.taints ?? []).length) return DONE;
  const taints = [...kept, ...added];
  const patch = {
    metadata: { resourceVersion: node.metadata.resourceVersion ?? "" },
    spec: { taints: taints.length === 0 ? null : taints },
  } as unknown as Json;
  return {
    kind: "call",
    request: patchRequest("nodes", "", node.metadata.name, patch),
    task: { step: "patch", node: node.metadata.name, change, fresh },
  };
}

/** After a conflict with what the cache has, the node is read and patched once more. */
export function taintsAnswered(
  turn: NodeTurn,
  task: Extract<NodeLifecycleTask, { readonly step: "patch" | "read" }>,
  response: ApiResponse | null,
): Outcome<NodeLifecycleTask> {
  if (isNotFound(response)) return DONE;
  if (task.step === "read") {
    const node = objectOf<Node>(response);
    return node === null ? retry(errorOf(response)) : changeTaints(turn, node, task.change, true);
  }
  if (isSuccess(response)) return DONE;
  if (!isConflict(response) || task.fresh) return retry(errorOf(response));
  const request = getRequest("nodes", "", task.node);
  return { kind: "call", request, task: { step: "read", node: task.node, change: task.change } };
}

/** Works on a node's taints that are in the wrong: those of its conditions, or those of one that is well again. */
export function reconcileTaints(
  turn: NodeTurn,
  name: string,
  changeOf: (node: Node) => TaintChange | null,
): Outcome<NodeLifecycleTask> {
  const node = turn.view<Node>("nodes").get("", name);
  const change = node === null ? null : changeOf(node);
  if (node === null || change === null) return DONE;
  turn.note(changeOf === wellChange ? note.untainted : note.conditionTaints);
  return changeTaints(turn, node, change);
}
