import type { Note } from "../../kernel/index.ts";
import { scaledValue } from "../../machinery/int-or-string.ts";
import type { PersistentVolumeClaim, Pod } from "../../machinery/kinds/index.ts";
import { isDeleting, keyOf } from "../../machinery/meta.ts";
import { isPodAvailable, isPodReady, isPodTerminal } from "../../machinery/pods.ts";
import { templateOf } from "../shared/history.ts";
import {
  claimsOf,
  isInRange,
  isOrdered,
  isRollingUpdate,
  newPod,
  ordinalOf,
  partitionOf,
  podRevision,
  replicasOf,
  startOf,
  withIdentity,
} from "./identity.ts";
import { note } from "./notes.ts";
import { isStaleClaim, ownedClaim } from "./retention.ts";
import type { Action, Sight, StatefulSetTurn } from "./types.ts";

/** A plan in the making: what is to be done, and whether it ends there. */
interface Planner {
  readonly turn: StatefulSetTurn;
  readonly sight: Sight;
  readonly actions: Action[];
}

type Next = "go on" | "stop";

/**
 * What is to be done for a set that is seen so: living replicas first, in ascending order; then those that are too many,
 * in descending order; then the update (kubernetes pkg/controller/statefulset/stateful_set_control.go, updateStatefulSet).
 */
export function planFor(turn: StatefulSetTurn, sight: Sight): readonly Action[] {
  const { set, pods } = sight;
  // "If the StatefulSet is being deleted, don't do anything other than updating status."
  if (isDeleting(set)) {
    turn.note(note.beingDeleted);
    return [];
  }
  const planner: Planner = { turn, sight, actions: [] };
  const replicas = replicasFor(sight);
  const condemned = pods
    .filter((pod) => !isInRange(set, pod) && ordinalOf(pod.metadata.name) >= 0)
    .sort((one, two) => ordinalOf(two.metadata.name) - ordinalOf(one.metadata.name));
  const unhealthy = firstUnhealthy(turn, sight, replicas, condemned);
  const mayStop = isOrdered(set);
  for (const replica of replicas) if (processReplica(planner, replica) === "stop" && mayStop) return planner.actions;
  for (const pod of condemned) fixClaims(planner, pod);
  for (const pod of condemned)
    if (processCondemned(planner, pod, unhealthy) === "stop" && mayStop) return planner.actions;
  if (isRollingUpdate(set)) update(planner, replicas);
  return planner.actions;
}

/** The pods in the range of ordinals, with new ones where there is none. */
function replicasFor({ set, pods, current, update: next }: Sight): readonly Pod[] {
  const byOrdinal = new Map<number, Pod>();
  for (const pod of pods) if (isInRange(set, pod)) byOrdinal.set(ordinalOf(pod.metadata.name), pod);
  const start = startOf(set);
  return Array.from({ length: replicasOf(set) }, (_, at) => {
    const ordinal = start + at;
    const known = byOrdinal.get(ordinal);
    if (known !== undefined) return known;
    const revision = needsCurrentRevision({ set, pods, current, update: next } as Sight, ordinal) ? current : next;
    return newPod(set, templateOf(revision), revision.metadata.name, ordinal);
  });
}

/**
 * A pod that is made anew in the middle of an update has the new revision, but below the partition
 * (stateful_set_utils.go, newVersionedStatefulSetPod).
 */
function needsCurrentRevision({ set, current, update: next }: Sight, ordinal: number): boolean {
  if (!isRollingUpdate(set) || current.metadata.name === next.metadata.name) return false;
  return ordinal < startOf(set) + partitionOf(set);
}

function isNew(pod: Pod): boolean {
  return pod.metadata.uid === undefined;
}

function isRunningAndReady(pod: Pod): boolean {
  return pod.status?.phase === "Running" && isPodReady(pod);
}

function isAvailable(turn: StatefulSetTurn, { set }: Sight, pod: Pod): boolean {
  return isRunningAndReady(pod) && isPodAvailable(pod, set.spec.minReadySeconds ?? 0, turn.wall);
}

/** stateful_set_utils.go, isUnavailable. */
function isUnavailable(turn: StatefulSetTurn, sight: Sight, pod: Pod): boolean {
  return isNew(pod) || isDeleting(pod) || !isAvailable(turn, sight, pod);
}

function firstUnhealthy(
  turn: StatefulSetTurn,
  sight: Sight,
  replicas: readonly Pod[],
  condemned: readonly Pod[],
): Pod | null {
  const inOrder = [...replicas, ...condemned.toReversed()];
  return inOrder.find((pod) => isUnavailable(turn, sight, pod)) ?? null;
}

/** stateful_set_control.go, processReplica: "stop" where an ordered set has to wait. */
function processReplica(planner: Planner, pod: Pod): Next {
  const { turn, sight, actions } = planner;
  if (isPodTerminal(pod)) {
    if (!isDeleting(pod)) actions.push({ kind: "deletePod", pod, why: "terminal" });
    // "New pod should be generated on the next sync after the current pod is removed from etcd."
    return "stop";
  }
  if (isNew(pod)) return create(planner, pod);
  if (pod.status?.phase === "Pending") createMissingClaims(planner, pod);
  if (isDeleting(pod)) {
    turn.note(note.waitsForTermination);
    return "stop";
  }
  if (!isRunningAndReady(pod)) return waitForReady(planner, pod);
  if (!isAvailable(turn, sight, pod)) {
    turn.note(note.waitsForAvailable);
    return "stop";
  }
  const restored = withIdentity(pod);
  if (restored !== pod) actions.push({ kind: "updatePod", pod: restored });
  fixClaims(planner, pod);
  return "go on";
}

