import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { runningLedgerOf } from "../cluster/running.ts";

/** S38. Of a container of a pod, at most one instance runs, on all nodes together. */
export const oneInstanceOfAContainer: ClusterProperty = {
  id: "node/one-instance-of-a-container",
  kind: "always",
  source:
    "kubernetes pkg/kubelet/kuberuntime/kuberuntime_manager.go, computePodActions: a container is started when the one before is dead",
  monitor(context) {
    const running = runningLedgerOf(context);
    running.listen({
      started({ process, container }) {
        const other = running
          .of(container.podUid)
          .find((one) => one.container.container === container.container && one.container.id !== container.id);
        if (other === undefined) return;
        context.violate(
          `container ${container.container} of pod ${container.podNamespace}/${container.podName} runs twice: ${other.container.id} at ${other.process.id}, and now ${container.id} at ${process.id}`,
          { uid: container.podUid, first: other.container.attempt, second: container.attempt },
        );
      },
    });
    return running.with();
  },
};
