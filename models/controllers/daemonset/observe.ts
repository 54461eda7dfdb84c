import { mapDelete, mapEach } from "../../kernel/index.ts";
import { creationObserved, deletionObserved, forgetExpectations } from "../../machinery/client/expectations.ts";
import type { InformerEvent } from "../../machinery/client/types.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { DaemonSet, Node, OwnerReference, Pod } from "../../machinery/kinds/index.ts";
import { controllerOf, isDeleting, keyFor, keyOf } from "../../machinery/meta.ts";
import { isPodReady } from "../../machinery/pods.ts";
import { matchesLabels, selectorOf } from "../../machinery/selectors.ts";
import { fitnessOf } from "./nodes.ts";
import type { DaemonSetState, DaemonSetTurn } from "./types.ts";

/** kubernetes pkg/controller/daemon/daemon_controller.go, the handlers that NewDaemonSetsController sets. */
export function observe(turn: DaemonSetTurn, event: InformerEvent): void {
  switch (event.resource) {
    case "daemonsets":
      setChanged(turn, event);
      return;
    case "nodes":
      nodeChanged(turn, event);
      return;
    case "pods":
      if (event.type === "added") podAdded(turn, event.object as Pod);
      else if (event.type === "updated") podUpdated(turn, event.old as Pod, event.object as Pod);
      else if (event.type === "deleted") podDeleted(turn, event.object as Pod);
      return;
  }
}

function setChanged(turn: DaemonSetTurn, { type, key, old, object }: InformerEvent): void {
  const isSuccessor = type === "updated" && old?.metadata.uid !== object.metadata.uid;
  if (type === "deleted" || isSuccessor) {
    const { expectations, backoffs } = turn.state;
    const uid = (old ?? object).metadata.uid ?? "";
    turn.state = { expectations: forgetExpectations(expectations, key), backoffs: withoutSet(backoffs, uid) };
  }
  turn.enqueue(key);
}

function withoutSet(backoffs: DaemonSetState["backoffs"], uid: string): DaemonSetState["backoffs"] {
  let kept = backoffs;
  mapEach(backoffs, `${uid}/`, `${uid}0`, (_backoff, key) => {
    kept = mapDelete(kept, key);
  });
  return kept;
}

/** addNode, updateNode: only what changes for a set wakes it. */
function nodeChanged(turn: DaemonSetTurn, { type, old, object }: InformerEvent): void {
  if (type === "deleted" || type === "resync") return;
  const node = object as Node;
  const before = old as Node | null;
  if (before !== null && isSameForDaemons(before, node)) return;
  for (const set of turn.view<DaemonSet>("daemonsets").list()) {
    const now = fitnessOf(node, set);
    const was = before === null ? null : fitnessOf(before, set);
    if (was === null ? now.shouldRun : was.shouldRun !== now.shouldRun || was.shouldContinue !== now.shouldContinue)
      turn.enqueue(keyOf(set));
  }
}

/** shouldIgnoreNodeUpdate: heartbeats say nothing about where daemons run. */
function isSameForDaemons(one: Node, two: Node): boolean {
  return deepEqual(one.metadata.labels, two.metadata.labels) && deepEqual(one.spec?.taints, two.spec?.taints);
}

function podAdded(turn: DaemonSetTurn, pod: Pod): void {
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
  turn.state = { ...turn.state, expectations: creationObserved(turn.state.expectations, key) };
  turn.enqueue(key);
}

function podUpdated(turn: DaemonSetTurn, old: Pod, pod: Pod): void {
  if (old.metadata.resourceVersion === pod.metadata.resourceVersion) return;
  if (isDeleting(pod)) {
    podDeleted(turn, pod);
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
    if (handedOver || !deepEqual(old.metadata.labels, pod.metadata.labels)) enqueueMatching(turn, pod);
    return;
  }
  const set = resolve(turn, pod, controller);
  if (set === null) return;
  turn.enqueue(keyOf(set));
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  if (minReadySeconds > 0 && !isPodReady(old) && isPodReady(pod))
    turn.enqueueAfter(keyOf(set), (minReadySeconds + 1) * 1_000_000);
}

function podDeleted(turn: DaemonSetTurn, pod: Pod): void {
  const controller = controllerOf(pod);
  if (controller === null) return;
  const set = resolve(turn, pod, controller);
  if (set === null) return;
  const key = keyOf(set);
  turn.state = { ...turn.state, expectations: deletionObserved(turn.state.expectations, key, keyOf(pod)) };
  turn.enqueue(key);
}

/** The set that a reference means: that of its name, if it has its UID. */
function resolve(turn: DaemonSetTurn, pod: Pod, { kind, name, uid }: OwnerReference): DaemonSet | null {
  if (kind !== "DaemonSet") return null;
  const set = turn.view<DaemonSet>("daemonsets").byKey(keyFor(pod.metadata.namespace ?? "", name));
  return set !== null && set.metadata.uid === uid ? set : null;
}

/** The sets that may want to adopt a pod (getDaemonSetsForPod). */
function enqueueMatching(turn: DaemonSetTurn, pod: Pod): void {
  for (const set of turn.view<DaemonSet>("daemonsets").list(pod.metadata.namespace))
    if (matchesLabels(selectorOf(set.spec.selector), pod.metadata.labels)) turn.enqueue(keyOf(set));
}
