import { mapEach } from "../kernel/index.ts";
import type { ApiResponse } from "../machinery/api.ts";
import { createRequest, patchRequest } from "../machinery/client/requests.ts";
import { findCondition } from "../machinery/conditions.ts";
import { deepEqual } from "../machinery/equality.ts";
import type { Condition, Json, Node, NodeStatus } from "../machinery/kinds/index.ts";
import { mergePatchBetween } from "../machinery/patch.ts";
import { isAlreadyExists, isNotFound, isSuccess } from "../machinery/status.ts";
import { timeOf } from "../machinery/time.ts";
import { note } from "./notes.ts";
import type { KubeletTurn } from "./turn.ts";

/** When the node's status is computed, and when a failed registration is tried again. */
export const NODE_DUE = "node";

export type NodeTag = { readonly what: "node"; readonly verb: "create" | "labels" | "status" };

const RETRY_US = 100_000;
const RETRY_MAX_US = 7_000_000;

/** Registers the node, or sees to its status (kubernetes pkg/kubelet/kubelet_node_status.go). */
export function tellNode(turn: KubeletTurn): void {
  turn.due(NODE_DUE, turn.now + turn.config.nodeStatusUpdateUs);
  checkRuntime(turn);
  tellNetwork(turn);
  if (turn.node.isBusy) return;
  if (turn.node.isRegistered) reportStatus(turn);
  else register(turn);
}

/** The runtime is asked for a sign of life when it has said nothing for a while (kubelet.go, updateRuntimeUp). */
function checkRuntime(turn: KubeletTurn): void {
  if (turn.now - turn.runtime.heardNow < turn.config.nodeStatusUpdateUs / 2) return;
  turn.ask("", "", { kind: "status" }, turn.config.runtimeRequestTimeoutUs);
}

/** kubelet_network.go, updatePodCIDR: the runtime is told of the node's block of addresses, if it has another one. */
export function tellNetwork(turn: KubeletTurn): void {
  const podCIDR = turn.ownNode?.spec?.podCIDR ?? "";
  if (podCIDR === "" || podCIDR === turn.runtime.podCIDR || !turn.runtime.isSynced) return;
  let isUnderWay = false;
  mapEach(turn.calls, "", null, ({ what }) => {
    if (what === "updateRuntimeConfig") isUnderWay = true;
  });
  if (isUnderWay) return;
  turn.note(note.networkTold);
  turn.ask("", podCIDR, { kind: "updateRuntimeConfig", podCIDR }, turn.config.runtimeRequestTimeoutUs);
}

/** The runtime has its network, and the node says so at once (kubelet.go, fastStatusUpdateOnce). */
export function networkUpdated(turn: KubeletTurn, podCIDR: string): void {
  const isFirst = turn.runtime.podCIDR === "";
  turn.runtime = { ...turn.runtime, podCIDR };
  if (isFirst) turn.due(NODE_DUE, turn.now + 1);
}

/** registerWithAPIServer. */
function register(turn: KubeletTurn): void {
  const { node: name, registerWithTaints, podCIDR } = turn.config;
  const object: Node = {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: nodeLabels(turn) },
    spec: {
      ...(podCIDR === "" ? {} : { podCIDR, podCIDRs: [podCIDR] }),
      ...(registerWithTaints.length === 0 ? {} : { taints: registerWithTaints }),
    },
    status: nodeStatus(turn),
  };
  turn.node = { ...turn.node, isBusy: true };
  const tag: NodeTag = { what: "node", verb: "create" };
  turn.api.call(createRequest(object), tag);
}

function nodeLabels(turn: KubeletTurn): Readonly<Record<string, string>> {
  return { "kubernetes.io/hostname": turn.config.node, "kubernetes.io/os": "linux", ...turn.config.labels };
}

/** tryUpdateNodeStatus: it is written when it has changed, and else every five minutes. */
function reportStatus(turn: KubeletTurn): void {
  const { nodeStatusReportUs, node: name } = turn.config;
  const known = turn.ownNode?.status;
  const status = nodeStatus(turn);
  const isOverdue = turn.node.reportedNow < 0 || turn.now - turn.node.reportedNow >= nodeStatusReportUs;
  if (!isOverdue && known !== undefined && !hasChanged(known, status)) {
    turn.note(note.nodeUnchanged);
    return;
  }
  turn.node = { ...turn.node, isBusy: true };
  const tag: NodeTag = { what: "node", verb: "status" };
  turn.api.call(
    patchRequest("nodes", "", name, { status } as unknown as Json, { type: "strategic", subresource: "status" }),
    tag,
  );
}

