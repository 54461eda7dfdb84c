import type { Pod } from "../../models/machinery/kinds/index.ts";
import { abandonedOf } from "../cluster/abandoned.ts";
import { callLedgerOf } from "../cluster/calls.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { isTerminal, phaseOf, uidOf } from "../cluster/objects.ts";
import { runningLedgerOf } from "../cluster/running.ts";

/**
 * S41. When a pod is said to have succeeded or failed, nothing of it runs, nor ever will. Of a pod that was given up without
 * its kubelet's word nothing is promised.
 */
export const terminalPhaseMeansNothingRuns: ClusterProperty = {
  id: "node/terminal-phase-means-nothing-runs",
  kind: "always",
  source:
    'kubernetes pkg/kubelet/status/status_manager.go, mergePodStatus: "If the new phase is terminal, explicitly set the ready condition to false ... a pod is only terminal when its containers are stopped"; kubernetes#106884',
  monitor(context) {
    const calls = callLedgerOf(context);
    const running = runningLedgerOf(context);
    const abandoned = abandonedOf(context);
    calls.ledger.on<Pod>("pods", ({ key, before, after, revision }) => {
      if (after === null || !isTerminal(after) || (before !== null && isTerminal(before))) return;
      const uid = uidOf(after);
      const [first] = running.of(uid);
      if (first === undefined || abandoned.has(uid) || isGivenUp(after)) return;
      context.violate(
        `pod ${key} is said to have ${phaseOf(after).toLowerCase()}, and its container ${first.container.container} runs at ${first.process.id}`,
        { uid, revision },
      );
    });
    running.listen({
      started({ process, container }) {
        const uid = container.podUid;
        const stored = calls.ledger.byUid(uid);
        const pod = stored?.object as Pod | undefined;
        if (pod === undefined || !isTerminal(pod) || abandoned.has(uid) || isGivenUp(pod)) return;
        context.violate(
          `container ${container.container} of pod ${stored!.key} is started at ${process.id}, though the pod has ${phaseOf(pod).toLowerCase()}`,
          { uid },
        );
      },
    });
    return calls.with(running.with());
    function isGivenUp({ spec }: Pod): boolean {
      const node = spec.nodeName ?? "";
      return node !== "" && (abandoned.hasNode(node) || calls.ledger.get("nodes", node) === undefined);
    }
  },
};
