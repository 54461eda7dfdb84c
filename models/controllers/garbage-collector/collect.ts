/** Whether an object has lost its owners, and what becomes of it then (kubernetes pkg/controller/garbagecollector, garbagecollector.go). */
import { unreachable } from "../../kernel/index.ts";
import type { ApiResponse } from "../../machinery/api.ts";
import { getRequest } from "../../machinery/client/requests.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { KubeObject, OwnerReference } from "../../machinery/kinds/index.ts";
import { hasFinalizer, isDeleting } from "../../machinery/meta.ts";
import { resourceOfKind } from "../../machinery/resources.ts";
import { isConflict, isNotFound, isSuccess, objectOf } from "../../machinery/status.ts";
import { DONE, type Outcome } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { attemptToDelete, FOREGROUND, foundAbsent, type GraphTurn, ORPHAN } from "./builder.ts";
import {
  absentKey,
  blockingDependents,
  dependentsOf,
  type GraphNode,
  hasDependents,
  isAbsent,
  nodeOf,
  withAbsent,
} from "./graph.ts";
import { note } from "./notes.ts";
import {
  type GcTask,
  type Latest,
  latestOf,
  type Owners,
  type Policy,
  patchMeta,
  patchOwnersOut,
  read,
  remove,
} from "./task.ts";

type Result = Outcome<GcTask>;

const NO_ANSWERS: Owners = Object.freeze({ solid: [], dangling: [], waiting: [] });

/** garbagecollector.go, attemptToDeleteItem: the item is looked up in the API, whatever the graph says. */
export function attemptItem(turn: GraphTurn, uid: string): Result {
  const node = nodeOf(turn.state, uid);
  if (node === null) return DONE;
  // "being deleted" is an one-way trip to the final deletion.
  if (node.beingDeleted && !node.deletingDependents) return DONE;
  return { kind: "call", request: read(node.identity), task: { step: "item" } };
}

/** The item, as the API has it, is answered. */
export function itemAnswered(turn: GraphTurn, uid: string, response: ApiResponse | null): Result {
  const node = nodeOf(turn.state, uid);
  if (node === null) return DONE;
  const item = objectOf<KubeObject>(response);
  if (isNotFound(response) || (item !== null && item.metadata.uid !== uid)) {
    foundAbsent(turn, node.identity);
    return DONE;
  }
  if (item === null) return retry(errorOf(response));
  if (node.deletingDependents) return processDeletingDependents(turn, node);
  const latest = latestOf(item);
  if (latest.ownerReferences.length === 0) return finished(turn, uid);
  return classify(turn, node, latest, 0, NO_ANSWERS);
}

/** An item that no informer has shown yet is looked at again, or one that came and went unseen would stay in the graph. */
export function finished(turn: GraphTurn, uid: string): Result {
  return nodeOf(turn.state, uid)?.virtual === true ? retry("not observed yet") : DONE;
}

/** garbagecollector.go, classifyReferences, from the owner at this place on; then what follows from it. */
function classify(turn: GraphTurn, node: GraphNode, latest: Latest, at: number, known: Owners): Result {
  let owners = known;
  for (let i = at; i < latest.ownerReferences.length; i++) {
    const reference = latest.ownerReferences[i]!;
    if (isKnownAbsent(turn, node, reference)) {
      turn.note(note.ownerKnownAbsent);
      owners = { ...owners, dangling: [...owners.dangling, reference] };
      continue;
    }
    const { name: resource, namespaced } = resourceOfKind(reference.apiVersion, reference.kind);
    if (namespaced && node.identity.namespace === "") {
      // "not valid": it will not resolve on retry.
      turn.note(note.ownerNamespaced);
      return DONE;
    }
    // A live read: an owner that the graph does not have may have been created since, or been missed.
    const request = getRequest(resource, namespaced ? node.identity.namespace : "", reference.name);
    return { kind: "call", request, task: { step: "owner", latest, at: i, owners } };
  }
  return decide(turn, node, latest, owners);
}

function isKnownAbsent(turn: GraphTurn, node: GraphNode, reference: OwnerReference): boolean {
  if (isAbsent(turn.state, absentKey(reference, ""))) return true;
  return isAbsent(turn.state, absentKey(reference, node.identity.namespace));
}

/** garbagecollector.go, isDangling: an owner of that name with another UID is another. */
export function ownerAnswered(
  turn: GraphTurn,
  uid: string,
  task: Extract<GcTask, { readonly step: "owner" }>,
  response: ApiResponse | null,
): Result {
  const node = nodeOf(turn.state, uid);
  if (node === null) return DONE;
  const reference = task.latest.ownerReferences[task.at]!;
  const owner = objectOf<KubeObject>(response);
  if (owner === null && !isNotFound(response)) return retry(errorOf(response));
  if (owner === null || owner.metadata.uid !== reference.uid) {
    turn.note(owner === null ? note.ownerAbsent : note.ownerOtherUid);
    const { namespaced } = resourceOfKind(reference.apiVersion, reference.kind);
    turn.state = withAbsent(turn.state, absentKey(reference, namespaced ? node.identity.namespace : ""));
    const owners = { ...task.owners, dangling: [...task.owners.dangling, reference] };
    return classify(turn, node, task.latest, task.at + 1, owners);
  }
  const isWaiting = isDeleting(owner) && hasFinalizer(owner, FOREGROUND);
  turn.note(isWaiting ? note.ownerWaiting : note.ownerSolid);
  const owners = isWaiting
    ? { ...task.owners, waiting: [...task.owners.waiting, reference] }
    : { ...task.owners, solid: [...task.owners.solid, reference] };
  return classify(turn, node, task.latest, task.at + 1, owners);
}