/** nodeStatusHasChanged: whatever differs but the heartbeats. */
function hasChanged(known: NodeStatus, status: NodeStatus): boolean {
  for (const field of ["capacity", "allocatable", "addresses"] as const)
    if (!deepEqual(known[field], status[field])) return true;
  return (status.conditions ?? []).some((condition) => {
    const old = findCondition(known.conditions, condition.type);
    return old?.status !== condition.status || old.reason !== condition.reason;
  });
}

/** What is told of the node: its size, its address, its conditions (pkg/kubelet/nodestatus/setters.go). */
function nodeStatus(turn: KubeletTurn): NodeStatus {
  const { capacity, allocatable, address, node } = turn.config;
  return {
    capacity,
    allocatable,
    addresses: [
      { type: "InternalIP", address },
      { type: "Hostname", address: node },
    ],
    conditions: nodeConditions(turn),
  };
}

function nodeConditions(turn: KubeletTurn): readonly Condition[] {
  const { memoryPressure } = turn.node;
  const known = turn.ownNode?.status?.conditions;
  const now = timeOf(turn.wall);
  const judge = (type: string, status: "True" | "False", reason: string, message: string): Condition => {
    const old = findCondition(known, type);
    const since = old?.status === status ? (old.lastTransitionTime ?? now) : now;
    return { type, status, lastHeartbeatTime: now, lastTransitionTime: since, reason, message };
  };
  const down = runtimeTrouble(turn);
  return [
    memoryPressure
      ? judge("MemoryPressure", "True", "KubeletHasInsufficientMemory", "kubelet has insufficient memory available")
      : judge("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    judge("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    judge("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    down === null
      ? judge("Ready", "True", "KubeletReady", "kubelet is posting ready status")
      : judge("Ready", "False", "KubeletNotReady", down),
  ];
}

/** pkg/kubelet/runtime.go, runtimeErrors: a runtime that does not answer for 30 s makes the node not ready. */
function runtimeTrouble(turn: KubeletTurn): string | null {
  if (turn.runtime.incarnation === -1) return "container runtime status check may not have completed yet";
  if (turn.now - turn.runtime.heardNow > turn.config.runtimeDownUs) {
    turn.note(note.runtimeDown);
    return "container runtime is down";
  }
  if (turn.runtime.podCIDR !== "") return null;
  turn.note(note.networkNotReady);
  return "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized";
}

export function nodeAnswered(turn: KubeletTurn, { verb }: NodeTag, response: ApiResponse | null): void {
  turn.node = { ...turn.node, isBusy: false };
  if (verb === "create") registered(turn, response);
  else if (verb === "labels") labelled(turn, response);
  else reported(turn, response);
}

function registered(turn: KubeletTurn, response: ApiResponse | null): void {
  if (isSuccess(response)) {
    turn.note(note.nodeRegistered);
    turn.node = { ...turn.node, isRegistered: true, failures: 0 };
    reportStatus(turn);
  } else if (isAlreadyExists(response)) {
    turn.note(note.nodeFound);
    reconcileLabels(turn);
  } else retry(turn);
}

/** A node that is there keeps its spec; its labels are the kubelet's again (updateDefaultLabels). */
function reconcileLabels(turn: KubeletTurn): void {
  const labels = nodeLabels(turn);
  const known = turn.ownNode?.metadata.labels;
  if (known !== undefined && mergePatchBetween(known, { ...known, ...labels }) === null) {
    turn.node = { ...turn.node, isRegistered: true, failures: 0 };
    reportStatus(turn);
    return;
  }
  turn.node = { ...turn.node, isBusy: true };
  const tag: NodeTag = { what: "node", verb: "labels" };
  turn.api.call(patchRequest("nodes", "", turn.config.node, { metadata: { labels } }, { type: "merge" }), tag);
}

function labelled(turn: KubeletTurn, response: ApiResponse | null): void {
  if (!isSuccess(response)) {
    retry(turn);
    return;
  }
  turn.node = { ...turn.node, isRegistered: true, failures: 0 };
  reportStatus(turn);
}

function retry(turn: KubeletTurn): void {
  const { failures } = turn.node;
  turn.node = { ...turn.node, failures: failures + 1 };
  turn.due(NODE_DUE, turn.now + Math.min(RETRY_MAX_US, RETRY_US * 2 ** Math.min(failures, 10)));
}

/** A status that could not be written is written anew at the next look. A node that was deleted stays deleted. */
function reported(turn: KubeletTurn, response: ApiResponse | null): void {
  if (isSuccess(response)) {
    turn.note(note.nodeReported);
    turn.node = { ...turn.node, reportedNow: turn.now };
  } else {
    if (isNotFound(response)) turn.note(note.nodeGone);
    turn.node = { ...turn.node, reportedNow: -1 };
  }
}
