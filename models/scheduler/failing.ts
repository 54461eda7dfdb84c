/** What becomes of a pod that was not scheduled (kubernetes pkg/scheduler/schedule_one.go, handleSchedulingFailure). */
import type { Pod } from "../machinery/kinds/index.ts";
import { nominate } from "./nominating.ts";
import { note } from "./notes.ts";
import { queueBack, queueDone } from "./queue/queue.ts";
import { emit, reportUnscheduled } from "./reporting.ts";
import type { Run } from "./run.ts";
import type { QueuedPod } from "./types.ts";

/** What an attempt has failed for. `nominated`: null, as it was; empty, nowhere. */
export interface AttemptFailure {
  readonly reason: "Unschedulable" | "SchedulerError";
  readonly message: string;
  readonly unschedulablePlugins: readonly string[];
  readonly nominated: string | null;
}

/** handleSchedulingFailure: the pod goes back into the queue, if it is still there to be scheduled, and its condition says why. */
export function fail(run: Run, queued: QueuedPod, tried: Pod, failure: AttemptFailure): void {
  const { reason, message, unschedulablePlugins, nominated } = failure;
  const pod = run.pod(queued.key, queued.uid);
  // It may have been bound although nobody said so.
  const isBack = pod !== null && (pod.spec.nodeName ?? "") === "";
  const { queue } = run.state;
  run.keep({
    queue: isBack ? queueBack(queue, run, { ...queued, unschedulablePlugins }) : queueDone(queue, queued.uid),
  });
  // Nobody has seen its status yet: without this, another could take the room before it is tried again.
  nominate(run, tried, nominated);
  if (nominated !== null && nominated !== "") run.note(note.nominated);
  emit(run, tried, "Warning", "FailedScheduling", message);
  reportUnscheduled(run, pod ?? tried, reason, message, nominated);
}
