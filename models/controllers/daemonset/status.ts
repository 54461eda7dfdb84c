import type { Micros } from "../../kernel/index.ts";
import type { DaemonSet, DaemonSetStatus, Node } from "../../machinery/kinds/index.ts";
import { isPodReady } from "../../machinery/pods.ts";
import { fitnessOf } from "./nodes.ts";
import { compareByAge, isAvailable, isUpdated, podsOnNodes } from "./plan.ts";
import type { Sight } from "./types.ts";

/** kubernetes pkg/controller/daemon/daemon_controller.go, updateDaemonSetStatus: the oldest pod of a node counts for it. */
export function statusOf(
  { set, pods, hash }: Sight,
  nodes: readonly Node[],
  wall: Micros,
  observesGeneration: boolean,
): DaemonSetStatus {
  const onNodes = podsOnNodes(pods);
  const count = { desired: 0, current: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 };
  for (const node of nodes) {
    const own = onNodes.get(node.metadata.name);
    if (!fitnessOf(node, set).shouldRun) {
      if (own !== undefined) count.misscheduled++;
      continue;
    }
    count.desired++;
    if (own === undefined) continue;
    count.current++;
    const [oldest] = own.toSorted(compareByAge);
    if (isPodReady(oldest!)) {
      count.ready++;
      if (isAvailable(set, oldest!, wall)) count.available++;
    }
    if (isUpdated(oldest!, hash)) count.updated++;
  }
  const old = set.status;
  const generation = observesGeneration ? (set.metadata.generation ?? 0) : (old?.observedGeneration ?? 0);
  const unavailable = count.desired - count.available;
  return {
    currentNumberScheduled: count.current,
    numberMisscheduled: count.misscheduled,
    desiredNumberScheduled: count.desired,
    numberReady: count.ready,
    ...(generation === 0 ? {} : { observedGeneration: generation }),
    ...(count.updated === 0 ? {} : { updatedNumberScheduled: count.updated }),
    ...(count.available === 0 ? {} : { numberAvailable: count.available }),
    ...(unavailable === 0 ? {} : { numberUnavailable: unavailable }),
    ...(old?.collisionCount === undefined ? {} : { collisionCount: old.collisionCount }),
    ...(old?.conditions === undefined ? {} : { conditions: old.conditions }),
  };
}

/** Whether the status is written at all (daemon_controller.go, storeDaemonSetStatus). */
export function isSteady({ status: old, metadata }: DaemonSet, status: DaemonSetStatus): boolean {
  const numbers = [
    "desiredNumberScheduled",
    "currentNumberScheduled",
    "numberMisscheduled",
    "numberReady",
    "updatedNumberScheduled",
    "numberAvailable",
    "numberUnavailable",
  ] as const;
  return (
    numbers.every((name) => (old?.[name] ?? 0) === (status[name] ?? 0)) &&
    (old?.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  );
}
