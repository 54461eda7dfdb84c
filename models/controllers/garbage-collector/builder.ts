/** What the collector makes of what it sees (kubernetes pkg/controller/garbagecollector, graph_builder.go). */
import type { InformerEvent } from "../../machinery/client/types.ts";
import type { KubeObject, OwnerReference } from "../../machinery/kinds/index.ts";
import { hasFinalizer, isDeleting } from "../../machinery/meta.ts";
import type { ControllerTurn } from "../controller.ts";
import {
  absentKey,
  dependentsOf,
  type Graph,
  type GraphNode,
  hasDependents,
  type Identity,
  identityOf,
  NO_OWNERS,
  nodeOf,
  sameCoordinates,
  sameIdentity,
  withAbsent,
  withEdge,
  withNode,
  withoutEdge,
  withoutNode,
} from "./graph.ts";
import { note } from "./notes.ts";

export const FOREGROUND = "foregroundDeletion";
export const ORPHAN = "orphan";

export type GraphTurn = ControllerTurn<Graph>;

export function attemptToDelete(turn: GraphTurn, node: GraphNode): void {
  turn.enqueue(`delete:${node.identity.uid}`);
}

export function attemptToOrphan(turn: GraphTurn, node: GraphNode): void {
  turn.enqueue(`orphan:${node.identity.uid}`);
}

/** graph_builder.go, processGraphChanges. */
export function graphChanged(turn: GraphTurn, event: InformerEvent): void {
  const { object, old } = event;
  const known = nodeOf(turn.state, object.metadata.uid ?? "");
  if (known !== null && event.type !== "deleted" && isUnchanged(known, object)) return;
  const identity = identityOf(object);
  const observed = known === null ? null : markObserved(turn, known, identity);
  if (event.type === "deleted") {
    if (observed !== null) nodeDeleted(turn, observed, identity);
    return;
  }
  const node = observed === null ? insert(turn, identity, object) : update(turn, observed, object);
  processTransitions(turn, old, object, node);
}

/** Nothing of an event concerns the graph: by far the most of them. */
function isUnchanged(node: GraphNode, object: KubeObject): boolean {
  if (node.virtual || isDeleting(object)) return false;
  const owners = object.metadata.ownerReferences ?? NO_OWNERS;
  return (
    owners === node.owners ||
    (owners.length === node.owners.length && owners.every((one, i) => sameReference(one, node.owners[i]!)))
  );
}

function sameReference(one: OwnerReference, two: OwnerReference): boolean {
  return (
    sameCoordinates(one, two) && one.controller === two.controller && one.blockOwnerDeletion === two.blockOwnerDeletion
  );
}

/** What was virtual is seen: those who call it something else than it is called are looked at again. */
function markObserved(turn: GraphTurn, node: GraphNode, identity: Identity): GraphNode {
  if (!node.virtual) return node;
  if (!sameIdentity(node.identity, identity))
    for (const dependent of dependentsOf(turn.state, identity.uid))
      if (!refersTo(dependent, identity)) attemptToDelete(turn, dependent);
  return write(turn, { ...node, identity, virtual: false });
}

function insert(turn: GraphTurn, identity: Identity, object: KubeObject): GraphNode {
  const beingDeleted = isDeleting(object);
  const node = write(turn, {
    identity,
    owners: object.metadata.ownerReferences ?? NO_OWNERS,
    virtual: false,
    beingDeleted,
    deletingDependents: beingDeleted && hasFinalizer(object, FOREGROUND),
  });
  addToOwners(turn, node, node.owners);
  return node;
}

function update(turn: GraphTurn, node: GraphNode, object: KubeObject): GraphNode {
  const owners = object.metadata.ownerReferences ?? NO_OWNERS;
  const added = owners.filter(({ uid }) => !node.owners.some((one) => one.uid === uid));
  const removed = node.owners.filter(({ uid }) => !owners.some((one) => one.uid === uid));
  unblockOwners(turn, node.owners, owners);
  const next = write(turn, { ...node, owners, beingDeleted: node.beingDeleted || isDeleting(object) });
  addToOwners(turn, next, added);
  for (const { uid } of removed) turn.state = withoutEdge(turn.state, uid, node.identity.uid);
  return next;
}

/** graph_builder.go, addUnblockedOwnersToDeleteQueue: a reference that blocked its owner is gone, or blocks no more. */
function unblockOwners(turn: GraphTurn, before: readonly OwnerReference[], after: readonly OwnerReference[]): void {
  for (const { uid, blockOwnerDeletion } of before) {
    if (blockOwnerDeletion !== true) continue;
    if (after.find((one) => one.uid === uid)?.blockOwnerDeletion === true) continue;
    const owner = nodeOf(turn.state, uid);
    if (owner !== null) attemptToDelete(turn, owner);
  }
}

/** graph_builder.go, addDependentToOwners: an owner that was not seen becomes a virtual node, and is looked for. */
function addToOwners(turn: GraphTurn, node: GraphNode, owners: readonly OwnerReference[]): void {
  let doubtful = false;
  for (const reference of owners) {
    const owner = nodeOf(turn.state, reference.uid);
    if (owner === null) {
      const virtual = write(turn, virtualNode(reference, node.identity.namespace));
      // Also at the start: what has lost its owner meanwhile would stay for good (kubernetes#109748).
      attemptToDelete(turn, virtual);
      turn.note(note.virtualOwner);
    } else if (!isReferredToBy(owner, node, reference)) {
      turn.note(note.ownerElsewhere);
      doubtful = true;
    }
    turn.state = withEdge(turn.state, reference.uid, node.identity.uid);
  }
  if (doubtful) attemptToDelete(turn, node);
}

