/** What a scheduler writes about pods: conditions, nominations and Events (kubernetes pkg/scheduler/schedule_one.go, updatePod). */
import { createRequest, patchRequest } from "../machinery/client/requests.ts";
import { findCondition, withCondition } from "../machinery/conditions.ts";
import type { Condition, Event, Json, Pod } from "../machinery/kinds/index.ts";
import { timeOf } from "../machinery/time.ts";
import type { Run } from "./run.ts";

/** What comes back with an answer: who waits for it, by the UID of the pod. */
export interface RequestTag {
  readonly of: "binding" | "preemption" | "nobody";
  readonly uid: string;
  /** Of the decision from which it follows. */
  readonly number: number;
}

export const NOBODY: RequestTag = Object.freeze({ of: "nobody", uid: "", number: 0 });

/** pkg/scheduler/util, PatchPodStatus: a condition of a pod, by its UID. Null: it is there already. */
export function conditionPatch(run: Run, pod: Pod, condition: Condition): Json | null {
  const conditions = pod.status?.conditions;
  const updated = withCondition(conditions, condition, timeOf(run.turn.wall));
  if (updated === conditions) return null;
  return { conditions: [{ ...findCondition(updated, condition.type)! }] };
}

export function statusPatch({ metadata }: Pod, status: Json) {
  const { namespace = "", name, uid = "" } = metadata;
  const options = { type: "strategic", subresource: "status" } as const;
  return patchRequest("pods", namespace, name, { metadata: { uid }, status }, options);
}

/** updatePod: why a pod is not scheduled, and where it is nominated (null: as it was), where that is news. */
export function reportUnscheduled(run: Run, pod: Pod, reason: string, message: string, nominated: string | null): void {
  const condition = { type: "PodScheduled", status: "False", reason, message } as const;
  const conditions = conditionPatch(run, pod, condition);
  const isRenominated = nominated !== null && nominated !== (pod.status?.nominatedNodeName ?? "");
  if (conditions === null && !isRenominated) return;
  const name = isRenominated ? { nominatedNodeName: nominated === "" ? null : nominated } : {};
  run.api.call(statusPatch(pod, { ...(conditions as object | null), ...name }), { ...NOBODY });
}

/** client-go tools/events: an Event about a pod. Nobody waits for the answer. */
export function emit(run: Run, pod: Pod, type: "Normal" | "Warning", reason: string, message: string): void {
  if (!run.config.emitsEvents) return;
  const { namespace = "", name, uid = "" } = pod.metadata;
  const time = timeOf(run.turn.wall);
  const events = run.state.events + 1;
  run.keep({ events });
  const event: Event = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { namespace, name: `${name}.${run.turn.wall.toString(16)}${events.toString(16)}` },
    involvedObject: { apiVersion: "v1", kind: "Pod", namespace, name, uid },
    reason,
    message: truncated(message),
    type,
    count: 1,
    firstTimestamp: time,
    lastTimestamp: time,
    source: { component: pod.spec.schedulerName ?? "default-scheduler" },
  };
  run.api.call(createRequest(event), { ...NOBODY });
}

/** schedule_one.go, truncateMessage: an Event's note has 1,024 bytes at most. */
function truncated(message: string): string {
  return message.length <= 1024 ? message : `${message.slice(0, 1021)}...`;
}
