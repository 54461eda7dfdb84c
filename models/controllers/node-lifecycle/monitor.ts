/** The look at all nodes (kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go, monitorNodeHealth). */
import { mapGet } from "../../kernel/index.ts";
import type { Node } from "../../machinery/kinds/index.ts";
import { DONE, type Outcome } from "../controller.ts";
import { forgetGone, lookAt, readyOf, remember } from "./health.ts";
import { note } from "./notes.ts";
import { isUnwell } from "./pods.ts";
import { changeTaints, evictionTaints, hasTaint, wellChange } from "./taints.ts";
import type { NodeHealth, NodeLifecycleTask, NodeTurn } from "./types.ts";
import {
  countIn,
  handleDisruption,
  outOfQueue,
  queueForTaint,
  wakeZone,
  writeZone,
  type ZoneCount,
  zoneNamed,
  zoneOf,
} from "./zones.ts";

const EXCLUDED = "node.kubernetes.io/exclude-disruption";

export function monitor(turn: NodeTurn): Outcome<NodeLifecycleTask> {
  const nodes = turn.view<Node>("nodes");
  const all = nodes.list();
  forgetGone(turn, (name) => nodes.get("", name) !== null);
  const counts = new Map<string, ZoneCount>();
  for (const node of all) {
    const known = mapGet(turn.state.health, node.metadata.name);
    const health = lookAt(turn, node);
    remember(turn, node.metadata.name, health);
    if (node.metadata.labels?.[EXCLUDED] === undefined) countIn(counts, zoneOf(node), health.ready);
    if (known === undefined) added(turn, node);
    followReady(turn, node, known ?? null, health);
  }
  disrupted(turn, all, counts);
  return { kind: "after", us: turn.config.nodeMonitorPeriodUs };
}

/** A node that this controller has not known begins without taints of eviction, also where a controller before it put them. */
function added(turn: NodeTurn, node: Node): void {
  turn.note(note.nodeAdded);
  if (wellChange(node) !== null) turn.enqueue(`well:${node.metadata.name}`);
}

/** What follows from how a node is: its status, its taints, its pods. */
function followReady(turn: NodeTurn, node: Node, known: NodeHealth | null, health: NodeHealth): void {
  const { name } = node.metadata;
  const { ready } = health;
  if (ready === null) return;
  if (ready === "True") {
    outOfQueue(turn, zoneOf(node), name);
    if (wellChange(node) !== null) turn.enqueue(`well:${name}`);
    return;
  }
  if (readyOf(node) !== ready) turn.enqueue(`status:${name}`);
  else if (known !== null && known.ready !== ready) turn.enqueue(`pods:${name}`);
  // It was marked by a controller that may not have come to its pods (kubernetes#50067).
  if (known === null) turn.enqueue(`pods:${name}`);
  const { taint, opposite } = evictionTaints(ready);
  if (hasTaint(node, opposite)) turn.enqueue(`swap:${name}`);
  else if (!hasTaint(node, taint)) queueForTaint(turn, zoneOf(node), name);
}

function disrupted(turn: NodeTurn, nodes: readonly Node[], counts: ReadonlyMap<string, ZoneCount>): void {
  switch (handleDisruption(turn, counts)) {
    case "begins":
      for (const node of nodes) {
        outOfQueue(turn, zoneOf(node), node.metadata.name);
        if (wellChange(node) !== null) turn.enqueue(`well:${node.metadata.name}`);
      }
      return;
    case "ends":
      // All nodes have their grace again: while none was heard, this controller may have been the one cut off.
      for (const node of nodes) {
        const { name } = node.metadata;
        remember(turn, name, { ...mapGet(turn.state.health, name)!, probedAt: turn.now });
        if (isUnwell(turn, name)) turn.enqueue(`pods:${name}`);
      }
      return;
    default:
      return;
  }
}

/** doNoExecuteTaintingPass: one node of a zone, when its time has come. */
export function taintNext(turn: NodeTurn, key: string): Outcome<NodeLifecycleTask> {
  const zone = zoneNamed(turn, key);
  const [name] = zone.queue;
  if (name === undefined || zone.intervalUs === 0) return DONE;
  if (turn.now < zone.tokenAt) {
    turn.note(note.taintHeldBack);
    return { kind: "after", us: zone.tokenAt - turn.now };
  }
  writeZone(turn, key, { ...zone, tokenAt: turn.now + zone.intervalUs });
  const node = turn.view<Node>("nodes").get("", name);
  const ready = mapGet(turn.state.health, name)?.ready ?? null;
  if (node === null || ready === null || ready === "True") {
    turn.note(note.readyAgain);
    return tainted(turn, key, name);
  }
  const { taint, opposite } = evictionTaints(ready);
  const outcome = changeTaints(turn, node, { add: [taint], remove: [opposite] });
  if (outcome.kind !== "call") return tainted(turn, key, name);
  turn.note(note.tainted);
  return outcome;
}

export function tainted(turn: NodeTurn, key: string, name: string): Outcome<NodeLifecycleTask> {
  outOfQueue(turn, key, name);
  wakeZone(turn, key);
  return DONE;
}

/** processTaintBaseEviction: a node that is not ready in another way than before changes its taint at once. */
export function swapTaint(turn: NodeTurn, name: string): Outcome<NodeLifecycleTask> {
  const node = turn.view<Node>("nodes").get("", name);
  const ready = mapGet(turn.state.health, name)?.ready ?? null;
  if (node === null || ready === null || ready === "True" || turn.state.allDisrupted) return DONE;
  const { taint, opposite } = evictionTaints(ready);
  if (!hasTaint(node, opposite)) return DONE;
  turn.note(note.taintSwapped);
  return changeTaints(turn, node, { add: [taint], remove: [opposite] });
}
