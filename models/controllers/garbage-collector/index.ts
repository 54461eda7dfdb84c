import { unreachable } from "../../kernel/index.ts";
import type { ApiResponse } from "../../machinery/api.ts";
import { RESOURCES } from "../../machinery/resources.ts";
import { type Controller, DONE, NO_SETTINGS, type Outcome } from "../controller.ts";
import { type GraphTurn, graphChanged } from "./builder.ts";
import { actionAnswered, attemptItem, finalizerRead, itemAnswered, ownerAnswered } from "./collect.ts";
import { EMPTY_GRAPH, type Graph, nodeOf } from "./graph.ts";
import { attemptOrphan, orphanAnswered, orphanUnseenAnswered, unseenListed } from "./orphan.ts";
import type { GcTask } from "./task.ts";

export { NOTE_NAMES as GARBAGE_COLLECTOR_NOTES } from "./notes.ts";

/** Keys: `delete:<UID>` and `orphan:<UID>`, the two queues of the real one. */
const DELETE = "delete:";

/**
 * Deletes what has lost its owners, and carries out foreground and orphaning deletions (kubernetes
 * pkg/controller/garbagecollector). 20 workers (concurrent-gc-syncs).
 */
export const garbageCollector: Controller<Graph, GcTask, typeof NO_SETTINGS> = {
  name: "garbage-collector",
  informers: RESOURCES.filter(({ name }) => name !== "events").map(({ name }) => ({
    resource: name,
    labelSelector: "",
    fieldSelector: "",
    indexes: [],
    resyncUs: 0,
  })),
  workers: 20,
  defaults: NO_SETTINGS,
  initial: EMPTY_GRAPH,
  observe: graphChanged,
  sync(turn, key) {
    const uid = key.slice(DELETE.length);
    return key.startsWith(DELETE) ? attemptItem(turn, uid) : attemptOrphan(turn, uid);
  },
  answered,
};

function answered(turn: GraphTurn, key: string, task: GcTask, response: ApiResponse | null): Outcome<GcTask> {
  const uid = key.slice(DELETE.length);
  switch (task.step) {
    case "item":
      return itemAnswered(turn, uid, response);
    case "owner":
      return ownerAnswered(turn, uid, task, response);
    case "orphan":
      return orphanAnswered(turn, uid, task, response);
    case "unseen":
      return unseenListed(turn, uid, task, response);
    case "orphanUnseen":
      return orphanUnseenAnswered(turn, uid, task, response);
    case "finalizer": {
      const node = nodeOf(turn.state, uid);
      return node === null ? DONE : finalizerRead(turn, node, task.finalizer, response);
    }
    case "patched":
    case "unblocked":
    case "deleted":
    case "deleteConflict":
    case "deletedByUid":
      return actionAnswered(turn, uid, task, response);
    default:
      return unreachable(task);
  }
}
