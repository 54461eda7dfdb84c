import { mapGet } from "../../models/kernel/index.ts";
import type { Uid } from "../../models/machinery/kinds/index.ts";
import type { CriRequest, RuntimeState } from "../../models/runtime/types.ts";
import type { ClusterContext, ClusterProcess, ClusterProperty } from "../cluster/cluster-property.ts";

/**
 * S40. What is started again is the runtime's unit. With docker and containerd that is the container: a pod that goes on
 * keeps its sandbox, unless something else has ended it. With rkt it is the pod: a container that has ended is not started
 * again beside the others.
 */
export const restartsKeepToTheUnit: ClusterProperty = {
  id: "node/restarts-keep-to-the-unit",
  kind: "always",
  source:
    "kubernetes pkg/kubelet/kuberuntime/kuberuntime_manager.go, computePodActions: the sandbox is kept unless it has changed; kubernetes 1.x pkg/kubelet/rkt/rkt.go, SyncPod",
  monitor(context) {
    /** By host: pods whose only sandbox their kubelet has stopped though it was ready and they were to go on. */
    const stopped = new Map<string, Set<Uid>>();
    return {
      concerns: { changes: [], messages: ["criCall"], notes: [] },
      onSend(kubelet, _to, message) {
        if (message.kind !== "criCall" || kubelet.state.kind !== "kubelet") return;
        const { request } = message;
        if (!("podUid" in request)) return;
        const runtime = runtimeOf(context, kubelet.host);
        if (runtime === null) return;
        if (runtime.config.runtime === "rkt") checkPodUnit(context, kubelet, runtime, request);
        else checkContainerUnit(context, kubelet, runtime, request, stopped);
      },
    };
  },
};

function checkContainerUnit(
  context: ClusterContext,
  kubelet: ClusterProcess,
  { sandboxes, config }: RuntimeState,
  request: CriRequest & { readonly podUid: Uid },
  stopped: Map<string, Set<Uid>>,
): void {
  if (kubelet.state.kind !== "kubelet") return;
  const { podUid } = request;
  const known = stopped.get(kubelet.host) ?? new Set();
  stopped.set(kubelet.host, known);
  if (request.kind === "stopPodSandbox") {
    const ready = sandboxes.filter((one) => one.podUid === podUid && one.state === "ready");
    const isOnly = ready.length === 1 && ready[0]!.id === request.sandboxId;
    if (isOnly && mapGet(kubelet.state.workers, podUid)?.phase === "sync") known.add(podUid);
    else known.delete(podUid);
  } else if (request.kind === "runPodSandbox" && known.delete(podUid) && request.attempt > 0)
    context.violate(
      `${kubelet.id} starts all of pod ${request.podNamespace}/${request.podName} again with ${config.runtime}, which restarts containers alone`,
      { uid: podUid, attempt: request.attempt },
    );
}

function checkPodUnit(
  context: ClusterContext,
  kubelet: ClusterProcess,
  { containers }: RuntimeState,
  request: CriRequest,
): void {
  if (request.kind !== "startContainer") return;
  const started = containers.find(({ id }) => id === request.containerId);
  if (started === undefined) return;
  const before = containers.find(
    ({ id, sandboxId, container, startedAt }) =>
      id !== started.id && sandboxId === started.sandboxId && container === started.container && startedAt > 0,
  );
  if (before === undefined) return;
  context.violate(
    `${kubelet.id} starts container ${started.container} of pod ${started.podNamespace}/${started.podName} again alone, with rkt, which restarts pods`,
    { uid: started.podUid, attempt: started.attempt },
  );
}

function runtimeOf({ processes }: ClusterContext, host: string): RuntimeState | null {
  for (const process of processes) if (process.host === host && process.state?.kind === "runtime") return process.state;
  return null;
}
