/** Pods of nodes that are not ready (kubernetes pkg/controller/util/node/controller_utils.go, MarkPodsNotReady). */
import { mapGet } from "../../kernel/index.ts";
import type { ApiResponse } from "../../machinery/api.ts";
import { updateRequest } from "../../machinery/client/requests.ts";
import { findCondition, withCondition } from "../../machinery/conditions.ts";
import type { Pod } from "../../machinery/kinds/index.ts";
import { keyOf } from "../../machinery/meta.ts";
import { isNotFound, isSuccess } from "../../machinery/status.ts";
import { timeOf } from "../../machinery/time.ts";
import { DONE, type Outcome } from "../controller.ts";
import { retry } from "../shared/answers.ts";
import { note } from "./notes.ts";
import type { NodeLifecycleTask, NodeTurn } from "./types.ts";

/** Whether a node is known, and known not to be ready. */
export function isUnwell(turn: NodeTurn, name: string): boolean {
  const ready = mapGet(turn.state.health, name)?.ready ?? null;
  return ready !== null && ready !== "True";
}

/**
 * Marks the pods of a node as not ready, unless no node is well: then it is rather this controller that is cut off, and
 * no endpoint would be left (kubernetes#77864, which the real one does not heed).
 */
export function markPods(turn: NodeTurn, node: string): Outcome<NodeLifecycleTask> {
  if (!isUnwell(turn, node)) return DONE;
  if (turn.state.allDisrupted) {
    turn.note(note.podsLeft);
    return DONE;
  }
  const pods = turn.view<Pod>("pods").byIndex("byNode", node);
  return markNext(turn, pods.filter(isMarkedReady).map(keyOf), false);
}

function isMarkedReady(pod: Pod): boolean {
  const ready = findCondition(pod.status?.conditions, "Ready");
  return ready !== null && ready.status !== "False";
}

function markNext(turn: NodeTurn, keys: readonly string[], failed: boolean): Outcome<NodeLifecycleTask> {
  for (let i = 0; i < keys.length; i++) {
    const pod = turn.view<Pod>("pods").byKey(keys[i]!);
    if (pod === null || !isMarkedReady(pod)) continue;
    turn.note(note.podsMarked);
    const conditions = withCondition(pod.status?.conditions, { type: "Ready", status: "False" }, timeOf(turn.wall));
    const marked: Pod = { ...pod, status: { ...pod.status, conditions } };
    return {
      kind: "call",
      request: updateRequest(marked, "status"),
      task: { step: "pod", rest: keys.slice(i + 1), failed },
    };
  }
  return failed ? retry("not all pods are marked") : DONE;
}

export function podMarked(
  turn: NodeTurn,
  { rest, failed }: Extract<NodeLifecycleTask, { readonly step: "pod" }>,
  response: ApiResponse | null,
): Outcome<NodeLifecycleTask> {
  return markNext(turn, rest, failed || !(isSuccess(response) || isNotFound(response)));
}