/** garbagecollector.go, attemptToDeleteItem, when its owners are known. */
function decide(turn: GraphTurn, node: GraphNode, latest: Latest, { solid, dangling, waiting }: Owners): Result {
  if (solid.length > 0) {
    if (dangling.length === 0 && waiting.length === 0) return finished(turn, node.identity.uid);
    turn.note(note.danglingPatched);
    const out = [...dangling, ...waiting].map(({ uid }) => uid);
    return { kind: "call", request: patchOwnersOut(node.identity, out), task: { step: "patched" } };
  }
  if (waiting.length > 0 && hasDependents(turn.state, node.identity.uid)) {
    const isCircle = dependentsOf(turn.state, node.identity.uid).some((dependent) => dependent.deletingDependents);
    if (isCircle) return unblock(turn, node, latest);
    return foreground(turn, node, latest);
  }
  turn.note(note.deletedDangling);
  return deleteItem(node, latest, policyOf(latest));
}

/** By the finalizers that it has already. */
function policyOf({ finalizers }: Latest): Policy {
  if (finalizers.includes(ORPHAN)) return "Orphan";
  return finalizers.includes(FOREGROUND) ? "Foreground" : "Background";
}

/** A dependent of the item waits for its own dependents: a circle, perhaps. The item no longer blocks its owners. */
function unblock(turn: GraphTurn, node: GraphNode, latest: Latest): Result {
  turn.note(note.unblocked);
  const ownerReferences = latest.ownerReferences.map((one) => ({ ...one, blockOwnerDeletion: false }));
  const request = patchMeta(node.identity, { ownerReferences, resourceVersion: latest.resourceVersion });
  return { kind: "call", request, task: { step: "unblocked", latest } };
}

function foreground(turn: GraphTurn, node: GraphNode, latest: Latest): Result {
  turn.note(note.deletedForeground);
  return deleteItem(node, latest, "Foreground");
}

/** garbagecollector.go, deleteObject: only the version of which it was decided. */
function deleteItem(node: GraphNode, latest: Latest, policy: Policy): Result {
  const { resourceVersion } = latest;
  const preconditions = { uid: node.identity.uid, ...(resourceVersion === "" ? {} : { resourceVersion }) };
  const request = remove(node.identity, { preconditions, propagationPolicy: policy });
  return { kind: "call", request, task: { step: "deleted", latest, policy } };
}

/** The answers to all that follows the decision. */
export function actionAnswered(turn: GraphTurn, uid: string, task: GcTask, response: ApiResponse | null): Result {
  const node = nodeOf(turn.state, uid);
  if (node === null) return DONE;
  switch (task.step) {
    case "patched":
    case "deletedByUid":
      return isSuccess(response) || isNotFound(response) ? finished(turn, uid) : retry(errorOf(response));
    case "unblocked": {
      const patched = objectOf<KubeObject>(response);
      return patched === null ? retry(errorOf(response)) : foreground(turn, node, latestOf(patched));
    }
    case "deleted":
      if (isSuccess(response) || isNotFound(response)) return finished(turn, uid);
      if (!isConflict(response)) return retry(errorOf(response));
      turn.note(note.deleteConflict);
      return { kind: "call", request: read(node.identity), task: { ...task, step: "deleteConflict" } };
    case "deleteConflict":
      return conflictRead(turn, node, task, response);
    case "item":
    case "owner":
    case "orphan":
    case "unseen":
    case "orphanUnseen":
    case "finalizer":
      return DONE;
    default:
      return unreachable(task);
  }
}

/** Another version with the same owners: the decision stands, and the UID is enough (garbagecollector.go, deleteObject). */
function conflictRead(
  turn: GraphTurn,
  node: GraphNode,
  { latest, policy }: Extract<GcTask, { readonly step: "deleteConflict" }>,
  response: ApiResponse | null,
): Result {
  const live = objectOf<KubeObject>(response);
  if (isNotFound(response) || (live !== null && live.metadata.uid !== node.identity.uid)) return DONE;
  if (live === null) return retry(errorOf(response));
  const now = latestOf(live);
  if (now.resourceVersion === latest.resourceVersion) return retry("conflict");
  if (!deepEqual(now.ownerReferences, latest.ownerReferences)) return retry("its owners have changed");
  turn.note(note.deletedByUid);
  const request = remove(node.identity, { preconditions: { uid: node.identity.uid }, propagationPolicy: policy });
  return { kind: "call", request, task: { step: "deletedByUid" } };
}

/** garbagecollector.go, processDeletingDependentsItem: the finalizer goes when nothing blocks any more. */
function processDeletingDependents(turn: GraphTurn, node: GraphNode): Result {
  const blocking = blockingDependents(turn.state, node.identity.uid);
  if (blocking.length === 0)
    return { kind: "call", request: read(node.identity), task: { step: "finalizer", finalizer: FOREGROUND } };
  turn.note(note.foregroundBlocked);
  for (const dependent of blocking) if (!dependent.deletingDependents) attemptToDelete(turn, dependent);
  return DONE;
}

/** garbagecollector.go, removeFinalizer. */
export function finalizerRead(
  turn: GraphTurn,
  node: GraphNode,
  finalizer: string,
  response: ApiResponse | null,
): Result {
  const owner = objectOf<KubeObject>(response);
  if (isNotFound(response)) return DONE;
  if (owner === null) return retry(errorOf(response));
  if (owner.metadata.uid !== node.identity.uid || !hasFinalizer(owner, finalizer)) return DONE;
  turn.note(note.finalizerRemoved);
  const finalizers = (owner.metadata.finalizers ?? []).filter((one) => one !== finalizer);
  const request = patchMeta(node.identity, { finalizers, resourceVersion: owner.metadata.resourceVersion ?? "" });
  return { kind: "call", request, task: { step: "patched" } };
}