function virtualNode({ apiVersion, kind, name, uid }: OwnerReference, namespace: string): GraphNode {
  const identity = { apiVersion, kind, name, uid, namespace };
  return { identity, owners: NO_OWNERS, virtual: true, beingDeleted: false, deletingDependents: false };
}

function isReferredToBy(owner: GraphNode, dependent: GraphNode, reference: OwnerReference): boolean {
  const { namespace } = owner.identity;
  if (namespace !== "" && namespace !== dependent.identity.namespace) return false;
  return sameCoordinates(reference, owner.identity);
}

/** Whether one of a dependent's references means just this (graph_builder.go, partitionDependents). */
function refersTo(dependent: GraphNode, identity: Identity): boolean {
  if (identity.namespace !== "" && identity.namespace !== dependent.identity.namespace) return false;
  return dependent.owners.some((reference) => sameCoordinates(reference, identity));
}

/** graph_builder.go, processTransitions. */
function processTransitions(turn: GraphTurn, old: KubeObject | null, object: KubeObject, node: GraphNode): void {
  if (deletionStartsWith(old, object, ORPHAN)) {
    turn.note(note.orphanStarted);
    attemptToOrphan(turn, node);
    return;
  }
  if (!deletionStartsWith(old, object, FOREGROUND)) return;
  turn.note(note.foregroundStarted);
  const deleting = write(turn, { ...node, deletingDependents: true });
  for (const dependent of dependentsOf(turn.state, node.identity.uid)) attemptToDelete(turn, dependent);
  attemptToDelete(turn, deleting);
}

/** graph_builder.go, deletionStartsWithFinalizer: it may have been deleted before, and have got the finalizer since. */
export function deletionStartsWith(old: KubeObject | null, object: KubeObject, finalizer: string): boolean {
  if (!isDeleting(object) || !hasFinalizer(object, finalizer)) return false;
  if (old === null || !isDeleting(old)) return true;
  return !hasFinalizer(old, finalizer);
}

/** It is gone, by the informer: its dependents are looked at, and owners that wait for it. */
function nodeDeleted(turn: GraphTurn, node: GraphNode, identity: Identity): void {
  turn.state = withoutNode(turn.state, node);
  if (hasDependents(turn.state, node.identity.uid))
    turn.state = withAbsent(turn.state, absentKey(identity, identity.namespace));
  for (const dependent of dependentsOf(turn.state, node.identity.uid)) attemptToDelete(turn, dependent);
  for (const { uid } of node.owners) {
    const owner = nodeOf(turn.state, uid);
    if (owner?.deletingDependents === true) attemptToDelete(turn, owner);
  }
}

/**
 * The API says that this is not there (a virtual delete event). Those who call it so have lost it; what others call the
 * same UID may be there.
 */
export function foundAbsent(turn: GraphTurn, identity: Identity): void {
  turn.note(note.itemGone);
  const node = nodeOf(turn.state, identity.uid);
  if (node === null) return;
  const dependents = dependentsOf(turn.state, identity.uid);
  const others = dependents.filter((dependent) => !refersTo(dependent, identity));
  if (node.virtual ? others.length === 0 : sameIdentity(node.identity, identity)) {
    nodeDeleted(turn, node, identity);
    return;
  }
  const losers = dependents.filter((dependent) => refersTo(dependent, identity));
  if (losers.length > 0) turn.state = withAbsent(turn.state, absentKey(identity, identity.namespace));
  for (const dependent of losers) attemptToDelete(turn, dependent);
  if (!node.virtual || !sameIdentity(node.identity, identity)) return;
  const other = alternateIdentity(others, identity);
  if (other === null) return;
  const replacement = write(turn, { ...node, identity: other });
  turn.enqueueAfter(`delete:${replacement.identity.uid}`, RETRY_US);
}

/** The first backoff of a rate-limited queue (client-go util/workqueue). */
const RETRY_US = 5_000;

/** What else the owner is called, the next after this one in order, else the first (graph_builder.go, getAlternateOwnerIdentity). */
function alternateIdentity(dependents: readonly GraphNode[], verified: Identity): Identity | null {
  const found: Identity[] = [];
  for (const { owners, identity } of dependents)
    for (const { apiVersion, kind, name, uid } of owners)
      if (uid === verified.uid) found.push({ apiVersion, kind, name, uid, namespace: identity.namespace });
  const sorted = found.toSorted((one, two) => (rank(one) < rank(two) ? -1 : 1));
  return sorted.find((one) => rank(one) > rank(verified)) ?? sorted.find((one) => rank(one) !== rank(verified)) ?? null;
}

function rank(identity: Identity): string {
  return absentKey(identity, identity.namespace);
}

function write(turn: GraphTurn, node: GraphNode): GraphNode {
  turn.state = withNode(turn.state, node);
  return node;
}
