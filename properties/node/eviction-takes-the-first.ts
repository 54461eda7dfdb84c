import { mapDifference, mapEach, mapGet } from "../../models/kernel/index.ts";
import type { KubeletState, PodWorker } from "../../models/kubelet/types.ts";
import type { Uid } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { requestOf } from "../cluster/objects.ts";

/** From here on a pod is critical, and is left alone. */
const CRITICAL_PRIORITY = 2_000_000_000;

/**
 * S42. When a node's memory is short, the kubelet ends one pod at a time: of those that use more than they asked for, or
 * else of all, that of the lowest priority, and among these whoever uses most above its request.
 */
export const evictionTakesTheFirst: ClusterProperty = {
  id: "node/eviction-takes-the-first",
  kind: "always",
  source: "kubernetes pkg/kubelet/eviction/helpers.go, rankMemoryPressure: exceedMemoryRequests, priority, memory",
  monitor(context) {
    return {
      concerns: { changes: ["workers"], messages: [], notes: [] },
      onStep({ id }, before, after) {
        if (after.kind !== "kubelet" || (before as KubeletState).workers === after.workers) return;
        const victims: PodWorker[] = [];
        mapDifference((before as KubeletState).workers, after.workers, (_, old, now) => {
          if (now?.cause === "evicted" && old?.phase === "sync") victims.push(now);
        });
        const [victim] = victims;
        if (victim === undefined) return;
        const known = before as KubeletState;
        const other = victims.length > 1 ? victims[1]! : beingEvicted(known);
        if (other !== undefined) {
          context.violate(`${id} evicts pod ${nameOf(victim)} while pod ${nameOf(other)} is being evicted`, {});
          return;
        }
        const first = firstOf(known, victim.uid);
        if (first !== null)
          context.violate(`${id} evicts pod ${nameOf(victim)} before pod ${nameOf(first)}`, {
            evicted: rankOf(known, victim),
            first: rankOf(known, first),
          });
      },
    };
  },
};

function beingEvicted({ workers }: KubeletState): PodWorker | undefined {
  let found: PodWorker | undefined;
  mapEach(workers, "", null, (worker) => {
    if (worker.phase === "terminating" && worker.cause === "evicted") found ??= worker;
  });
  return found;
}

/** A pod that should have been ended before the one that was, or null. */
function firstOf(kubelet: KubeletState, uid: Uid): PodWorker | null {
  const victim = rankOf(kubelet, mapGet(kubelet.workers, uid)!);
  let first: PodWorker | null = null;
  mapEach(kubelet.workers, "", null, (worker) => {
    if (worker.uid === uid || worker.phase !== "sync" || worker.source !== "api") return;
    if (priorityOf(worker) < CRITICAL_PRIORITY && isBefore(rankOf(kubelet, worker), victim)) first ??= worker;
  });
  return first;
}

interface Rank {
  readonly priority: number;
  /** What it uses above its request. */
  readonly aboveBytes: number;
}

function rankOf({ runtime }: KubeletState, worker: PodWorker): Rank {
  let used = 0;
  for (const { memoryBytes } of mapGet(runtime.pods, worker.uid)?.containers ?? []) used += memoryBytes;
  return { priority: priorityOf(worker), aboveBytes: used - requestOf(worker.pod, "memory") };
}

function isBefore(one: Rank, other: Rank): boolean {
  const [a, b] = [one.aboveBytes > 0, other.aboveBytes > 0];
  if (a !== b) return a;
  if (one.priority !== other.priority) return one.priority < other.priority;
  return one.aboveBytes > other.aboveBytes;
}

function priorityOf({ pod }: PodWorker): number {
  return pod.spec.priority ?? 0;
}

function nameOf({ namespace, name }: PodWorker): string {
  return `${namespace}/${name}`;
}
