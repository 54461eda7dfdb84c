import type { PersistentVolume, Pod, PodDisruptionBudget, Uid } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { isTerminal, joinKey, namespaceOf } from "../cluster/objects.ts";

/**
 * L15. Nothing is left of what is gone: no running container or sandbox with an address on a node whose kubelet is up, of a
 * pod that is not there or has ended; no volume bound to a claim that is not there; no entry of an evicted pod in a budget.
 */
export const nothingLeaks: ClusterProperty = {
  id: "workloads/nothing-leaks",
  kind: "eventually",
  source:
    'kubernetes pkg/kubelet/kubelet_pods.go, HandlePodCleanups: "stop the workers for no-longer existing pods ... cleanup orphaned pods"; pkg/controller/volume/persistentvolume, syncVolume; pkg/controller/disruption, buildDisruptedPodMap',
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    /** Pods that the API has known: of others, such as static ones, nothing is said. */
    const known = new Set<Uid>();
    ledger.on<Pod>("pods", ({ after }) => {
      if (after?.metadata.uid !== undefined) known.add(after.metadata.uid);
    });
    const isGone = (uid: Uid) => {
      if (!known.has(uid)) return false;
      const pod = ledger.byUid(uid)?.object as Pod | undefined;
      return pod === undefined || isTerminal(pod);
    };
    return ledger.with({
      pending() {
        const hosts = new Set<string>();
        for (const { host, config, status } of context.processes)
          if (config.kind === "kubelet" && status === "up") hosts.add(host);
        for (const { id, host, status, state } of context.processes) {
          if (status !== "up" || state.kind !== "runtime" || !hosts.has(host)) continue;
          const container = state.containers.find((one) => one.state === "running" && isGone(one.podUid));
          if (container !== undefined)
            return `${id} runs container ${container.container} of pod ${container.podNamespace}/${container.podName} of UID ${container.podUid}, which is gone`;
          const sandbox = state.sandboxes.find((one) => one.state === "ready" && isGone(one.podUid));
          if (sandbox !== undefined)
            return `${id} keeps the sandbox of pod ${sandbox.podNamespace}/${sandbox.podName} of UID ${sandbox.podUid} and its address ${sandbox.ip}, and the pod is gone`;
        }
        for (const { key, object } of ledger.all<PersistentVolume>("persistentvolumes").values()) {
          const claim = object.spec.claimRef;
          if (claim?.uid === undefined || object.status?.phase !== "Bound" || ledger.byUid(claim.uid) !== undefined)
            continue;
          return `volume ${key} is bound to claim ${joinKey(claim.namespace, claim.name ?? "")}, which is gone`;
        }
        for (const { key, object } of ledger.all<PodDisruptionBudget>("poddisruptionbudgets").values())
          for (const name of Object.keys(object.status?.disruptedPods ?? {}))
            if (ledger.get("pods", joinKey(namespaceOf(key), name)) === undefined)
              return `budget ${key} remembers the eviction of ${name}, which is gone`;
        return null;
      },
    });
  },
};
