import type { Deployment, ReplicaSet } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { templateOf } from "../cluster/desired.ts";
import { type ClusterLedger, clusterLedgerOf, type Stored } from "../cluster/ledger.ts";
import { isDeleting, same } from "../cluster/objects.ts";
import { programsOf } from "../cluster/programs.ts";
import { isObserved, podsOf, whyNotReady } from "./converging.ts";

/**
 * L2. Each Deployment has one ReplicaSet of its template, which has all of its replicas, and the others none; its status
 * says so. A paused one stays as it is.
 */
export const deploymentsConverge: ClusterProperty = {
  id: "workloads/deployments-converge",
  kind: "eventually",
  source:
    "kubernetes pkg/controller/deployment/util, DeploymentComplete: all replicas updated, no old ones, all available; kubernetes#29735",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    const programs = programsOf(context);
    return ledger.with({
      pending() {
        for (const stored of ledger.all<Deployment>("deployments").values()) {
          if (programs.neverReady(stored.object.spec.template.spec)) continue;
          const why =
            isDeleting(stored.object) || stored.object.spec.paused === true ? null : whyPending(ledger, stored);
          if (why !== null) return why;
        }
        return null;
      },
    });
  },
};

function whyPending(ledger: ClusterLedger, { key, object }: Stored<Deployment>): string | null {
  const what = `Deployment ${key}`;
  const wanted = object.spec.replicas ?? 1;
  const sets = [...ledger.controlledBy<ReplicaSet>(object.metadata.uid ?? "", "replicasets")];
  const current = sets.filter(({ object: set }) =>
    same(templateOf(set.spec.template), templateOf(object.spec.template)),
  );
  if (current.length === 0) return `${what} has no ReplicaSet of its template`;
  const now = current[0]!;
  const old = sets.find((set) => set !== now && (set.object.spec.replicas ?? 1) > 0);
  if (old !== undefined && !current.includes(old))
    return `${what} still has ReplicaSet ${old.key} with ${old.object.spec.replicas} replicas`;
  const replicas = current.reduce((sum, set) => sum + (set.object.spec.replicas ?? 1), 0);
  if (replicas !== wanted) return `${what} wants ${wanted} replicas, and its ReplicaSet ${now.key} ${replicas}`;
  const { status } = object;
  if (!isObserved(object))
    return `${what} is of generation ${object.metadata.generation}, and its status of ${status?.observedGeneration ?? 0}`;
  const available = status?.availableReplicas ?? 0;
  if (available !== wanted || (status?.updatedReplicas ?? 0) !== wanted || (status?.replicas ?? 0) !== wanted)
    return `${what} has ${available} of ${wanted} available${example(ledger, sets)}`;
  return null;
}

function example(ledger: ClusterLedger, sets: readonly Stored<ReplicaSet>[]): string {
  for (const set of sets)
    for (const pod of podsOf(ledger, set.object.metadata.uid ?? "")) {
      const ready = pod.object.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
      if (isDeleting(pod.object) || ready !== true) return `: ${whyNotReady(pod)}`;
    }
  return "";
}
