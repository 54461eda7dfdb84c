import {
  type Input,
  ModelBug,
  NO_EFFECTS,
  type ProcessId,
  type RequestId,
  type Step,
  unreachable,
} from "../kernel/index.ts";
import type { Uid } from "../machinery/kinds/index.ts";
import { behaviourOf } from "./behaviours.ts";
import {
  beginCreate,
  endCreate,
  exit,
  killAfterGrace,
  probe,
  releaseName,
  removeContainer,
  startContainer,
  stopContainer,
} from "./containers.ts";
import { note } from "./notes.ts";
import { takePacket } from "./packets.ts";
import { removePodSandbox, runPodSandbox, stopPodSandbox, updateRuntimeConfig } from "./sandboxes.ts";
import { dueAfter, RUNTIME_TIMER, RuntimeTurn } from "./turn.ts";
import type { CriRequest, Operation, RuntimeState, RuntimeTypes } from "./types.ts";

/** One input. What has become due is done before it. */
export function step(state: RuntimeState, input: Input<RuntimeTypes>): Step<RuntimeTypes> {
  const turn = new RuntimeTurn(state, input);
  if (input.kind === "timer" && input.name === RUNTIME_TIMER) turn.disarmed();
  settle(turn);
  if (input.kind === "receive") {
    const { message } = input;
    if (message.kind === "criCall") take(turn, input.from, message.id, message.request);
    else if (message.kind === "criCancel") cancel(turn, message.id);
    else if (message.kind === "criConnect") cancelAll(turn, input.from);
    else if (message.kind === "netDeliver") takePacket(turn, input.from, message);
    settle(turn);
  }
  const after = turn.finish();
  return { state: after, effects: turn.effects.length === 0 ? NO_EFFECTS : turn.effects };
}

/** Does what has become due, in the order of its time. */
function settle(turn: RuntimeTurn): void {
  for (;;) {
    const operation = firstDue(turn);
    const ending = turn.containers.reduce<(typeof turn.containers)[number] | null>(
      (first, container) =>
        container.state === "running" &&
        container.endsNow > 0 &&
        container.endsNow <= turn.now &&
        (first === null || container.endsNow < first.endsNow)
          ? container
          : first,
      null,
    );
    if (ending !== null && (operation === null || ending.endsNow <= operation.dueNow)) {
      turn.note(ending.endsWith === 0 || turn.operations.some(isStopOf(ending.id)) ? note.terminated : note.exited);
      exit(turn, ending, ending.endsWith, turn.wall - (turn.now - ending.endsNow));
    } else if (operation !== null) finishOperation(turn, operation);
    else return;
  }
}

function isStopOf(containerId: string): (operation: Operation) => boolean {
  return ({ request }) => request.kind === "stopContainer" && request.containerId === containerId;
}

function firstDue(turn: RuntimeTurn): Operation | null {
  let first: Operation | null = null;
  for (const operation of turn.operations)
    if (operation.dueNow > 0 && operation.dueNow <= turn.now && (first === null || operation.dueNow < first.dueNow))
      first = operation;
  return first;
}

function finishOperation(turn: RuntimeTurn, operation: Operation): void {
  const { id, from, request } = operation;
  if (request.kind !== "stopContainer") turn.operations = turn.operations.filter((one) => one !== operation);
  switch (request.kind) {
    case "stopContainer":
      killAfterGrace(turn, request);
      return;
    case "runPodSandbox":
      runPodSandbox(turn, from, id, request);
      return;
    case "createContainer":
      endCreate(turn, from, id, request);
      return;
    case "startContainer":
      startContainer(turn, from, id, request);
      return;
    case "pullImage":
      endPull(turn, from, id, request.image);
      return;
    default:
      throw new ModelBug(`${request.kind} takes no time`);
  }
}

function take(turn: RuntimeTurn, from: ProcessId, id: RequestId, request: CriRequest): void {
  switch (request.kind) {
    case "status":
      turn.answer(from, id, { kind: "status", isReady: true });
      return;
    case "updateRuntimeConfig":
      updateRuntimeConfig(turn, from, id, request);
      return;
    case "list":
      list(turn, from, id, request.sinceVersion);
      return;
    case "pullImage":
      later(turn, from, id, request, behaviourOf(turn.config, request.image).pullUs);
      return;
    case "runPodSandbox":
      later(turn, from, id, request, turn.config.sandboxUs);
      return;
    case "createContainer":
      beginCreate(turn, from, id, request);
      return;
    case "startContainer":
      later(turn, from, id, request, turn.config.startUs);
      return;
    case "stopPodSandbox":
      stopPodSandbox(turn, from, id, request);
      return;
    case "removePodSandbox":
      removePodSandbox(turn, from, id, request);
      return;
    case "stopContainer":
      stopContainer(turn, from, id, request);
      return;
    case "removeContainer":
      removeContainer(turn, from, id, request);
      return;
    case "probe":
      probe(turn, from, id, request);
      return;
    default:
      unreachable(request);
  }
}

function later(turn: RuntimeTurn, from: ProcessId, id: RequestId, request: CriRequest, us: number): void {
  turn.operations = [...turn.operations, { id, from, request, dueNow: dueAfter(turn.now, us) }];
}

/** All pods, in the order of their first sandbox; nothing where nothing has changed since. */
function list(turn: RuntimeTurn, from: ProcessId, id: RequestId, sinceVersion: number): void {
  if (sinceVersion === turn.version) {
    turn.note(note.listUnchanged);
    turn.answer(from, id, { kind: "unchanged" });
    return;
  }
  const uids: Uid[] = [];
  for (const { podUid } of turn.sandboxes) if (!uids.includes(podUid)) uids.push(podUid);
  const { name: runtime, restartUnit } = turn.plugin;
  const pods = uids.map((uid) => turn.snapshot(uid));
  turn.answer(from, id, { kind: "list", runtime, restartUnit, pods, images: turn.images, podCIDR: turn.podCIDR });
}

function endPull(turn: RuntimeTurn, from: ProcessId, id: RequestId, image: string): void {
  if (behaviourOf(turn.config, image).pullFails) {
    turn.note(note.imageMissing);
    turn.refuse(from, id, "notFound", `manifest for ${image} not found: manifest unknown`);
    return;
  }
  turn.note(note.imagePulled);
  if (!turn.images.includes(image)) {
    turn.images = [...turn.images, image];
    turn.persist({ kind: "image", image }, false);
  }
  turn.answer(from, id, { kind: "done" });
}

/** The connection of a caller broke, as it died: it waits for nothing any more. */
function cancelAll(turn: RuntimeTurn, caller: ProcessId): void {
  for (const { id, from } of turn.operations) if (from === caller) cancel(turn, id);
}

/** A caller waits no longer: what has not happened does not happen any more. */
function cancel(turn: RuntimeTurn, id: RequestId): void {
  const operation = turn.operations.find((one) => one.id === id);
  if (operation === undefined) return;
  turn.operations = turn.operations.filter((one) => one !== operation);
  if (operation.request.kind !== "createContainer") return;
  turn.note(note.createCanceled);
  if (turn.plugin.releasesNameOnCancel) releaseName(turn, operation.request);
}
