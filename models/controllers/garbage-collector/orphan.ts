/** Deletion that keeps the dependents (kubernetes pkg/controller/garbagecollector, garbagecollector.go, attemptToOrphanWorker). */
import type { ApiResponse, ResourceName } from "../../machinery/api.ts";
import { listRequest } from "../../machinery/client/requests.ts";
import { RESOURCES } from "../../machinery/resources.ts";
import { isNotFound, isSuccess } from "../../machinery/status.ts";
import { DONE, type Outcome } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { type GraphTurn, ORPHAN } from "./builder.ts";
import { dependentsOf, type GraphNode, type Identity, identityOf, nodeOf } from "./graph.ts";
import { note } from "./notes.ts";
import { type GcTask, patchOwnersOut, read } from "./task.ts";

type Result = Outcome<GcTask>;

/** garbagecollector.go, attemptToOrphanItem: first the dependents lose the owner, then the owner its finalizer. */
export function attemptOrphan(turn: GraphTurn, uid: string): Result {
  const node = nodeOf(turn.state, uid);
  if (node === null) return DONE;
  const dependents = dependentsOf(turn.state, uid).map(({ identity }) => identity);
  return orphanNext(turn, node, dependents);
}

function orphanNext(turn: GraphTurn, node: GraphNode, dependents: readonly Identity[]): Result {
  const [next, ...rest] = dependents;
  if (next === undefined) return lookForUnseen(node);
  turn.note(note.orphaned);
  return { kind: "call", request: patchOwnersOut(next, [node.identity.uid]), task: { step: "orphan", rest } };
}

export function orphanAnswered(
  turn: GraphTurn,
  uid: string,
  { rest }: Extract<GcTask, { readonly step: "orphan" }>,
  response: ApiResponse | null,
): Result {
  const node = nodeOf(turn.state, uid);
  if (node === null) return DONE;
  if (!isSuccess(response) && !isNotFound(response)) return retry(errorOf(response));
  return orphanNext(turn, node, rest);
}

/** Of these it is known that nothing is owned by anything; all other resources may hold dependents. */
const NEVER_OWNED: readonly ResourceName[] = ["events", "namespaces", "nodes", "priorityclasses", "storageclasses"];

/**
 * Dependents that no informer has shown yet would be deleted as soon as their owner is gone. The real collector has this
 * race, "which we expect to be rare" (kubernetes#26120); here the API is asked before the finalizer goes.
 */
function lookForUnseen(node: GraphNode): Result {
  const namespaced = node.identity.namespace !== "";
  const resources = RESOURCES.filter((one) => (!namespaced || one.namespaced) && !NEVER_OWNED.includes(one.name));
  return listNext(
    node,
    resources.map(({ name }) => name),
  );
}

function listNext(node: GraphNode, resources: readonly ResourceName[]): Result {
  const [next, ...rest] = resources;
  if (next === undefined)
    return { kind: "call", request: read(node.identity), task: { step: "finalizer", finalizer: ORPHAN } };
  const request = listRequest(next, { namespace: node.identity.namespace });
  return { kind: "call", request, task: { step: "unseen", rest } };
}

export function unseenListed(
  turn: GraphTurn,
  uid: string,
  { rest }: Extract<GcTask, { readonly step: "unseen" }>,
  response: ApiResponse | null,
): Result {
  const node = nodeOf(turn.state, uid);
  if (node === null) return DONE;
  if (response?.kind !== "list") return retry(errorOf(response));
  const dependents = response.items.filter(({ metadata }) => metadata.ownerReferences?.some((one) => one.uid === uid));
  return orphanUnseen(turn, node, dependents.map(identityOf), rest);
}

function orphanUnseen(
  turn: GraphTurn,
  node: GraphNode,
  dependents: readonly Identity[],
  rest: readonly ResourceName[],
): Result {
  const [next, ...left] = dependents;
  if (next === undefined) return listNext(node, rest);
  turn.note(note.orphanedUnseen);
  const request = patchOwnersOut(next, [node.identity.uid]);
  return { kind: "call", request, task: { step: "orphanUnseen", left, rest } };
}

export function orphanUnseenAnswered(
  turn: GraphTurn,
  uid: string,
  { left, rest }: Extract<GcTask, { readonly step: "orphanUnseen" }>,
  response: ApiResponse | null,
): Result {
  const node = nodeOf(turn.state, uid);
  if (node === null) return DONE;
  if (!isSuccess(response) && !isNotFound(response)) return retry(errorOf(response));
  return orphanUnseen(turn, node, left, rest);
}
