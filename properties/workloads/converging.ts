/** What the properties that something comes to be have in common: how they say what is missing, so that a person knows. */
import type { Pod } from "../../models/machinery/kinds/index.ts";
import type { ClusterLedger, Stored } from "../cluster/ledger.ts";
import { conditionOf, isDeleting, isReady, isTerminal, phaseOf } from "../cluster/objects.ts";

/** Why a pod is not what it should be: `pod default/web-x is Pending: 0/3 nodes are available`. */
export function whyNotReady({ key, object: pod }: Stored<Pod>): string {
  const of = `pod ${key} is`;
  if (isDeleting(pod)) return `${of} being deleted${pod.spec.nodeName === undefined ? "" : ` on ${pod.spec.nodeName}`}`;
  const scheduled = conditionOf(pod.status?.conditions, "PodScheduled");
  if ((pod.spec.nodeName ?? "") === "")
    return `${of} not bound: ${scheduled?.message ?? "the scheduler has not said why"}`;
  const waiting = (pod.status?.containerStatuses ?? []).find(({ state }) => state?.waiting !== undefined)?.state
    ?.waiting;
  const why = waiting?.reason ?? pod.status?.reason ?? (isReady(pod) ? "ready" : "not ready");
  return `${of} ${phaseOf(pod)} on ${pod.spec.nodeName}: ${why}`;
}

/** The pods that an owner controls, by their names. */
export function podsOf(ledger: ClusterLedger, uid: string): readonly Stored<Pod>[] {
  return [...ledger.controlledBy<Pod>(uid, "pods")].sort((one, two) => (one.key < two.key ? -1 : 1));
}

/** Why of these pods there are not as many ready ones as wanted, or not only such; null: there are. */
export function whyNotAllReady(what: string, pods: readonly Stored<Pod>[], wanted: number): string | null {
  const live = pods.filter(({ object }) => !isTerminal(object) && !isDeleting(object));
  const ready = live.filter(({ object }) => isReady(object));
  if (ready.length === wanted && live.length === wanted && pods.length === wanted) return null;
  const example = pods.find(({ object }) => isDeleting(object) || !isReady(object));
  const counted = `${what} has ${pods.length} pods of ${wanted}, ${ready.length} of them ready`;
  return example === undefined ? counted : `${counted}: ${whyNotReady(example)}`;
}

/** Whether what a status says of an object is about the object as it is now. */
export function isObserved(object: {
  readonly metadata: { readonly generation?: number };
  readonly status?: { readonly observedGeneration?: number } | undefined;
}): boolean {
  return (object.status?.observedGeneration ?? 0) >= (object.metadata.generation ?? 0);
}
