import { type Micros, mapGet, mapSet } from "../../kernel/index.ts";
import { scaledValue } from "../../machinery/int-or-string.ts";
import type { DaemonSet, Node, Pod } from "../../machinery/kinds/index.ts";
import { isDeleting, keyOf } from "../../machinery/meta.ts";
import { isPodAvailable, isPodReady } from "../../machinery/pods.ts";
import { fitnessOf, targetNodeOf } from "./nodes.ts";
import { note } from "./notes.ts";
import type { DaemonSetTurn, NodePlan, Sight } from "./types.ts";

const HASH_LABEL = "controller-revision-hash";

/** The pods of a set by the node that they are on, or are meant for. */
export type PodsOnNodes = ReadonlyMap<string, readonly Pod[]>;

/** daemon_controller.go, getNodesToDaemonPods: pods that are not yet bound count for the node they are pinned to. */
export function podsOnNodes(pods: readonly Pod[]): PodsOnNodes {
  const found = new Map<string, Pod[]>();
  for (const pod of pods) {
    const node = targetNodeOf(pod);
    if (node === "") continue;
    const others = found.get(node);
    if (others === undefined) found.set(node, [pod]);
    else others.push(pod);
  }
  return found;
}

/** Old before new; of equal ones, those bound to a node before others (podByCreationTimestampAndPhase). */
export function compareByAge(one: Pod, two: Pod): number {
  const isBound = (pod: Pod): boolean => (pod.spec.nodeName ?? "") !== "";
  if (isBound(one) !== isBound(two)) return isBound(one) ? -1 : 1;
  const created = [one.metadata.creationTimestamp ?? "", two.metadata.creationTimestamp ?? ""] as const;
  if (created[0] !== created[1]) return created[0] < created[1] ? -1 : 1;
  return one.metadata.name < two.metadata.name ? -1 : 1;
}

/** Where pods are missing, and which are too many (daemon_controller.go, manage). */
export function planNodes(turn: DaemonSetTurn, sight: Sight, nodes: readonly Node[]): NodePlan {
  const onNodes = podsOnNodes(sight.pods);
  const missing: string[] = [];
  const doomed: Pod[] = [];
  for (const node of nodes) planNode(turn, sight, node, onNodes.get(node.metadata.name), missing, doomed);
  const known = new Set(nodes.map(({ metadata }) => metadata.name));
  for (const [node, pods] of [...onNodes].sort(([one], [two]) => (one < two ? -1 : 1)))
    if (!known.has(node))
      // "If node doesn't exist then pods are never scheduled and can't be deleted by PodGCController."
      for (const pod of pods)
        if ((pod.spec.nodeName ?? "") === "" && !isDeleting(pod)) {
          turn.note(note.withoutNode);
          doomed.push(pod);
        }
  return { nodes: missing, doomed };
}

/** daemon_controller.go, podsShouldBeOnNode. */
function planNode(
  turn: DaemonSetTurn,
  sight: Sight,
  node: Node,
  pods: readonly Pod[] | undefined,
  missing: string[],
  doomed: Pod[],
): void {
  const { shouldRun, shouldContinue } = fitnessOf(node, sight.set);
  if (pods === undefined) {
    if (shouldRun) missing.push(node.metadata.name);
    return;
  }
  if (!shouldContinue) {
    for (const pod of pods) if (!isDeleting(pod)) doomed.push(pod);
    if (doomed.length > 0) turn.note(note.misscheduledDeleted);
    return;
  }
  const running: Pod[] = [];
  for (const pod of pods) {
    // One that is being deleted is not deleted again: nothing more would be seen of it.
    if (isDeleting(pod)) continue;
    if (pod.status?.phase === "Failed") replaceFailed(turn, sight, node, pod, doomed);
    else if (pod.status?.phase === "Succeeded") doomed.push(pod);
    else running.push(pod);
  }
  running.sort(compareByAge);
  if (!allowsSurge(sight.set)) {
    if (running.length > 1) turn.note(note.excessDeleted);
    doomed.push(...running.slice(1));
  } else if (running.length <= 1) {
    // While it surges, a node needs at least one that is not being deleted.
    if (running.length === 0 && shouldRun) missing.push(node.metadata.name);
  } else {
    pruneSurge(turn, sight, running, doomed);
  }
}

/** A failed pod is replaced, sooner at first than later (flowcontrol.Backoff of failedPodsBackoff). */
function replaceFailed(turn: DaemonSetTurn, { set }: Sight, node: Node, pod: Pod, doomed: Pod[]): void {
  const { failedPodsBackoffUs, failedPodsBackoffMaxUs } = turn.config;
  const key = `${set.metadata.uid}/${set.status?.observedGeneration ?? 0}/${node.metadata.name}`;
  const backoff = mapGet(turn.state.backoffs, key);
  const isExpired = backoff === undefined || turn.now - backoff.at > 2 * failedPodsBackoffMaxUs;
  if (!isExpired && turn.now - backoff.at < backoff.us) {
    turn.note(note.failedInBackoff);
    turn.enqueueAfter(keyOf(set), backoff.us);
    return;
  }
  const us = isExpired ? failedPodsBackoffUs : Math.min(2 * backoff.us, failedPodsBackoffMaxUs);
  turn.state = { ...turn.state, backoffs: mapSet(turn.state.backoffs, key, { at: turn.now, us }) };
  turn.note(note.failedDeleted);
  doomed.push(pod);
}

