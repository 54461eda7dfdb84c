import { mapDifference, mapGet } from "../../models/kernel/index.ts";
import type { KubeletState, PodWorker } from "../../models/kubelet/types.ts";
import type { Pod, Uid } from "../../models/machinery/kinds/index.ts";
import type { ClusterProcess, ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { isDeleting, isTerminal } from "../cluster/objects.ts";

const STARTS: readonly string[] = ["runPodSandbox", "createContainer", "startContainer"];
const ORDER = { sync: 0, terminating: 1, terminated: 2 } as const;

/**
 * S39. A pod that a kubelet has begun to terminate is never started again under its UID.
 *
 * A restarted kubelet has forgotten what it decided by itself. It is held to what it can know: that the pod, as the API
 * has it, is being deleted, has ended, or is gone.
 */
export const terminatingNeverRestarted: ClusterProperty = {
  id: "node/terminating-never-restarted",
  kind: "always",
  source:
    'kubernetes pkg/kubelet/pod_workers.go: "once a pod is terminating, it can not be restarted: the pod UID must be terminated before a new one may start"; kubernetes#37447',
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    /** By process: UIDs that its kubelet has begun to terminate. */
    const terminating = new Map<number, Set<Uid>>();
    return ledger.with({
      concerns: { changes: ["workers"], messages: ["criCall"], notes: [] },
      onStep({ id, index }, before, after) {
        if (after.kind !== "kubelet") return;
        const known = setOf(terminating, index);
        mapDifference((before as KubeletState).workers, after.workers, (uid, old, now) => {
          if (now === undefined) return;
          if (now.phase !== "sync") known.add(uid);
          if (old !== undefined && ORDER[now.phase] < ORDER[old.phase])
            context.violate(`the worker of pod ${nameOf(now)} at ${id} goes from ${old.phase} back to ${now.phase}`, {
              uid,
            });
        });
      },
      onCrash({ index }) {
        const known = terminating.get(index);
        for (const uid of known ?? []) if (mayForget(ledger.byUid(uid)?.object as Pod | undefined)) known!.delete(uid);
      },
      onSend(process, _to, message) {
        if (message.kind !== "criCall" || !STARTS.includes(message.request.kind)) return;
        const { kind } = message.request;
        const uid = "podUid" in message.request ? message.request.podUid : "";
        const worker = workerOf(process, uid);
        if (!terminating.get(process.index)?.has(uid)) return;
        context.violate(
          `${process.id} asks its runtime to ${kind} for pod ${worker === undefined ? uid : nameOf(worker)}, which it had begun to terminate`,
          { uid, kind },
        );
      },
    });
  },
};

/** It is there, is not being deleted, and has not ended, as the API has it. */
function mayForget(pod: Pod | undefined): boolean {
  return pod !== undefined && !isDeleting(pod) && !isTerminal(pod);
}

function workerOf({ state }: ClusterProcess, uid: Uid): PodWorker | undefined {
  return state.kind === "kubelet" ? mapGet(state.workers, uid) : undefined;
}

function nameOf({ namespace, name }: PodWorker): string {
  return `${namespace}/${name}`;
}

function setOf(sets: Map<number, Set<Uid>>, index: number): Set<Uid> {
  const known = sets.get(index) ?? new Set();
  sets.set(index, known);
  return known;
}
