import { mapEach } from "../../models/kernel/index.ts";
import type { Pod } from "../../models/machinery/kinds/index.ts";
import { snapshotOf } from "../../models/scheduler/framework/snapshot.ts";
import type { CachedNode, QueuedPod, SchedulerState } from "../../models/scheduler/types.ts";
import type { ClusterProcess, ClusterProperty } from "../cluster/cluster-property.ts";
import { informed, knownFrom } from "./decisions.ts";
import { naiveRefusals, onNode, waitsForNode } from "./feasible.ts";

/**
 * L5, as it comes about. What waits as unschedulable until something changes fits nowhere, by all that its scheduler knows:
 * else a change was missed that was to let it be tried again. Looked at when leftover pods are flushed, and at the end.
 */
export const waitingPodsFitNowhere: ClusterProperty = {
  id: "scheduler/waiting-pods-fit-nowhere",
  kind: "always",
  source:
    "kubernetes pkg/scheduler/backend/queue/scheduling_queue.go, MoveAllToActiveOrBackoffQueue and in-flight events; KEP-4247 queueing hints; kubernetes#72122, #73309",
  monitor(context) {
    const look = ({ id }: ClusterProcess, state: SchedulerState, waited: (pod: QueuedPod) => boolean) => {
      const found = feasibleIn(state, waited);
      if (found === null) return;
      const { queued, node } = found;
      context.violate(`${queued.key} waits as unschedulable, and ${id} knows that it fits on ${node}`, {
        scheduler: id,
        unschedulablePlugins: queued.unschedulablePlugins,
      });
    };
    return {
      concerns: { changes: ["scheduling"], messages: [], notes: [] },
      onStep(process, before, after, input) {
        if (after.kind !== "scheduler" || after.phase !== "leading" || input.kind !== "timer") return;
        const old = before as SchedulerState;
        if (old.queue === after.queue || old.queue.unschedulable === after.queue.unschedulable) return;
        // What has been flushed had waited so long.
        look(process, old, ({ since }) => since + old.config.unschedulableFlushUs <= input.now);
      },
      atEnd() {
        for (const process of context.processes) {
          const { status, state } = process;
          if (status === "up" && state.kind === "scheduler" && state.phase === "leading")
            look(process, state, () => true);
        }
      },
    };
  },
};

function feasibleIn(state: SchedulerState, waited: (pod: QueuedPod) => boolean) {
  const waiting: QueuedPod[] = [];
  mapEach(state.queue.pods, "", null, (queued: QueuedPod) => {
    // Those that are held back wait for other things than room.
    if (queued.place === "unschedulable" && queued.gatingPlugin === "" && waited(queued)) waiting.push(queued);
    return true;
  });
  if (waiting.length === 0) return null;
  const nodes: CachedNode[] = [];
  mapEach(state.cache.nodes, "", null, (cached: CachedNode) => {
    nodes.push(cached);
    return true;
  });
  const snapshot = snapshotOf(
    nodes.flatMap(({ node }) => (node === null ? [] : [node])),
    nodes.flatMap(({ name, pods }) => pods.map(({ pod }) => onNode(pod, name))),
  );
  const known = knownFrom(state, snapshot, state.queue.nominator.byNode, "");
  const pods = new Map(informed(state, "pods"));
  for (const queued of waiting) {
    const pod = pods.get(queued.key) as Pod | undefined;
    if (pod === undefined || pod.metadata.uid !== queued.uid || !waitsForNode(pod)) continue;
    const node = known.cluster.nodes.find((one) => naiveRefusals(known, pod, one).length === 0);
    if (node !== undefined) return { queued, node: node.metadata.name };
  }
  return null;
}
