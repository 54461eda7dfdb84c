/** Pods that were to be disrupted and were not (kubernetes pkg/controller/disruption/disruption.go, syncStalePodDisruption). */
import type { Micros } from "../../kernel/index.ts";
import { patchRequest } from "../../machinery/client/requests.ts";
import { findCondition } from "../../machinery/conditions.ts";
import type { Json, Pod } from "../../machinery/kinds/index.ts";
import { isDeleting } from "../../machinery/meta.ts";
import { isPodTerminal } from "../../machinery/pods.ts";
import { timeOf, wallOf } from "../../machinery/time.ts";
import { DONE, type Outcome } from "../controller.ts";
import { note } from "./notes.ts";
import type { DisruptionTask, DisruptionTurn } from "./types.ts";

export const STALE = "stale:";

/** nonTerminatingPodHasStaleDisruptionCondition: how long it still is a target; null: it is none. */
export function staleTarget(turn: DisruptionTurn, pod: Pod): Micros | null {
  if (isDeleting(pod) || isPodTerminal(pod)) return null;
  const condition = findCondition(pod.status?.conditions, "DisruptionTarget");
  if (condition?.status !== "True") return null;
  return Math.max(0, wallOf(condition.lastTransitionTime ?? "") + turn.config.staleTargetUs - turn.wall);
}

export function syncStaleTarget(turn: DisruptionTurn, key: string): Outcome<DisruptionTask> {
  const pod = turn.view<Pod>("pods").byKey(key);
  const left = pod === null ? null : staleTarget(turn, pod);
  if (pod === null || left === null) return DONE;
  if (left > 0) return { kind: "after", us: left };
  turn.note(note.staleTarget);
  const condition = {
    type: "DisruptionTarget",
    status: "False",
    lastTransitionTime: timeOf(turn.wall),
    reason: "",
    message: "",
  };
  const { namespace = "", name, uid = "" } = pod.metadata;
  const patch: Json = { metadata: { uid }, status: { conditions: [condition] } };
  const request = patchRequest("pods", namespace, name, patch, { type: "strategic", subresource: "status" });
  return { kind: "call", request, task: { step: "staleTarget", againUs: 0 } };
}
