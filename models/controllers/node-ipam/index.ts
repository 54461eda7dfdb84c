/** A block of pod addresses for each node (kubernetes pkg/controller/nodeipam/ipam/range_allocator.go). */
import {
  emptyOrderedMap,
  ModelBug,
  mapDelete,
  mapEntries,
  mapGet,
  mapSet,
  type OrderedMap,
} from "../../kernel/index.ts";
import type { ApiResponse } from "../../machinery/api.ts";
import { getRequest, patchRequest } from "../../machinery/client/requests.ts";
import type { InformerEvent } from "../../machinery/client/types.ts";
import type { Node } from "../../machinery/kinds/index.ts";
import { allocateNext, type CidrSet, newCidrSet, occupy, parseCidrSloppy, release } from "../../machinery/net/index.ts";
import { isNotFound, isSuccess, objectOf } from "../../machinery/status.ts";
import { type Controller, type ControllerTurn, DONE, type Outcome } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { note } from "./notes.ts";

export { NOTE_NAMES as NODE_IPAM_NOTES } from "./notes.ts";

/** In brackets, what is usual. */
export interface NodeIpamConfig {
  /** [--cluster-cidr, 10.244.0.0/16] */
  readonly clusterCIDR: string;
  /** [--node-cidr-mask-size, 24] */
  readonly nodeMaskSize: number;
  /** Not given out, where it overlaps [--service-cluster-ip-range]; empty: none. */
  readonly serviceCIDR: string;
  /** [cidrUpdateRetries, 3] */
  readonly patchTries: number;
}

export const NODE_IPAM_DEFAULTS: NodeIpamConfig = Object.freeze({
  clusterCIDR: "10.244.0.0/16",
  nodeMaskSize: 24,
  serviceCIDR: "10.96.0.0/12",
  patchTries: 3,
});

export interface NodeIpamState {
  /** Null until the first lists are complete. */
  readonly blocks: CidrSet | null;
  /** By node: the block that was allocated for it, and that it is not known to have, or not to have. */
  readonly reserved: OrderedMap<string>;
  /** By node: the UID and the blocks that are occupied for it. */
  readonly known: OrderedMap<{ readonly uid: string; readonly blocks: readonly string[] }>;
}

/** A patch is under way, or a read of what became of it. */
export interface NodeIpamTask {
  readonly step: "patch" | "read";
  readonly block: string;
  readonly uid: string;
  readonly tries: number;
}

type Turn = ControllerTurn<NodeIpamState, NodeIpamConfig>;
type Result = Outcome<NodeIpamTask>;

/** Keys are names of nodes. */
export const nodeIpam: Controller<NodeIpamState, NodeIpamTask, NodeIpamConfig> = {
  name: "node-ipam",
  // Where kubelets bring their blocks with them, as they do by their config.
  isDisabledByDefault: true,
  informers: [{ resource: "nodes", labelSelector: "", fieldSelector: "", indexes: [], resyncUs: 0 }],
  // cidrUpdateWorkers.
  workers: 30,
  defaults: NODE_IPAM_DEFAULTS,
  initial: { blocks: null, reserved: emptyOrderedMap(), known: emptyOrderedMap() },
  started,
  observe,
  sync,
  answered,
};

/** NewCIDRRangeAllocator: the blocks of all nodes are occupied before any is given out. */
function started(turn: Turn): void {
  const { clusterCIDR, nodeMaskSize, serviceCIDR } = turn.config;
  const made = newCidrSet(clusterCIDR, nodeMaskSize);
  if (typeof made === "string") throw new ModelBug(made);
  // filterOutServiceRange.
  const blocks = serviceCIDR === "" ? made : (occupy(made, serviceCIDR) ?? made);
  turn.state = { ...turn.state, blocks };
  for (const node of turn.view<Node>("nodes").list()) {
    if (blocksOf(node).length > 0) occupyBlocks(turn, node);
    turn.enqueue(node.metadata.name);
  }
}

function observe(turn: Turn, { type, object, old }: InformerEvent): void {
  const node = object as Node;
  const before = old as Node | null;
  if (turn.state.blocks === null) return;
  if (type === "deleted") {
    releaseBlocks(turn, node);
    turn.enqueue(node.metadata.name);
    return;
  }
  // A node of that name that was made anew between two looks.
  if (before !== null && before.metadata.uid !== node.metadata.uid) releaseBlocks(turn, before);
  if (blocksOf(node).length > 0) occupyBlocks(turn, node);
  else turn.enqueue(node.metadata.name);
}

export function blocksOf({ spec }: Node): readonly string[] {
  return spec?.podCIDRs ?? (spec?.podCIDR === undefined || spec.podCIDR === "" ? [] : [spec.podCIDR]);
}

/** occupyCIDRs: once for a node, however often it is seen (kubernetes#96416). */
function occupyBlocks(turn: Turn, node: Node): void {
  const { name, uid = "" } = node.metadata;
  const blocks = blocksOf(node);
  const known = mapGet(turn.state.known, name);
  if (known?.uid === uid && known.blocks.join() === blocks.join()) {
    // By an informer that went back in time it had none, and another one was reserved.
    settleReservation(turn, name, blocks);
    return;
  }
  for (const block of blocks) {
    const next = parseCidrSloppy(block) === null ? null : occupy(turn.state.blocks!, block);
    if (next === null) turn.note(note.outside);
    else turn.state = { ...turn.state, blocks: next };
  }
  turn.note(note.occupied);
  turn.state = { ...turn.state, known: mapSet(turn.state.known, name, { uid, blocks }) };
  settleReservation(turn, name, blocks);
}

