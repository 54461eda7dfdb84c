import type { Micros, ProcessId } from "../../models/kernel/index.ts";
import type { Uid } from "../../models/machinery/kinds/index.ts";
import type { SchedulerState } from "../../models/scheduler/types.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { type Decided, decisionsOf, evidenceOf } from "./decisions.ts";

interface Tries {
  /** How often it fitted nowhere, and how often in a row something went wrong: the latter counts alone. */
  readonly failures: number;
  readonly errors: number;
  readonly atUs: Micros;
  /** How long it was to wait. */
  readonly waitUs: Micros;
}

/** After these the queue begins anew, or a pod is tried at once. */
const ENDS = ["scheduler/leads", "scheduler/exited", "scheduler/restarted", "scheduler/preemption-failed"];

/** Q8. A pod that fits nowhere is not tried again before 1, 2, 4, 8, and then 10 s have gone by, by the scheduler's own clock. */
export const retriesBackOff: ClusterProperty = {
  id: "scheduler/retries-back-off",
  kind: "always",
  source:
    "kubernetes pkg/scheduler/backend/queue/backoff_queue.go, calculateBackoffDuration: podInitialBackoffSeconds 1, doubled, podMaxBackoffSeconds 10",
  monitor(context) {
    const decisions = decisionsOf(context);
    const tries = new Map<ProcessId, Map<Uid, Tries>>();
    decisions.listen((decided) => {
      const { process } = decided;
      const own = tries.get(process.id) ?? new Map<Uid, Tries>();
      tries.set(process.id, own);
      const uid = decided.pod.metadata.uid ?? "";
      const before = own.get(uid);
      const now = decided.nowUs;
      if (before !== undefined && now < before.atUs + before.waitUs) {
        const waited = (now - before.atUs) / 1e6;
        context.violate(
          `${decided.name} is tried again after ${waited} s, and was to wait for ${before.waitUs / 1e6} s`,
          evidenceOf(decided),
        );
        return;
      }
      own.set(uid, triedAgain(before, decided));
    });
    return decisions.with({
      concerns: { changes: [], messages: [], notes: ENDS },
      onNote: ({ id }, name) => {
        if (ENDS.includes(name)) tries.delete(id);
      },
      onCrash: ({ id }) => {
        tries.delete(id);
      },
    });
  },
};

function triedAgain(before: Tries | undefined, { decision, state, nowUs }: Decided): Tries {
  const failures = before?.failures ?? 0;
  const errors = before?.errors ?? 0;
  if (decision.node !== "") return { failures, errors, atUs: nowUs, waitUs: 0 };
  // Without a node there is nobody who has refused it, and that counts as an error.
  if (decision.unschedulablePlugins.length === 0)
    return { failures, errors: errors + 1, atUs: nowUs, waitUs: backoffUs(state, errors + 1) };
  return { failures: failures + 1, errors: 0, atUs: nowUs, waitUs: backoffUs(state, failures + 1) };
}

function backoffUs({ config }: SchedulerState, failures: number): Micros {
  return Math.min(config.podMaxBackoffUs, config.podInitialBackoffUs * 2 ** (failures - 1));
}
