import { creationObserved, deletionObserved, forgetExpectations } from "../../machinery/client/expectations.ts";
import type { InformerEvent } from "../../machinery/client/types.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { OwnerReference, Pod, ReplicaSet } from "../../machinery/kinds/index.ts";
import { controllerOf, isDeleting, keyFor, keyOf } from "../../machinery/meta.ts";
import { isPodReady } from "../../machinery/pods.ts";
import { matchesLabels, selectorOf } from "../../machinery/selectors.ts";
import type { ReplicaSetTurn } from "./types.ts";

/** kubernetes pkg/controller/replicaset/replica_set.go, the handlers that NewBaseController sets. */
export function observe(turn: ReplicaSetTurn, event: InformerEvent): void {
  if (event.resource === "replicasets") setChanged(turn, event);
  else if (event.type === "added") podAdded(turn, event.object as Pod);
  else if (event.type === "updated") podUpdated(turn, event.old as Pod, event.object as Pod);
  else if (event.type === "deleted") podDeleted(turn, event.object as Pod);
}

/** addRS, updateRS, deleteRS: what was expected of a set that is gone is forgotten, so that it counts not for its successor. */
function setChanged(turn: ReplicaSetTurn, { type, key, old, object }: InformerEvent): void {
  const isSuccessor = type === "updated" && old?.metadata.uid !== object.metadata.uid;
  if (type === "deleted" || isSuccessor)
    turn.state = { expectations: forgetExpectations(turn.state.expectations, key) };
  turn.enqueue(key);
}

function podAdded(turn: ReplicaSetTurn, pod: Pod): void {
  // After a restart a pod may be new here and already being deleted: no creation is observed by that.
  if (isDeleting(pod)) {
    podDeleted(turn, pod);
    return;
  }
  const controller = controllerOf(pod);
  if (controller === null) {
    enqueueMatching(turn, pod);
    return;
  }
  const set = resolve(turn, pod, controller);
  if (set === null) return;
  const key = keyOf(set);
  turn.state = { expectations: creationObserved(turn.state.expectations, key) };
  turn.enqueue(key);
}

function podUpdated(turn: ReplicaSetTurn, old: Pod, pod: Pod): void {
  if (old.metadata.resourceVersion === pod.metadata.resourceVersion) return;
  const relabelled = !deepEqual(old.metadata.labels, pod.metadata.labels);
  // A new pod is to be made at once, not when the kubelet has ended this one.
  if (isDeleting(pod)) {
    podDeleted(turn, pod);
    if (relabelled) podDeleted(turn, old);
    return;
  }
  const before = controllerOf(old);
  const controller = controllerOf(pod);
  const handedOver = !deepEqual(before, controller);
  if (handedOver && before !== null) {
    const set = resolve(turn, old, before);
    if (set !== null) turn.enqueue(keyOf(set));
  }
  if (controller === null) {
    if (relabelled || handedOver) enqueueMatching(turn, pod);
    return;
  }
  const set = resolve(turn, pod, controller);
  if (set === null) return;
  turn.enqueue(keyOf(set));
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  // "Add a second to avoid milliseconds skew in AddAfter."
  if (minReadySeconds > 0 && !isPodReady(old) && isPodReady(pod))
    turn.enqueueAfter(keyOf(set), (minReadySeconds + 1) * 1_000_000);
}

function podDeleted(turn: ReplicaSetTurn, pod: Pod): void {
  const controller = controllerOf(pod);
  // "No controller should care about orphans being deleted."
  if (controller === null) return;
  const set = resolve(turn, pod, controller);
  if (set === null) return;
  const key = keyOf(set);
  turn.state = { expectations: deletionObserved(turn.state.expectations, key, keyOf(pod)) };
  turn.enqueue(key);
}

/** The set that a reference means: that of its name, if it has its UID (resolveControllerRef). */
function resolve(turn: ReplicaSetTurn, pod: Pod, { kind, name, uid }: OwnerReference): ReplicaSet | null {
  if (kind !== "ReplicaSet") return null;
  const set = turn.view<ReplicaSet>("replicasets").byKey(keyFor(pod.metadata.namespace ?? "", name));
  return set !== null && set.metadata.uid === uid ? set : null;
}

/** The sets that may want to adopt a pod (getPodReplicaSets). */
function enqueueMatching(turn: ReplicaSetTurn, pod: Pod): void {
  for (const set of turn.view<ReplicaSet>("replicasets").list(pod.metadata.namespace))
    if (matchesLabels(selectorOf(set.spec.selector), pod.metadata.labels)) turn.enqueue(keyOf(set));
}
