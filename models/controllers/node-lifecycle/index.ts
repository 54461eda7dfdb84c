import { unreachable } from "../../kernel/index.ts";
import type { ApiResponse } from "../../machinery/api.ts";
import type { InformerEvent, InformerSpec } from "../../machinery/client/types.ts";
import type { Node, Pod } from "../../machinery/kinds/index.ts";
import type { Controller, Outcome } from "../controller.ts";
import { unknownWritten, writeUnknown } from "./health.ts";
import { monitor, swapTaint, tainted, taintNext } from "./monitor.ts";
import { isUnwell, markPods, podMarked } from "./pods.ts";
import { conditionChange, reconcileTaints, taintsAnswered, wellChange } from "./taints.ts";
import {
  INITIAL,
  NODE_LIFECYCLE_DEFAULTS,
  type NodeLifecycleConfig,
  type NodeLifecycleState,
  type NodeLifecycleTask,
  type NodeTurn,
} from "./types.ts";

export { NOTE_NAMES as NODE_LIFECYCLE_NOTES } from "./notes.ts";
export { NODE_LIFECYCLE_DEFAULTS } from "./types.ts";

const informer = (resource: string, indexes: InformerSpec["indexes"] = []): InformerSpec => ({
  resource,
  labelSelector: "",
  fieldSelector: "",
  indexes,
  resyncUs: 0,
});

/**
 * Watches over nodes: who shows no sign of life is unknown, and is tainted so that its pods leave (kubernetes
 * pkg/controller/nodelifecycle).
 *
 * Keys: `monitor`; of a node, `status:` (write that it is unknown), `pods:` (mark them), `conditions:` (taints of its
 * conditions), `well:` (take the taints of eviction off), `swap:` (the one for the other); of a zone, `zone:` (taint the next).
 */
export const nodeLifecycle: Controller<NodeLifecycleState, NodeLifecycleTask, NodeLifecycleConfig> = {
  name: "node-lifecycle",
  informers: [informer("nodes"), informer("pods", ["byNode"]), informer("leases")],
  workers: 8,
  defaults: NODE_LIFECYCLE_DEFAULTS,
  initial: INITIAL,
  started: (turn) => turn.enqueue("monitor"),
  observe,
  sync,
  answered,
};

function observe(turn: NodeTurn, event: InformerEvent): void {
  if (event.type === "deleted") return;
  if (event.resource === "nodes") {
    if (conditionChange(event.object as Node) !== null) turn.enqueue(`conditions:${event.key}`);
  } else if (event.resource === "pods") {
    const { nodeName } = (event.object as Pod).spec;
    if (nodeName === undefined || nodeName === "") return;
    // A pod that has come to a node that is not well; one that is there already was marked with the others.
    if ((event.old as Pod | null)?.spec.nodeName !== nodeName && isUnwell(turn, nodeName))
      turn.enqueue(`pods:${nodeName}`);
  }
}

function sync(turn: NodeTurn, key: string): Outcome<NodeLifecycleTask> {
  const colon = key.indexOf(":");
  if (colon < 0) return monitor(turn);
  const name = key.slice(colon + 1);
  switch (key.slice(0, colon)) {
    case "status":
      return writeUnknown(turn, name);
    case "pods":
      return markPods(turn, name);
    case "conditions":
      return reconcileTaints(turn, name, conditionChange);
    case "well":
      return reconcileTaints(turn, name, wellChange);
    case "swap":
      return swapTaint(turn, name);
    default:
      return taintNext(turn, name);
  }
}

function answered(
  turn: NodeTurn,
  key: string,
  task: NodeLifecycleTask,
  response: ApiResponse | null,
): Outcome<NodeLifecycleTask> {
  const name = key.slice(key.indexOf(":") + 1);
  switch (task.step) {
    case "status":
      return unknownWritten(turn, name, response);
    case "pod":
      return podMarked(turn, task, response);
    case "patch":
    case "read": {
      const outcome = taintsAnswered(turn, task, response);
      return outcome.kind === "done" && key.startsWith("zone:") ? tainted(turn, name, task.node) : outcome;
    }
    default:
      return unreachable(task);
  }
}
