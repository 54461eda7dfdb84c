/**
 * What the pods of a set that counts on expectations do to it: ReplicaSets and DaemonSets have the same handlers
 * (kubernetes pkg/controller/replicaset/replica_set.go and pkg/controller/daemon/daemon_controller.go, addPod, updatePod, deletePod).
 */
import { creationObserved, deletionObserved, type Expectations } from "../../machinery/client/expectations.ts";
import type { InformerEvent } from "../../machinery/client/types.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { Pod } from "../../machinery/kinds/index.ts";
import { controllerOf, isDeleting, keyOf } from "../../machinery/meta.ts";
import { isPodReady } from "../../machinery/pods.ts";
import type { ControllerTurn } from "../controller.ts";
import { enqueueMatching, type Owner, type OwnerKind, resolveOwner } from "./owners.ts";

type Turn = ControllerTurn<{ readonly expectations: Expectations }, unknown>;
type PodSet = Owner & { readonly spec: { readonly minReadySeconds?: number } };

/** A kind of sets, and how it differs. */
export interface PodSetKind extends OwnerKind {
  /** Whose pod is relabelled as it begins to be deleted is told of it for its old labels as well (replica_set.go, updatePod). */
  readonly looksAtOldLabels: boolean;
}

export function podChanged(turn: Turn, of: PodSetKind, event: InformerEvent): void {
  if (event.type === "added") podAdded(turn, of, event.object as Pod);
  else if (event.type === "updated") podUpdated(turn, of, event.old as Pod, event.object as Pod);
  else if (event.type === "deleted") podDeleted(turn, of, event.object as Pod);
}

function podAdded(turn: Turn, of: PodSetKind, pod: Pod): void {
  // After a restart a pod may be new here and already being deleted: no creation is observed by that.
  if (isDeleting(pod)) {
    podDeleted(turn, of, pod);
    return;
  }
  const controller = controllerOf(pod);
  if (controller === null) {
    enqueueMatching(turn, of.resource, pod);
    return;
  }
  const set = resolveOwner(turn, of, pod.metadata.namespace, controller);
  if (set === null) return;
  const key = keyOf(set);
  turn.state = { ...turn.state, expectations: creationObserved(turn.state.expectations, key) };
  turn.enqueue(key);
}

function podUpdated(turn: Turn, of: PodSetKind, old: Pod, pod: Pod): void {
  if (old.metadata.resourceVersion === pod.metadata.resourceVersion) return;
  const relabelled = !deepEqual(old.metadata.labels, pod.metadata.labels);
  // A new pod is to be made at once, not when the kubelet has ended this one.
  if (isDeleting(pod)) {
    podDeleted(turn, of, pod);
    if (relabelled && of.looksAtOldLabels) podDeleted(turn, of, old);
    return;
  }
  const before = controllerOf(old);
  const controller = controllerOf(pod);
  const handedOver = !deepEqual(before, controller);
  if (handedOver && before !== null) {
    const set = resolveOwner(turn, of, old.metadata.namespace, before);
    if (set !== null) turn.enqueue(keyOf(set));
  }
  if (controller === null) {
    if (relabelled || handedOver) enqueueMatching(turn, of.resource, pod);
    return;
  }
  const set = resolveOwner<PodSet>(turn, of, pod.metadata.namespace, controller);
  if (set === null) return;
  turn.enqueue(keyOf(set));
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  // "Add a second to avoid milliseconds skew in AddAfter."
  if (minReadySeconds > 0 && !isPodReady(old) && isPodReady(pod))
    turn.enqueueAfter(keyOf(set), (minReadySeconds + 1) * 1_000_000);
}

function podDeleted(turn: Turn, of: PodSetKind, pod: Pod): void {
  const controller = controllerOf(pod);
  // "No controller should care about orphans being deleted."
  if (controller === null) return;
  const set = resolveOwner(turn, of, pod.metadata.namespace, controller);
  if (set === null) return;
  const key = keyOf(set);
  turn.state = { ...turn.state, expectations: deletionObserved(turn.state.expectations, key, keyOf(pod)) };
  turn.enqueue(key);
}
