/** Whether nodes are alive (kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go, tryUpdateNodeHealth). */
import { mapDelete, mapEntries, mapGet, mapSet } from "../../kernel/index.ts";
import type { ApiResponse } from "../../machinery/api.ts";
import { updateRequest } from "../../machinery/client/requests.ts";
import { findCondition } from "../../machinery/conditions.ts";
import type { Condition, Lease, Node } from "../../machinery/kinds/index.ts";
import { isNotFound, isSuccess } from "../../machinery/status.ts";
import { timeOf } from "../../machinery/time.ts";
import { DONE, type Outcome } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { note } from "./notes.ts";
import type { NodeHealth, NodeLifecycleTask, NodeTurn, Ready } from "./types.ts";

const LEASE_NAMESPACE = "kube-node-lease";

export function readyOf(node: Node): Ready | null {
  return findCondition(node.status?.conditions, "Ready")?.status ?? null;
}

/**
 * What is known of a node now: it is as well as it says, unless it has shown no sign of life for the grace period. Both
 * count from when this controller saw them, whatever their clocks said.
 */
export function lookAt(turn: NodeTurn, node: Node): NodeHealth {
  const known = mapGet(turn.state.health, node.metadata.name);
  const heartbeat = heartbeatOf(node);
  const lease = turn.view<Lease>("leases").get(LEASE_NAMESPACE, node.metadata.name);
  const renewTime = lease?.spec?.renewTime ?? "";
  let probedAt = known?.probedAt ?? turn.now;
  if (known !== undefined && known.heartbeat !== heartbeat) probedAt = turn.now;
  // A node that renews its lease is alive, whatever its status says.
  if (known !== undefined && known.renewTime < renewTime) probedAt = turn.now;
  const ready = isSilent(turn, node, probedAt) ? "Unknown" : readyOf(node);
  return {
    probedAt,
    heartbeat,
    renewTime: renewTime > (known?.renewTime ?? "") ? renewTime : (known?.renewTime ?? ""),
    ready,
  };
}

/** Empty where there is no Ready condition. */
function heartbeatOf(node: Node): string {
  const ready = findCondition(node.status?.conditions, "Ready");
  return ready === null ? "" : (ready.lastHeartbeatTime ?? "none");
}

function isSilent(turn: NodeTurn, node: Node, probedAt: number): boolean {
  const { nodeMonitorGraceUs, nodeStartupGraceUs } = turn.config;
  const grace = readyOf(node) === null ? nodeStartupGraceUs : nodeMonitorGraceUs;
  return turn.now > probedAt + grace;
}

export function remember(turn: NodeTurn, name: string, health: NodeHealth): void {
  turn.state = { ...turn.state, health: mapSet(turn.state.health, name, health) };
}

export function forgetGone(turn: NodeTurn, isThere: (name: string) => boolean): void {
  for (const [name] of mapEntries(turn.state.health)) {
    if (isThere(name)) continue;
    turn.note(note.nodeGone);
    turn.state = { ...turn.state, health: mapDelete(turn.state.health, name) };
  }
}

/** The conditions that become Unknown together. */
const KUBELET_CONDITIONS = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"] as const;

/** Writes that a silent node is unknown. Its pods are marked behind that. */
export function writeUnknown(turn: NodeTurn, name: string): Outcome<NodeLifecycleTask> {
  const node = turn.view<Node>("nodes").get("", name);
  const health = mapGet(turn.state.health, name);
  if (node === null || health === undefined) return DONE;
  if (!isSilent(turn, node, health.probedAt) || readyOf(node) === "Unknown") return DONE;
  turn.note(readyOf(node) === null ? note.startupGraceOver : note.graceOver);
  const conditions = unknownConditions(node, timeOf(turn.wall));
  const unknown: Node = { ...node, status: { ...node.status, conditions } };
  return { kind: "call", request: updateRequest(unknown, "status"), task: { step: "status" } };
}

function unknownConditions(node: Node, now: string): readonly Condition[] {
  const conditions = [...(node.status?.conditions ?? [])];
  for (const type of KUBELET_CONDITIONS) {
    const at = conditions.findIndex((condition) => condition.type === type);
    if (at < 0)
      conditions.push({
        type,
        status: "Unknown",
        reason: "NodeStatusNeverUpdated",
        message: "Kubelet never posted node status.",
        lastHeartbeatTime: node.metadata.creationTimestamp ?? now,
        lastTransitionTime: now,
      });
    else if (conditions[at]!.status !== "Unknown")
      conditions[at] = {
        ...conditions[at]!,
        status: "Unknown",
        reason: "NodeStatusUnknown",
        message: "Kubelet stopped posting node status.",
        lastTransitionTime: now,
      };
  }
  return conditions;
}

export function unknownWritten(turn: NodeTurn, name: string, response: ApiResponse | null): Outcome<NodeLifecycleTask> {
  if (isNotFound(response)) return DONE;
  if (!isSuccess(response)) return retry(errorOf(response));
  turn.note(note.nodeUnknown);
  turn.enqueue(`pods:${name}`);
  return DONE;
}