/** What was reserved for a node that has a block now: it is this one, or it is free again. */
function settleReservation(turn: Turn, name: string, blocks: readonly string[]): void {
  const reserved = mapGet(turn.state.reserved, name);
  if (reserved === undefined) return;
  turn.state = { ...turn.state, reserved: mapDelete(turn.state.reserved, name) };
  if (blocks.includes(reserved)) turn.note(note.confirmed);
  else {
    turn.note(note.hasOther);
    free(turn, reserved);
  }
}

/** ReleaseCIDR: a node is gone, and so are its pods' addresses. */
function releaseBlocks(turn: Turn, node: Node): void {
  const { name } = node.metadata;
  const known = mapGet(turn.state.known, name);
  if (known === undefined || known.uid !== (node.metadata.uid ?? "")) return;
  turn.state = { ...turn.state, known: mapDelete(turn.state.known, name) };
  turn.note(note.released);
  for (const block of known.blocks) free(turn, block);
}

/** Gives a block back, unless another node has it or is about to (kubernetes#21458). */
function free(turn: Turn, block: string): void {
  const { known, reserved, blocks } = turn.state;
  const isElsewhere =
    mapEntries(known).some(([, one]) => one.blocks.includes(block)) ||
    mapEntries(reserved).some(([, one]) => one === block);
  const next = isElsewhere || parseCidrSloppy(block) === null ? null : release(blocks!, block);
  if (next !== null) turn.state = { ...turn.state, blocks: next };
}

/** AllocateOrOccupyCIDR: a node without a block gets the next one, or the one that was reserved for it before. */
function sync(turn: Turn, name: string): Result {
  const node = turn.view<Node>("nodes").get("", name);
  const reserved = mapGet(turn.state.reserved, name);
  if (node === null) {
    if (reserved !== undefined) {
      turn.note(note.nodeGone);
      unreserve(turn, name, reserved);
    }
    return DONE;
  }
  if (blocksOf(node).length > 0) return DONE;
  const { uid = "" } = node.metadata;
  // An earlier patch may have happened, and the cache not show it yet: the node is asked before anything else is done.
  if (reserved !== undefined) return read(name, { step: "read", block: reserved, uid, tries: 0 });
  const next = allocateNext(turn.state.blocks!);
  if (next === null) {
    turn.note(note.exhausted);
    return retry("CIDR allocation failed; there are no remaining CIDRs left to allocate in the accepted range");
  }
  turn.note(note.allocated);
  turn.state = { ...turn.state, blocks: next.set, reserved: mapSet(turn.state.reserved, name, next.block) };
  return patch(name, { step: "patch", block: next.block, uid, tries: 1 });
}

function unreserve(turn: Turn, name: string, block: string): void {
  turn.state = { ...turn.state, reserved: mapDelete(turn.state.reserved, name) };
  free(turn, block);
}

/** PatchNodeCIDRs; of the node of that UID alone. */
function patch(name: string, task: NodeIpamTask): Result {
  const { block, uid } = task;
  const change = { metadata: { uid }, spec: { podCIDR: block, podCIDRs: [block] } };
  return { kind: "call", request: patchRequest("nodes", "", name, change, { type: "strategic" }), task };
}

function read(name: string, task: NodeIpamTask): Result {
  return { kind: "call", request: getRequest("nodes", "", name), task: { ...task, step: "read" } };
}

/** updateCIDRsAllocation. */
function answered(turn: Turn, name: string, task: NodeIpamTask, response: ApiResponse | null): Result {
  if (mapGet(turn.state.reserved, name) !== task.block) return DONE;
  if (task.step === "read") return readAnswered(turn, name, task, response);
  const node = objectOf<Node>(response);
  if (isSuccess(response) && node !== null) {
    turn.note(note.assigned);
    occupyBlocks(turn, node);
    return DONE;
  }
  if (isNotFound(response)) {
    turn.note(note.nodeGone);
    unreserve(turn, name, task.block);
    return DONE;
  }
  // It may have happened: the block stays reserved until the node itself says so (cloud-provider-azure#4556).
  turn.note(response === null ? note.outcomeUnknown : note.patchRetried);
  return read(name, task);
}

/** The node as the store has it. */
function readAnswered(turn: Turn, name: string, task: NodeIpamTask, response: ApiResponse | null): Result {
  const node = objectOf<Node>(response);
  if (isNotFound(response) || (node !== null && (node.metadata.uid ?? "") !== task.uid)) {
    turn.note(note.nodeGone);
    unreserve(turn, name, task.block);
    return node === null ? DONE : retry("the node was made anew");
  }
  if (node === null) return retry(errorOf(response));
  if (blocksOf(node).length > 0) {
    occupyBlocks(turn, node);
    return DONE;
  }
  if (task.tries >= turn.config.patchTries) return retry(`CIDR assignment for node ${name} failed`);
  return patch(name, { ...task, step: "patch", tries: task.tries + 1 });
}