/** How soon it is looked again whether a stale claim is gone. The real one waits for its next event, or its resync. */
const STALE_CLAIM_US = 1_000_000;

/** Its claims first. One that belongs to an earlier pod of its name has to go before (stateful_pod_control.go, PodClaimIsStale). */
function create(planner: Planner, pod: Pod): Next {
  const { turn, sight, actions } = planner;
  if (knownClaims(planner, pod).some((claim) => isStaleClaim(claim, pod))) {
    turn.note(note.claimStale);
    turn.enqueueAfter(keyOf(sight.set), STALE_CLAIM_US);
    return "stop";
  }
  createMissingClaims(planner, pod);
  actions.push({ kind: "createPod", pod });
  return "stop";
}

/** An ordered set waits for each; one of a broken revision may wait for good, unless the setting mends that. */
function waitForReady({ turn, sight, actions }: Planner, pod: Pod): Next {
  const { set } = sight;
  turn.note(note.waitsForReady);
  const isOld = podRevision(pod) !== sight.update.metadata.name;
  const isUpdated = isRollingUpdate(set) && ordinalOf(pod.metadata.name) >= startOf(set) + partitionOf(set);
  if (turn.config.replacesBrokenPods && isOrdered(set) && isOld && isUpdated)
    actions.push({ kind: "deletePod", pod, why: "broken" });
  return "stop";
}

// ---- Claims

function claimKeys(planner: Planner, pod: Pod): readonly PersistentVolumeClaim[] {
  return claimsOf(planner.sight.set, ordinalOf(pod.metadata.name));
}

function knownClaims(planner: Planner, pod: Pod): readonly PersistentVolumeClaim[] {
  const view = planner.turn.view<PersistentVolumeClaim>("persistentvolumeclaims");
  return claimKeys(planner, pod).flatMap((claim) => view.byKey(keyOf(claim)) ?? []);
}

/** stateful_pod_control.go, createPersistentVolumeClaims. */
function createMissingClaims(planner: Planner, pod: Pod): void {
  const view = planner.turn.view<PersistentVolumeClaim>("persistentvolumeclaims");
  for (const claim of claimKeys(planner, pod))
    if (view.byKey(keyOf(claim)) === null) planner.actions.push({ kind: "createClaim", claim });
}

/** stateful_pod_control.go, UpdatePodClaimForRetentionPolicy. */
function fixClaims(planner: Planner, pod: Pod): void {
  for (const claim of knownClaims(planner, pod)) {
    const owned = ownedClaim(claim, planner.sight.set, pod);
    if (owned !== claim) planner.actions.push({ kind: "updateClaim", claim: owned });
  }
}

// ---- Scaling down

/** stateful_set_control.go, processCondemned: an ordered set lets one go only when all before it are well, or it is the sick one. */
function processCondemned({ turn, sight, actions }: Planner, pod: Pod, unhealthy: Pod | null): Next {
  if (isDeleting(pod)) {
    turn.note(note.waitsForTermination);
    return "stop";
  }
  if (isOrdered(sight.set) && !isAvailable(turn, sight, pod) && pod !== unhealthy) {
    turn.note(note.scaleDownWaits);
    return "stop";
  }
  actions.push({ kind: "deletePod", pod, why: "condemned" });
  return "stop";
}

// ---- Updates

/** From the highest ordinal down to the partition; one at a time, unless the set allows for more to be unavailable. */
function update(planner: Planner, replicas: readonly Pod[]): void {
  const { turn, sight } = planner;
  const { maxUnavailable } = sight.set.spec.updateStrategy?.rollingUpdate ?? {};
  const partition = partitionOf(sight.set);
  if (partition > 0 && replicas.slice(0, partition).some((pod) => isOutdated(sight, pod))) turn.note(note.partitioned);
  if (maxUnavailable !== undefined) {
    updateSeveral(planner, replicas, Math.max(1, scaledValue(maxUnavailable, replicasOf(sight.set), false)));
    return;
  }
  for (let target = replicas.length - 1; target >= partition; target--) {
    const pod = replicas[target]!;
    if (isOutdated(sight, pod) && !isDeleting(pod)) {
      deleteForUpdate(planner, pod);
      return;
    }
    if (isUnavailable(turn, sight, pod)) {
      turn.note(note.updateWaits);
      return;
    }
  }
}

/** stateful_set_control.go, updateStatefulSetAfterInvariantEstablished. */
function updateSeveral(planner: Planner, replicas: readonly Pod[], maxUnavailable: number): void {
  const { turn, sight } = planner;
  let room = maxUnavailable - replicas.filter((pod) => isUnavailable(turn, sight, pod)).length;
  for (let target = replicas.length - 1; target >= partitionOf(sight.set) && room > 0; target--) {
    const pod = replicas[target]!;
    if (!isOutdated(sight, pod) || isDeleting(pod)) continue;
    deleteForUpdate(planner, pod);
    room--;
  }
}

/** A pod that was just made in this very sync is not deleted in it. */
function deleteForUpdate({ actions }: Planner, pod: Pod): void {
  if (!isNew(pod)) actions.push({ kind: "deletePod", pod, why: "update" });
}

function isOutdated({ update: next }: Sight, pod: Pod): boolean {
  return podRevision(pod) !== next.metadata.name;
}

/** What is told of an action that was carried out. */
export function noteOf(action: Action): Note {
  switch (action.kind) {
    case "createClaim":
      return note.claimCreated;
    case "updateClaim":
      return note.claimUpdated;
    case "createPod":
      return note.podCreated;
    case "updatePod":
      return note.podUpdated;
    case "deletePod":
      return {
        terminal: note.terminalDeleted,
        broken: note.brokenReplaced,
        condemned: note.scaledDown,
        update: note.updateDeleted,
      }[action.why];
  }
}
