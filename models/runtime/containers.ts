import type { ProcessId, RequestId } from "../kernel/index.ts";
import { behaviourOf, ownEnd, probeOutcome } from "./behaviours.ts";
import { note } from "./notes.ts";
import { dueAfter, type RuntimeTurn } from "./turn.ts";
import type { CriRequest, RuntimeContainer, RuntimeSandbox } from "./types.ts";

type RequestOf<K extends CriRequest["kind"]> = CriRequest & { readonly kind: K };

/** Exit codes of a process that a signal has ended: 128 and its number. */
const SIGKILL_CODE = 137;
const SIGTERM_CODE = 143;

/** The name of a container, unique on the node (cri-dockerd core/naming.go, makeContainerName). */
export function containerName(sandbox: RuntimeSandbox, container: string, attempt: number): string {
  const { podName, podNamespace, podUid } = sandbox;
  return `k8s_${container}_${podName}_${podNamespace}_${podUid}_${attempt}`;
}

/**
 * Begins a creation: its name is reserved until it ends, or its caller gives up (containerd
 * internal/cri/server/container_create.go).
 */
export function beginCreate(
  turn: RuntimeTurn,
  from: ProcessId,
  id: RequestId,
  request: RequestOf<"createContainer">,
): void {
  const sandbox = turn.sandboxes.find((one) => one.id === request.sandboxId);
  if (sandbox === undefined || sandbox.state !== "ready") {
    turn.note(note.outOfOrder);
    turn.refuse(from, id, "notFound", `sandbox "${request.sandboxId}" is not ready`);
    return;
  }
  const name = containerName(sandbox, request.container, request.attempt);
  const existing = turn.containers.find((container) => container.name === name);
  if (turn.reserved.includes(name)) {
    turn.note(note.nameReserved);
    turn.refuse(from, id, "alreadyExists", turn.plugin.nameTakenMessage(name, "another creation"));
    return;
  }
  if (existing !== undefined && (existing.state === "running" || turn.plugin.onNameTaken(existing) === "refuse")) {
    turn.note(note.nameTaken);
    turn.refuse(from, id, "alreadyExists", turn.plugin.nameTakenMessage(name, existing.id));
    return;
  }
  turn.reserved = [...turn.reserved, name];
  const dueNow = stalls(turn, request) ? 0 : dueAfter(turn.now, turn.config.createUs);
  turn.operations = [...turn.operations, { id, from, request, dueNow }];
}

/** The scenario has the first creations of some images not come to an end. */
function stalls(turn: RuntimeTurn, { podUid, container, image }: RequestOf<"createContainer">): boolean {
  const { createStalls } = behaviourOf(turn.config, image);
  if (createStalls === 0) return false;
  const before = turn.stalled.find((one) => one.podUid === podUid && one.container === container);
  const times = before?.times ?? 0;
  if (times >= createStalls) return false;
  turn.stalled = [...turn.stalled.filter((one) => one !== before), { podUid, container, times: times + 1 }];
  turn.note(note.createStalled);
  return true;
}

/** A creation comes to its end. */
export function endCreate(
  turn: RuntimeTurn,
  from: ProcessId,
  id: RequestId,
  request: RequestOf<"createContainer">,
): void {
  const sandbox = turn.sandboxes.find((one) => one.id === request.sandboxId);
  releaseName(turn, request);
  if (sandbox === undefined || sandbox.state !== "ready") {
    turn.note(note.outOfOrder);
    turn.refuse(from, id, "notFound", `sandbox "${request.sandboxId}" is not ready`);
    return;
  }
  const name = containerName(sandbox, request.container, request.attempt);
  for (const existing of turn.containers.filter((container) => container.name === name)) forget(turn, existing.id);
  const containerId = turn.newId();
  turn.keepContainer({
    id: containerId,
    name,
    sandboxId: sandbox.id,
    podUid: sandbox.podUid,
    podNamespace: sandbox.podNamespace,
    podName: sandbox.podName,
    container: request.container,
    attempt: request.attempt,
    image: request.image,
    hash: request.hash,
    state: "created",
    createdAt: turn.wall,
    startedAt: 0,
    finishedAt: 0,
    exitCode: 0,
    reason: "",
    memoryBytes: 0,
    startedNow: 0,
    endsNow: 0,
    endsWith: 0,
  });
  turn.note(note.created);
  turn.answer(from, id, { kind: "container", containerId }, sandbox.podUid);
}

/** The name is free again. */
export function releaseName(turn: RuntimeTurn, request: RequestOf<"createContainer">): void {
  const { podUid, container, attempt } = request;
  const suffix = `_${podUid}_${attempt}`;
  const prefix = `k8s_${container}_`;
  turn.reserved = turn.reserved.filter((name) => !(name.startsWith(prefix) && name.endsWith(suffix)));
}

export function startContainer(
  turn: RuntimeTurn,
  from: ProcessId,
  id: RequestId,
  { containerId }: RequestOf<"startContainer">,
): void {
  const container = turn.container(containerId);
  if (container === null || container.state !== "created" || !isInReadySandbox(turn, container)) {
    turn.note(note.outOfOrder);
    const why = container === null ? "not found" : `in state ${container.state}`;
    turn.refuse(
      from,
      id,
      container === null ? "notFound" : "failedPrecondition",
      `container "${containerId}" is ${why}`,
    );
    return;
  }
  const behaviour = behaviourOf(turn.config, container.image);
  turn.keepContainer({
    ...container,
    state: "running",
    startedAt: turn.wall,
    memoryBytes: behaviour.memoryBytes,
    startedNow: turn.now,
    endsNow: ownEnd(behaviour, container.attempt, turn.now),
    endsWith: behaviour.exitCode,
  });
  turn.note(note.started);
  turn.answer(from, id, { kind: "done" }, container.podUid);
}

