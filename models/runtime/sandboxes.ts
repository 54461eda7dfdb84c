import type { ProcessId, RequestId } from "../kernel/index.ts";
import { nextAddress } from "./addresses.ts";
import { forget, killAllIn } from "./containers.ts";
import { note } from "./notes.ts";
import type { RuntimeTurn } from "./turn.ts";
import type { CriRequest } from "./types.ts";

type RequestOf<K extends CriRequest["kind"]> = CriRequest & { readonly kind: K };

/** A sandbox comes up, with an address of its own unless it uses the host's network (CRI RunPodSandbox). */
export function runPodSandbox(
  turn: RuntimeTurn,
  from: ProcessId,
  id: RequestId,
  request: RequestOf<"runPodSandbox">,
): void {
  const { podUid, podNamespace, podName, attempt, hostNetwork, hostPorts } = request;
  let ip = "";
  if (!hostNetwork) {
    if (turn.podCIDR === "") {
      turn.note(note.noNetwork);
      turn.refuse(from, id, "unavailable", "failed to setup network for sandbox: cni plugin not initialized");
      return;
    }
    const taken = turn.sandboxes.map((sandbox) => sandbox.ip);
    const address = nextAddress(turn.podCIDR, turn.lastAddress, taken);
    if (address === null) {
      turn.note(note.noAddress);
      turn.refuse(from, id, "resourceExhausted", `no IP addresses available in range set: ${turn.podCIDR}`);
      return;
    }
    ip = address.ip;
    turn.lastAddress = address.place;
  }
  const sandboxId = turn.newId();
  turn.keepSandbox({
    id: sandboxId,
    podUid,
    podNamespace,
    podName,
    attempt,
    state: "ready",
    createdAt: turn.wall,
    ip,
    hostPorts,
  });
  turn.note(note.sandboxStarted);
  turn.answer(from, id, { kind: "sandbox", sandboxId }, podUid);
}

/**
 * The block of addresses of new sandboxes; those that there are keep theirs (CRI UpdateRuntimeConfig; kindnet, which writes
 * its node's block into the CNI configuration whenever that changes).
 */
export function updateRuntimeConfig(
  turn: RuntimeTurn,
  from: ProcessId,
  id: RequestId,
  { podCIDR }: RequestOf<"updateRuntimeConfig">,
): void {
  if (podCIDR !== turn.podCIDR) {
    turn.note(turn.podCIDR === "" ? note.networkReady : note.networkChanged);
    turn.podCIDR = podCIDR;
    turn.lastAddress = 0;
    turn.persist({ kind: "network", podCIDR }, true);
  }
  turn.answer(from, id, { kind: "done" });
}

/** Kills what runs in it, and gives its address back (CNI DEL). Done twice, it does nothing. */
export function stopPodSandbox(
  turn: RuntimeTurn,
  from: ProcessId,
  id: RequestId,
  { sandboxId }: RequestOf<"stopPodSandbox">,
): void {
  const sandbox = turn.sandboxes.find((one) => one.id === sandboxId);
  if (sandbox === undefined || sandbox.state === "notReady") {
    turn.answer(from, id, { kind: "done" });
    return;
  }
  killAllIn(turn, sandboxId);
  turn.keepSandbox({ ...sandbox, state: "notReady", ip: "" });
  turn.note(note.sandboxStopped);
  turn.answer(from, id, { kind: "done" }, sandbox.podUid);
}

/** Stops it, and removes it with its containers. */
export function removePodSandbox(
  turn: RuntimeTurn,
  from: ProcessId,
  id: RequestId,
  { sandboxId }: RequestOf<"removePodSandbox">,
): void {
  const sandbox = turn.sandboxes.find((one) => one.id === sandboxId);
  if (sandbox === undefined) {
    turn.answer(from, id, { kind: "done" });
    return;
  }
  killAllIn(turn, sandboxId);
  for (const container of turn.containers) if (container.sandboxId === sandboxId) forget(turn, container.id);
  turn.sandboxes = turn.sandboxes.filter((one) => one.id !== sandboxId);
  turn.persist({ kind: "sandboxRemoved", id: sandboxId }, false);
  if (!turn.sandboxes.some((one) => one.podUid === sandbox.podUid))
    turn.stalled = turn.stalled.filter(({ podUid }) => podUid !== sandbox.podUid);
  turn.note(note.sandboxRemoved);
  turn.answer(from, id, { kind: "done" }, sandbox.podUid);
}
