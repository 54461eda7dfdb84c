import type { InformerEvent } from "../../machinery/client/types.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { OwnerReference, Pod, StatefulSet } from "../../machinery/kinds/index.ts";
import { controllerOf, isDeleting, keyOf } from "../../machinery/meta.ts";
import { isPodReady } from "../../machinery/pods.ts";
import { enqueueMatching, type OwnerKind, resolveOwner } from "../shared/owners.ts";
import type { StatefulSetTurn } from "./types.ts";

const STATEFUL_SETS: OwnerKind = { kind: "StatefulSet", resource: "statefulsets" };

/** kubernetes pkg/controller/statefulset/stateful_set.go, the handlers that NewStatefulSetController sets. */
export function observe(turn: StatefulSetTurn, event: InformerEvent): void {
  if (event.resource === "statefulsets") turn.enqueue(event.key);
  else if (event.resource === "pods") podChanged(turn, event);
}

function podChanged(turn: StatefulSetTurn, { type, old, object }: InformerEvent): void {
  const pod = object as Pod;
  if (type === "resync") return;
  const controller = controllerOf(pod);
  if (type === "deleted" || (type === "added" && isDeleting(pod))) {
    if (controller !== null) enqueueOwner(turn, pod, controller);
    return;
  }
  if (old !== null && old.metadata.resourceVersion === pod.metadata.resourceVersion) return;
  const before = old === null ? null : controllerOf(old);
  const handedOver = old !== null && !deepEqual(before, controller);
  if (handedOver && before !== null) enqueueOwner(turn, old as Pod, before);
  if (controller !== null) {
    const set = enqueueOwner(turn, pod, controller);
    const minReadySeconds = set?.spec.minReadySeconds ?? 0;
    if (set !== null && minReadySeconds > 0 && old !== null && !isPodReady(old as Pod) && isPodReady(pod))
      turn.enqueueAfter(keyOf(set), (minReadySeconds + 1) * 1_000_000);
    return;
  }
  if (old === null || handedOver || !deepEqual(old.metadata.labels, pod.metadata.labels))
    enqueueMatching(turn, STATEFUL_SETS.resource, pod);
}

function enqueueOwner(turn: StatefulSetTurn, { metadata }: Pod, controller: OwnerReference): StatefulSet | null {
  const set = resolveOwner<StatefulSet>(turn, STATEFUL_SETS, metadata.namespace, controller);
  if (set !== null) turn.enqueue(keyOf(set));
  return set;
}
