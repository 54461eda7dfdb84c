import { type Micros, mapEach } from "../../models/kernel/index.ts";
import type { ApiRequest } from "../../models/machinery/api.ts";
import type { Deployment, ReplicaSet } from "../../models/machinery/kinds/index.ts";
import { callLedgerOf } from "../cluster/calls.ts";
import type { ClusterContext, ClusterProcess, ClusterProperty } from "../cluster/cluster-property.ts";
import { apiOf, cachedObject } from "../cluster/informers.ts";
import { controllerOf, joinKey, scaled } from "../cluster/objects.ts";
import { RecentNumbers } from "../cluster/recent.ts";

/** How long a sync may take that was begun with other replicas. */
const SYNC_US: Micros = 60_000_000;

/**
 * S26. In a rolling update the controller never scales up beyond replicas + maxSurge, nor takes so many available pods
 * away that fewer than replicas - maxUnavailable are left: by what it sees when it writes. Pods that are lost otherwise,
 * with their node or by crashing, are not its doing. While the replicas change, the bounds are those of either.
 */
export const rollingUpdateWithinBounds: ClusterProperty = {
  id: "workloads/rolling-update-within-bounds",
  kind: "always",
  source:
    'kubernetes concepts, Deployment: "maxUnavailable: the maximum number of Pods that can be unavailable during the update process; maxSurge: the maximum number that can be created over the desired number"; pkg/controller/deployment/rolling.go; kubernetes#19299, #22719',
  monitor(context) {
    const calls = callLedgerOf(context);
    const replicas = new RecentNumbers(SYNC_US);
    calls.ledger.on<Deployment>("deployments", ({ before, after, atUs }) => {
      const uid = (after ?? before)?.metadata.uid ?? "";
      if (after === null) replicas.forget(uid);
      else replicas.set(uid, after.spec.replicas ?? 1, atUs);
    });
    calls.listen({
      called({ request }, process) {
        const written = process.config.kind === "controllerManager" ? scaledSet(process, request) : null;
        const owner = written === null ? undefined : controllerOf(written.set);
        if (written === null || owner?.kind !== "Deployment") return;
        const namespace = written.set.metadata.namespace ?? "";
        const deployment = cachedObject(process.state, "deployments", joinKey(namespace, owner.name));
        if (deployment === null || deployment.metadata.uid !== owner.uid) return;
        check(context, process, deployment as Deployment, written, replicas);
      },
    });
    return calls.with();
  },
};

/** A ReplicaSet as its Deployment's controller sees it, and the replicas that it now gives it. */
interface Written {
  readonly set: ReplicaSet;
  readonly from: number;
  readonly to: number;
}

function scaledSet(process: ClusterProcess, request: ApiRequest): Written | null {
  if (request.resource !== "replicasets" || !("subresource" in request) || request.subresource !== "") return null;
  if (request.verb === "create") {
    const set = request.object as ReplicaSet;
    return {
      set: { ...set, metadata: { ...set.metadata, namespace: request.namespace } },
      from: 0,
      to: set.spec.replicas ?? 1,
    };
  }
  if (request.verb !== "update" && request.verb !== "patch") return null;
  const seen = cachedObject(
    process.state,
    "replicasets",
    joinKey(request.namespace, request.name),
  ) as ReplicaSet | null;
  const to = (request.verb === "update" ? (request.object as ReplicaSet) : (request.patch as Partial<ReplicaSet>))?.spec
    ?.replicas;
  return seen === null || to === undefined ? null : { set: seen, from: seen.spec.replicas ?? 1, to };
}

function check(
  context: ClusterContext,
  process: ClusterProcess,
  deployment: Deployment,
  { set, from, to }: Written,
  recent: RecentNumbers,
): void {
  if (to === from) return;
  const others = setsSeen(process, deployment).filter(({ metadata }) => metadata.name !== set.metadata.name);
  const now = context.now();
  const uid = deployment.metadata.uid ?? "";
  const wanted = deployment.spec.replicas ?? 1;
  const most = Math.max(wanted, recent.max(uid, now) ?? 0);
  const { surge, unavailable } = boundsOf(deployment, most);
  const name = `Deployment ${deployment.metadata.namespace}/${deployment.metadata.name}`;
  if (to > from) {
    const total = others.reduce((sum, one) => sum + (one.spec.replicas ?? 1), to);
    if (total > most + surge)
      context.violate(
        `${process.id} scales ReplicaSet ${set.metadata.name} up to ${to}: ${name} then has ${total} replicas, and may have ${most} + ${surge}`,
        { uid },
      );
    return;
  }
  if (deployment.spec.strategy?.type === "Recreate" || !recent.isSteady(uid, now)) return;
  const available = others.reduce((sum, one) => sum + availableOf(one), availableOf(set));
  const lost = Math.max(0, from - to - Math.max(0, from - availableOf(set)));
  if (lost > 0 && available - lost < wanted - unavailable)
    context.violate(
      `${process.id} scales ReplicaSet ${set.metadata.name} down to ${to}: of ${name} ${available - lost} are available then, and ${wanted} - ${unavailable} must be`,
      { uid, available, lost },
    );
}

/** deployment/util, ResolveFenceposts: surge rounds up, unavailable rounds down, both 0 means unavailable 1. */
function boundsOf({ spec }: Deployment, replicas: number): { readonly surge: number; readonly unavailable: number } {
  if (spec.strategy?.type === "Recreate") return { surge: 0, unavailable: replicas };
  const { maxSurge = "25%", maxUnavailable = "25%" } = spec.strategy?.rollingUpdate ?? {};
  const surge = scaled(maxSurge, replicas, true);
  const unavailable = scaled(maxUnavailable, replicas, false);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

function availableOf({ status }: ReplicaSet): number {
  return status?.availableReplicas ?? 0;
}

function setsSeen(process: ClusterProcess, { metadata }: Deployment): readonly ReplicaSet[] {
  const informer = apiOf(process.state)?.informers.find(({ spec }) => spec.resource === "replicasets");
  const sets: ReplicaSet[] = [];
  if (informer === undefined) return sets;
  const prefix = `${metadata.namespace}/`;
  mapEach(informer.objects, prefix, `${metadata.namespace}0`, (object) => {
    if (controllerOf(object)?.uid === metadata.uid) sets.push(object as ReplicaSet);
  });
  return sets;
}
