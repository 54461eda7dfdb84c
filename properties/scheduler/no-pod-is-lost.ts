import { mapGet, mapHas } from "../../models/kernel/index.ts";
import type { Pod } from "../../models/machinery/kinds/index.ts";
import type { SchedulerState } from "../../models/scheduler/types.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { informed } from "./decisions.ts";
import { waitsForNode } from "./feasible.ts";

/**
 * L5, as it comes about. Every pod that its scheduler knows to wait for a node is in its queue, is being tried, is being bound,
 * or was said to be: none is pending for good because nobody thinks of it any more.
 */
export const noPodIsLost: ClusterProperty = {
  id: "scheduler/no-pod-is-lost",
  kind: "always",
  source:
    "kubernetes pkg/scheduler/schedule_one.go, handleSchedulingFailure and handleBindingCycleError; kubernetes#49314, #101877",
  monitor(context) {
    return {
      concerns: { changes: ["scheduling"], messages: [], notes: [] },
      onStep({ id }, before, after) {
        if (after.kind !== "scheduler" || after.phase !== "leading") return;
        const old = before as SchedulerState;
        // A pod is only ever lost on its way out of one of these.
        if (
          old.queue === after.queue &&
          old.attempt === after.attempt &&
          old.bindings === after.bindings &&
          old.waiting === after.waiting
        )
          return;
        for (const [key, object] of informed(after, "pods")) {
          const pod = object as Pod;
          if (!waitsForNode(pod) || isThoughtOf(after, key, pod.metadata.uid ?? "")) continue;
          context.violate(`${id} knows that ${key} waits for a node, and does nothing about it`, { scheduler: id });
          return;
        }
      },
    };
  },
};

function isThoughtOf({ queue, attempt, bindings, waiting, cache }: SchedulerState, key: string, uid: string): boolean {
  return (
    mapGet(queue.pods, key)?.uid === uid ||
    attempt?.queued.uid === uid ||
    mapHas(bindings, uid) ||
    mapHas(waiting, uid) ||
    // Bound by what the API server has said, and not yet seen so.
    mapGet(cache.pods, uid)?.bindingFinished === true
  );
}