/** Two pods stay on a node only while the old one is ready and the new one is not yet available. */
function pruneSurge(turn: DaemonSetTurn, { set, hash }: Sight, running: readonly Pod[], doomed: Pod[]): void {
  const newest = running.find((pod) => isUpdated(pod, hash));
  const oldest = running.find((pod) => !isUpdated(pod, hash));
  for (const pod of running) if (pod !== newest && pod !== oldest) doomed.push(pod);
  if (newest === undefined || oldest === undefined) return;
  if (!isPodReady(oldest) || isAvailable(set, newest, turn.wall)) doomed.push(oldest);
}

export function isUpdated(pod: Pod, hash: string): boolean {
  return hash !== "" && pod.metadata.labels?.[HASH_LABEL] === hash;
}

export function isAvailable({ spec }: DaemonSet, pod: Pod, wall: Micros): boolean {
  return isPodAvailable(pod, spec.minReadySeconds ?? 0, wall);
}

// ---- Updates

export function isRollingUpdate({ spec }: DaemonSet): boolean {
  return (spec.updateStrategy?.type ?? "RollingUpdate") === "RollingUpdate";
}

/** daemonset_util.go, AllowsSurge. */
function allowsSurge(set: DaemonSet): boolean {
  return surgeOf(set, 1) > 0;
}

function surgeOf(set: DaemonSet, wanted: number): number {
  if (!isRollingUpdate(set)) return 0;
  return scaledValue(set.spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0, wanted, true);
}

function unavailableOf(set: DaemonSet, wanted: number): number {
  return scaledValue(set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, wanted, true);
}

/** The old pod and the new one of a node, of those that stay; null where there are several of a kind (findUpdatedPodsOnNode). */
function pairOf(
  pods: readonly Pod[],
  hash: string,
): { readonly newPod: Pod | null; readonly oldPod: Pod | null } | null {
  let newPod: Pod | null = null;
  let oldPod: Pod | null = null;
  for (const pod of pods) {
    if (isDeleting(pod)) continue;
    if (isUpdated(pod, hash)) {
      if (newPod !== null) return null;
      newPod = pod;
    } else {
      if (oldPod !== null) return null;
      oldPod = pod;
    }
  }
  return { newPod, oldPod };
}

/** Which pods of old revisions are replaced now (kubernetes pkg/controller/daemon/update.go, rollingUpdate). */
export function planUpdate(turn: DaemonSetTurn, sight: Sight, nodes: readonly Node[]): NodePlan {
  const { set, pods } = sight;
  const onNodes = new Map(podsOnNodes(pods));
  let wanted = 0;
  for (const node of nodes) {
    if (!fitnessOf(node, set).shouldRun) continue;
    wanted++;
    if (!onNodes.has(node.metadata.name)) onNodes.set(node.metadata.name, []);
  }
  const surge = surgeOf(set, wanted);
  const unavailable = unavailableOf(set, wanted);
  const order = [...onNodes].sort(([one], [two]) => (one < two ? -1 : 1));
  // "obey the default of unavailable=1 (in the event the apiserver returns 0 for both surge and unavailability)"
  if (surge === 0) return replaceInPlace(turn, sight, order, unavailable === 0 && wanted > 0 ? 1 : unavailable);
  return replaceBySurge(turn, sight, order, surge, nodes);
}

/** Pods that are not available anyway are replaced at once; others as far as enough stay available. */
function replaceInPlace(
  turn: DaemonSetTurn,
  { set, hash }: Sight,
  order: readonly (readonly [string, readonly Pod[]])[],
  maxUnavailable: number,
): NodePlan {
  let unavailable = 0;
  const allowed: Pod[] = [];
  const candidates: Pod[] = [];
  for (const [, pods] of order) {
    const pair = pairOf(pods, hash);
    if (pair === null || (pair.newPod === null) === (pair.oldPod === null)) unavailable++;
    else if (pair.newPod !== null) unavailable += isAvailable(set, pair.newPod, turn.wall) ? 0 : 1;
    else if (!isAvailable(set, pair.oldPod!, turn.wall)) allowed.push(pair.oldPod!);
    else candidates.push(pair.oldPod!);
  }
  const room = Math.min(candidates.length, Math.max(0, maxUnavailable - unavailable));
  if (candidates.length > room) turn.note(note.updateWaits);
  const doomed = [...allowed, ...candidates.slice(0, room)];
  if (doomed.length > 0) turn.note(note.updateDeleted);
  return { nodes: [], doomed };
}

/** A new pod comes beside the old one, which goes when the new one is available. */
function replaceBySurge(
  turn: DaemonSetTurn,
  { set, hash }: Sight,
  order: readonly (readonly [string, readonly Pod[]])[],
  maxSurge: number,
  nodes: readonly Node[],
): NodePlan {
  let surging = 0;
  const doomed: Pod[] = [];
  const allowed: string[] = [];
  const candidates: string[] = [];
  for (const [name, pods] of order) {
    const pair = pairOf(pods, hash);
    if (pair === null) surging++;
    else if (pair.oldPod === null) continue;
    else if (pair.newPod !== null) {
      if (isAvailable(set, pair.newPod, turn.wall)) doomed.push(pair.oldPod);
      else surging++;
    } else if (!isAvailable(set, pair.oldPod, turn.wall)) allowed.push(name);
    else {
      const node = nodes.find(({ metadata }) => metadata.name === name);
      if (node !== undefined && fitnessOf(node, set).shouldRun) candidates.push(name);
    }
  }
  const room = Math.min(candidates.length, Math.max(0, maxSurge - surging));
  const chosen = [...allowed, ...candidates.slice(0, room)];
  if (chosen.length > 0) turn.note(note.surged);
  return { nodes: chosen, doomed };
}
