import type { Pod, StatefulSet } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { type ClusterLedger, clusterLedgerOf, type Stored } from "../cluster/ledger.ts";
import { isDeleting, isReady, joinKey } from "../cluster/objects.ts";
import { programsOf } from "../cluster/programs.ts";
import { isObserved, podsOf, whyNotReady } from "./converging.ts";

const REVISION = "controller-revision-hash";

/**
 * L3. Each StatefulSet has its ordinals and no others, all of them ready, each with its claims, and above the partition of
 * the template's revision.
 */
export const statefulSetsConverge: ClusterProperty = {
  id: "workloads/statefulsets-converge",
  kind: "eventually",
  source:
    "kubernetes pkg/controller/statefulset/stateful_set_control.go, updateStatefulSet; Anvil; kubernetes#67250, #70442",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    const programs = programsOf(context);
    return ledger.with({
      pending() {
        for (const stored of ledger.all<StatefulSet>("statefulsets").values()) {
          if (programs.neverReady(stored.object.spec.template.spec)) continue;
          const why = isDeleting(stored.object) ? null : whyPending(ledger, stored);
          if (why !== null) return why;
        }
        return null;
      },
    });
  },
};

function whyPending(ledger: ClusterLedger, { key, object: set }: Stored<StatefulSet>): string | null {
  const what = `StatefulSet ${key}`;
  const { metadata, spec, status } = set;
  if (!isObserved(set))
    return `${what} is of generation ${metadata.generation}, and its status of ${status?.observedGeneration ?? 0}`;
  const start = spec.ordinals?.start ?? 0;
  const wanted = spec.replicas ?? 1;
  const pods = new Map(podsOf(ledger, metadata.uid ?? "").map((pod) => [pod.object.metadata.name, pod]));
  for (let ordinal = start; ordinal < start + wanted; ordinal++) {
    const name = `${metadata.name}-${ordinal}`;
    const pod = pods.get(name);
    pods.delete(name);
    const why = pod === undefined ? `has no pod ${name}` : whyNotRight(ledger, set, ordinal, pod);
    if (why !== null) return `${what} ${why}`;
  }
  const [extra] = pods.values();
  if (extra !== undefined) return `${what} wants ${wanted} pods, and ${extra.key} is there`;
  if ((status?.readyReplicas ?? 0) !== wanted || (status?.replicas ?? 0) !== wanted)
    return `the status of ${what} says ${status?.replicas ?? 0} replicas, ${status?.readyReplicas ?? 0} ready, where there are ${wanted}`;
  return null;
}

function whyNotRight(ledger: ClusterLedger, set: StatefulSet, ordinal: number, pod: Stored<Pod>): string | null {
  const { metadata, spec, status } = set;
  if (isDeleting(pod.object) || !isReady(pod.object)) return `is not complete: ${whyNotReady(pod)}`;
  for (const template of spec.volumeClaimTemplates ?? []) {
    const claim = joinKey(metadata.namespace, `${template.metadata.name}-${pod.object.metadata.name}`);
    if (ledger.get("persistentvolumeclaims", claim) === undefined) return `has no claim ${claim}`;
  }
  if (spec.updateStrategy?.type === "OnDelete") return null;
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  const revision = pod.object.metadata.labels?.[REVISION];
  if (ordinal >= partition && status?.updateRevision !== undefined && revision !== status.updateRevision)
    return `has pod ${pod.key} at revision ${revision}, where ${status.updateRevision} is wanted`;
  return null;
}
