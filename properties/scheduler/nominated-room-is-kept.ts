import type { Pod, Uid } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { type Decided, decisionsOf, evidenceOf, informed } from "./decisions.ts";
import { naiveRefusals, onNode, priorityOf, refusalsBeside, waitsForNode } from "./feasible.ts";

interface Nomination {
  readonly pod: Pod;
  readonly node: string;
  readonly incarnation: number;
}

const NOBODY: ReadonlyMap<string, readonly Pod[]> = new Map();

/** After these, nothing is said any more of what was nominated before. */
const ENDS = ["scheduler/preemption-failed", "scheduler/leads", "scheduler/exited"];

/**
 * L16, as it comes about. Room that a pod has made for itself is not given to another that is not more important, from the
 * moment at which it was decided: the other would have to go again.
 */
export const nominatedRoomIsKept: ClusterProperty = {
  id: "scheduler/nominated-room-is-kept",
  kind: "always",
  source:
    "kubernetes concepts, Pod Priority and Preemption; pkg/scheduler/framework/runtime/framework.go, RunFilterPluginsWithNominatedPods; kubernetes#72124, #93505",
  monitor(context) {
    const decisions = decisionsOf(context);
    /** By scheduler, and by the pod's UID. */
    const nominations = new Map<string, Map<Uid, Nomination>>();
    decisions.listen((decided) => {
      const { process, pod, decision } = decided;
      const own = nominations.get(process.id) ?? new Map<Uid, Nomination>();
      nominations.set(process.id, own);
      forgetSettled(own, decided);
      own.delete(pod.metadata.uid ?? "");
      if (decision.node !== "") {
        const robbed = [...own.values()].find((nomination) => isRobbed(nomination, decided));
        if (robbed !== undefined)
          context.violate(
            `${decided.name} of priority ${priorityOf(pod)} gets the room on ${decision.node} that ${robbed.pod.metadata.name} of priority ${priorityOf(robbed.pod)} has made`,
            evidenceOf(decided),
          );
      } else if (decision.nominated !== "") {
        // Those of lower priority give up their nominations to the node.
        for (const [uid, other] of own)
          if (other.node === decision.nominated && priorityOf(other.pod) < priorityOf(pod)) own.delete(uid);
        own.set(pod.metadata.uid ?? "", { pod, node: decision.nominated, incarnation: process.incarnation });
      }
    });
    return decisions.with({
      concerns: { changes: [], messages: [], notes: ENDS },
      onNote: ({ id }, name) => {
        if (ENDS.includes(name)) nominations.delete(id);
      },
    });
  },
};

/** Forgets those that are bound, or gone, or that the API says are nominated elsewhere, or no longer. */
function forgetSettled(own: Map<Uid, Nomination>, { process, state }: Decided): void {
  if (own.size === 0) return;
  const waiting = new Map<Uid, Pod>();
  for (const [, object] of informed(state, "pods")) {
    const pod = object as Pod;
    if (waitsForNode(pod)) waiting.set(pod.metadata.uid ?? "", pod);
  }
  for (const [uid, nomination] of own) {
    const now = waiting.get(uid);
    if (now === undefined || nomination.incarnation !== process.incarnation) own.delete(uid);
    else if (now.metadata.resourceVersion !== nomination.pod.metadata.resourceVersion) {
      const said = now.status?.nominatedNodeName ?? "";
      const before = nomination.pod.status?.nominatedNodeName ?? "";
      if (said === nomination.node) own.set(uid, { ...nomination, pod: now });
      else if (said !== before || before !== "") own.delete(uid);
    }
  }
}

/** Whether the pod would not fit on its node if the other were there, and does where it is not. */
function isRobbed({ pod: other, node: nominated }: Nomination, { pod, decision, known }: Decided): boolean {
  if (nominated !== decision.node || priorityOf(other) < priorityOf(pod)) return false;
  const node = known.cluster.nodes.find(({ metadata }) => metadata.name === decision.node);
  if (node === undefined) return false;
  if (naiveRefusals({ ...known, nominated: NOBODY }, pod, node).length > 0) return false;
  return refusalsBeside(known, [onNode(other, nominated)], pod, node).length > 0;
}
