import type { ReplicaSet } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { type ClusterLedger, clusterLedgerOf, type Stored } from "../cluster/ledger.ts";
import { isDeleting, isTerminal } from "../cluster/objects.ts";
import { programsOf } from "../cluster/programs.ts";
import { isObserved, podsOf, whyNotAllReady } from "./converging.ts";

/** L1. Each ReplicaSet has its pods, all of them ready, and says so in its status. */
export const replicaSetsConverge: ClusterProperty = {
  id: "workloads/replicasets-converge",
  kind: "eventually",
  source:
    'kubernetes concepts, ReplicaSet: "A ReplicaSet\'s purpose is to maintain a stable set of replica Pods running at any given time"; Anvil, eventually stable reconciliation',
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    const programs = programsOf(context);
    return ledger.with({
      pending() {
        for (const stored of ledger.all<ReplicaSet>("replicasets").values()) {
          if (programs.neverReady(stored.object.spec.template.spec)) continue;
          const why = whyPending(ledger, stored);
          if (why !== null) return why;
        }
        return null;
      },
    });
  },
};

function whyPending(ledger: ClusterLedger, { key, object: set }: Stored<ReplicaSet>): string | null {
  if (isDeleting(set)) return null;
  const wanted = set.spec.replicas ?? 1;
  const pods = podsOf(ledger, set.metadata.uid ?? "").filter(({ object }) => !isTerminal(object));
  const missing = whyNotAllReady(`ReplicaSet ${key}`, pods, wanted);
  if (missing !== null) return missing;
  const told = set.status?.replicas ?? 0;
  if (!isObserved(set))
    return `ReplicaSet ${key} is of generation ${set.metadata.generation}, and its status of ${set.status?.observedGeneration ?? 0}`;
  if (told !== wanted || (set.status?.readyReplicas ?? 0) !== wanted)
    return `the status of ReplicaSet ${key} says ${told} replicas, ${set.status?.readyReplicas ?? 0} ready, where there are ${wanted}`;
  return null;
}
