import type { Micros } from "../../models/kernel/index.ts";
import type { Pod, StatefulSet } from "../../models/machinery/kinds/index.ts";
import { callLedgerOf, keyOfRequest } from "../cluster/calls.ts";
import type { ClusterProcess, ClusterProperty } from "../cluster/cluster-property.ts";
import { apiOf, cachedObject } from "../cluster/informers.ts";
import { controllerOf, isDeleting, isReady, joinKey } from "../cluster/objects.ts";
import { RecentNumbers } from "../cluster/recent.ts";
import { cachedPods } from "./creations.ts";

/** How far a sync's view may be behind that in which it makes its requests. */
const SYNC_US: Micros = 60_000_000;

/**
 * S28. Of a StatefulSet with ordered pods, the controller asks for an ordinal only when all below it are ready, and scales
 * down from the top: by what it sees, or what was so a short while ago.
 */
export const statefulSetOrdered: ClusterProperty = {
  id: "workloads/statefulset-ordered",
  kind: "always",
  source:
    'kubernetes concepts, StatefulSet: "Before a scaling operation is applied to a Pod, all of its predecessors must be Running and Ready. Before a Pod is terminated, all of its successors must be completely shutdown"',
  monitor(context) {
    const calls = callLedgerOf(context);
    /** By pod: when it was last seen to be ready in the store. */
    const readyAt = new Map<string, Micros>();
    const replicas = new RecentNumbers(SYNC_US);
    calls.ledger.on<Pod>("pods", ({ key, before, after, atUs }) => {
      const owner = controllerOf(after ?? before!);
      if (owner?.kind === "StatefulSet" && before !== null && isReady(before)) readyAt.set(key, atUs);
    });
    calls.ledger.on<StatefulSet>("statefulsets", ({ before, after, atUs }) => {
      const uid = (after ?? before)?.metadata.uid ?? "";
      if (after === null) replicas.forget(uid);
      else replicas.set(uid, (after.spec.replicas ?? 1) + (after.spec.ordinals?.start ?? 0), atUs);
    });
    const wasReady = (namespace: string, name: string) => {
      const key = joinKey(namespace, name);
      const pod = calls.ledger.get<Pod>("pods", key)?.object;
      return (
        (pod !== undefined && isReady(pod)) || context.now() - (readyAt.get(key) ?? Number.NEGATIVE_INFINITY) < SYNC_US
      );
    };
    calls.listen({
      called({ request }, process) {
        if (request.resource !== "pods" || process.config.kind !== "controllerManager") return;
        if (request.verb === "create" && request.subresource === "") {
          const set = orderedSetOf(process, request.object as Pod);
          if (set === null) return;
          const ordinal = ordinalOf(request.object.metadata.name);
          for (let below = set.spec.ordinals?.start ?? 0; below < ordinal; below++) {
            const name = `${set.metadata.name}-${below}`;
            const seen = cachedObject(process.state, "pods", joinKey(request.namespace, name)) as Pod | null;
            if ((seen !== null && isReady(seen) && !isDeleting(seen)) || wasReady(request.namespace, name)) continue;
            context.violate(
              `${process.id} asks for pod ${request.object.metadata.name}, and ${name} ${seen === null ? "is not there" : "is not ready"}`,
              { set: set.metadata.name },
            );
            return;
          }
        } else if (request.verb === "delete") {
          const pod = cachedObject(process.state, "pods", keyOfRequest(request)) as Pod | null;
          const set = pod === null ? null : orderedSetOf(process, pod);
          if (pod === null || set === null) return;
          const ordinal = ordinalOf(request.name);
          const end = replicas.max(set.metadata.uid ?? "", context.now()) ?? 0;
          if (ordinal < end) return;
          const above = podsSeen(process, set.metadata.uid ?? "").find(
            ({ metadata }) => ordinalOf(metadata.name) > ordinal,
          );
          if (above !== undefined)
            context.violate(`${process.id} scales ${request.name} down, and ${above.metadata.name} is there still`, {
              set: set.metadata.name,
            });
        }
      },
    });
    return calls.with();
  },
};

/** The StatefulSet of a pod as a manager sees it, if it is of the ordered kind. */
function orderedSetOf(process: ClusterProcess, pod: Pod): StatefulSet | null {
  const owner = controllerOf(pod);
  if (owner?.kind !== "StatefulSet") return null;
  const set = cachedObject(process.state, "statefulsets", joinKey(pod.metadata.namespace ?? "default", owner.name));
  if (set === null || set.metadata.uid !== owner.uid || isDeleting(set)) return null;
  return (set as StatefulSet).spec.podManagementPolicy === "Parallel" ? null : (set as StatefulSet);
}

function podsSeen(process: ClusterProcess, uid: string): readonly Pod[] {
  const informer = apiOf(process.state)?.informers.find(({ spec }) => spec.resource === "pods");
  return informer === undefined ? [] : cachedPods(informer, uid);
}

function ordinalOf(name: string): number {
  return Number(name.slice(name.lastIndexOf("-") + 1));
}