function isInReadySandbox(turn: RuntimeTurn, { sandboxId }: RuntimeContainer): boolean {
  return turn.sandboxes.some(({ id, state }) => id === sandboxId && state === "ready");
}

/** SIGTERM now, SIGKILL after the grace; whoever asks is answered when it has stopped (containerd container_stop.go). */
export function stopContainer(
  turn: RuntimeTurn,
  from: ProcessId,
  id: RequestId,
  request: RequestOf<"stopContainer">,
): void {
  const container = turn.container(request.containerId);
  if (container === null || container.state !== "running") {
    turn.answer(from, id, { kind: "done" });
    return;
  }
  const { ignoresSigterm, stopsAfterUs, stopsWithError } = behaviourOf(turn.config, container.image);
  const stopsNow = dueAfter(turn.now, stopsAfterUs);
  if (!ignoresSigterm && (container.endsNow === 0 || stopsNow < container.endsNow))
    turn.keepContainer({ ...container, endsNow: stopsNow, endsWith: stopsWithError ? SIGTERM_CODE : 0 });
  turn.operations = [...turn.operations, { id, from, request, dueNow: dueAfter(turn.now, request.graceUs) }];
}

/** Ends the grace of a stop. */
export function killAfterGrace(turn: RuntimeTurn, { containerId }: RequestOf<"stopContainer">): void {
  const container = turn.container(containerId);
  if (container === null || container.state !== "running") return;
  turn.note(note.killed);
  exit(turn, container, SIGKILL_CODE);
}

/** Kills what runs in a sandbox. The caller tells of it. */
export function killAllIn(turn: RuntimeTurn, sandboxId: string): void {
  for (const container of turn.containers) {
    if (container.sandboxId !== sandboxId || container.state !== "running") continue;
    turn.note(note.killed);
    turn.keepContainer(exited(container, SIGKILL_CODE, turn.wall));
    answerStops(turn, container, false);
  }
}

/** A container has ended by itself, or by a signal; whoever waits for it is told, or else the kubelet. */
export function exit(turn: RuntimeTurn, container: RuntimeContainer, exitCode: number, endedAt = turn.wall): void {
  turn.keepContainer(exited(container, exitCode, endedAt));
  if (!answerStops(turn, container, true)) turn.event(container.podUid);
}

/** What a container is once its program has ended. */
export function exited(container: RuntimeContainer, exitCode: number, finishedAt: number): RuntimeContainer {
  return {
    ...container,
    state: "exited",
    finishedAt,
    exitCode,
    reason: exitCode === 0 ? "Completed" : "Error",
    memoryBytes: 0,
    endsNow: 0,
    endsWith: 0,
  };
}

/** Whether anyone waited for it to stop. The first is told of the change. */
function answerStops(turn: RuntimeTurn, { id, podUid }: RuntimeContainer, tells: boolean): boolean {
  const waiting = turn.operations.filter(
    ({ request }) => request.kind === "stopContainer" && request.containerId === id,
  );
  if (waiting.length === 0) return false;
  turn.operations = turn.operations.filter((operation) => !waiting.includes(operation));
  waiting.forEach((operation, at) => {
    turn.answer(operation.from, operation.id, { kind: "done" }, tells && at === 0 ? podUid : null);
  });
  return true;
}

/** Only what does not run is removed (CRI RemoveContainer is forced; the kubelet's garbage collector never needs it to be). */
export function removeContainer(
  turn: RuntimeTurn,
  from: ProcessId,
  id: RequestId,
  { containerId }: RequestOf<"removeContainer">,
): void {
  const container = turn.container(containerId);
  if (container === null) {
    turn.answer(from, id, { kind: "done" });
    return;
  }
  if (container.state === "running") {
    turn.note(note.removeRefused);
    turn.refuse(from, id, "failedPrecondition", `container "${containerId}" is running`);
    return;
  }
  forget(turn, containerId);
  turn.note(note.removed);
  turn.answer(from, id, { kind: "done" }, container.podUid);
}

/** Removes a container from memory and disk. */
export function forget(turn: RuntimeTurn, containerId: string): void {
  turn.containers = turn.containers.filter(({ id }) => id !== containerId);
  turn.persist({ kind: "containerRemoved", id: containerId }, false);
}

/** A probe by exec, HTTP or TCP. A program that hangs is no answer: the kubelet has a timeout. */
export function probe(
  turn: RuntimeTurn,
  from: ProcessId,
  id: RequestId,
  { containerId, probe }: RequestOf<"probe">,
): void {
  const container = turn.container(containerId);
  if (container === null || container.state !== "running") {
    turn.answer(from, id, { kind: "probed", success: false });
    return;
  }
  const outcome = probeOutcome(behaviourOf(turn.config, container.image), container, probe, turn.now);
  if (outcome === "hangs") {
    turn.note(note.hangs);
    return;
  }
  turn.note(note.probed);
  turn.answer(from, id, { kind: "probed", success: outcome === "success" });
}
