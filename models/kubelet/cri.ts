import { emptyOrderedMap, mapDelete, mapEach, mapHas, mapSet, type RequestId } from "../kernel/index.ts";
import type { CriResult, CriServerMessage, PodSnapshot } from "../runtime/types.ts";
import { dueOf } from "./agenda.ts";
import { lengthened } from "./backoff.ts";
import { networkUpdated } from "./node.ts";
import { note } from "./notes.ts";
import { probeAnswered } from "./probes.ts";
import { create, imageKey, waits } from "./sync.ts";
import { CALLS_DUE, type KubeletTurn } from "./turn.ts";
import type { CriCall, PodWorker } from "./types.ts";

/** When the runtime is asked for everything, though it tells what changes (pleg/evented.go, genericPlegRelistPeriod). */
export const RELIST_DUE = "relist";
/** When pods are looked for that run without a worker. */
export const HOUSEKEEPING_DUE = "housekeeping";

/** The runtime says something: what has changed is taken into the view before what it means for a call. */
export function criReceived(turn: KubeletTurn, message: CriServerMessage): void {
  const { incarnation, version, isSynced, runtime, restartUnit, pods, images, podCIDR } = turn.runtime;
  turn.runtime = { incarnation, version, isSynced, runtime, restartUnit, pods, images, podCIDR, heardNow: turn.now };
  switch (message.kind) {
    case "criHello":
      runtimeStarted(turn, message.incarnation);
      return;
    case "criEvent":
      changed(turn, message.incarnation, message.version, message.pod);
      return;
    case "criAnswer": {
      const call = turn.takeCall(message.id);
      if (message.result.kind === "list" || message.result.kind === "unchanged") {
        if (call !== null) listed(turn, message.incarnation, message.version, message.result);
        return;
      }
      if (message.pod !== null) changed(turn, message.incarnation, message.version, message.pod);
      if (call !== null) answered(turn, call, message.result);
    }
  }
}

/** The runtime has just started: its connection broke, and with it what was under way. */
function runtimeStarted(turn: KubeletTurn, incarnation: number): void {
  turn.note(note.runtimeRestarted);
  forgetView(turn, incarnation);
  const calls: CriCall[] = [];
  mapEach(turn.calls, "", null, (call) => {
    calls.push(call);
  });
  for (const call of calls) {
    turn.takeCall(call.id);
    if (call.what === "probe") probeAnswered(turn, call, call.id, false);
    else answered(turn, call, { kind: "error", code: "unavailable", message: "connection to the runtime is broken" });
  }
  relist(turn);
}

function forgetView(turn: KubeletTurn, incarnation: number): void {
  const { runtime, restartUnit, images, podCIDR, heardNow } = turn.runtime;
  // What it had before is kept until the list comes, so that statuses stay as they are; nothing is decided by it.
  const { pods } = turn.runtime;
  turn.runtime = { incarnation, version: -1, isSynced: false, runtime, restartUnit, pods, images, podCIDR, heardNow };
}

/** Asks for everything. */
export function relist(turn: KubeletTurn): void {
  let isUnderWay = false;
  mapEach(turn.calls, "", null, ({ what }) => {
    if (what === "list") isUnderWay = true;
  });
  if (isUnderWay) return;
  const sinceVersion = turn.runtime.isSynced ? turn.runtime.version : -1;
  turn.ask("", "", { kind: "list", sinceVersion }, turn.config.runtimeRequestTimeoutUs);
  turn.due(RELIST_DUE, turn.now + turn.config.relistUs);
}

/** One change: the next after the last that is known, or else some were missed. */
function changed(turn: KubeletTurn, incarnation: number, version: number, pod: PodSnapshot): void {
  if (turn.runtime.incarnation === -1) return;
  if (incarnation !== turn.runtime.incarnation) {
    if (incarnation > turn.runtime.incarnation) {
      forgetView(turn, incarnation);
      relist(turn);
    }
    return;
  }
  if (!turn.runtime.isSynced || version <= turn.runtime.version) return;
  if (version > turn.runtime.version + 1) {
    turn.note(note.eventMissed);
    forgetView(turn, incarnation);
    relist(turn);
    return;
  }
  turn.runtime = { ...turn.runtime, version };
  takeSnapshot(turn, pod);
}

function takeSnapshot(turn: KubeletTurn, pod: PodSnapshot): void {
  const isGone = pod.sandboxes.length === 0 && pod.containers.length === 0;
  const { podUid } = pod;
  const pods = isGone ? mapDelete(turn.runtime.pods, podUid) : mapSet(turn.runtime.pods, podUid, pod);
  turn.runtime = { ...turn.runtime, pods };
  turn.dirty.add(podUid);
  if (!isGone && !mapHas(turn.workers, podUid)) houseKeep(turn);
}

/** Cleans up at the next round, unless one is due already. */
export function houseKeep(turn: KubeletTurn): void {
  if (dueOf(turn.agenda, HOUSEKEEPING_DUE) === 0) turn.due(HOUSEKEEPING_DUE, turn.now + turn.config.housekeepingUs);
}

function listed(
  turn: KubeletTurn,
  incarnation: number,
  version: number,
  result: CriResult & { readonly kind: "list" | "unchanged" },
): void {
  if (result.kind === "unchanged") {
    turn.note(note.relistUnchanged);
    return;
  }
  turn.note(note.relisted);
  const { runtime, restartUnit, images, podCIDR } = result;
  const before = turn.runtime.pods;
  const { heardNow } = turn.runtime;
  const pods = emptyOrderedMap<PodSnapshot>();
  turn.runtime = { incarnation, version, isSynced: true, runtime, restartUnit, pods, images, podCIDR, heardNow };
  for (const pod of result.pods) takeSnapshot(turn, pod);
  mapEach(before, "", null, (_, uid) => {
    turn.dirty.add(uid);
  });
  mapEach(turn.workers, "", null, ({ uid }) => {
    turn.dirty.add(uid);
  });
}

/** Gives up the calls whose time is over, and sees when the next one's is. */
export function callsDue(turn: KubeletTurn): void {
  const over: RequestId[] = [];
  let next = 0;
  mapEach(turn.calls, "", null, ({ id, what, deadlineNow }) => {
    if (what === "probe") return;
    if (deadlineNow <= turn.now) over.push(id);
    else if (next === 0 || deadlineNow < next) next = deadlineNow;
  });
  if (next !== 0) turn.due(CALLS_DUE, next);
  for (const id of over) callTimedOut(turn, id);
}

/** A call has had no answer in time: what came of it is not known, and the runtime is told that nobody waits. */
export function callTimedOut(turn: KubeletTurn, id: RequestId): void {
  const call = turn.takeCall(id);
  if (call === null) return;
  turn.send(turn.config.runtime, { kind: "criCancel", id });
  if (call.what === "probe") {
    turn.note(note.probeTimedOut);
    probeAnswered(turn, call, id, false);
    return;
  }
  turn.note(note.callTimedOut);
  answered(turn, call, { kind: "error", code: "unavailable", message: "context deadline exceeded" });
}

/** What follows from the answer of a call. */
function answered(turn: KubeletTurn, call: CriCall, result: CriResult): void {
  if (result.kind === "error") turn.note(note.callFailed);
  switch (call.what) {
    case "status":
      return;
    case "list":
      if (result.kind === "error") turn.due(RELIST_DUE, turn.now + turn.config.housekeepingUs);
      return;
    case "updateRuntimeConfig":
      if (result.kind === "done") networkUpdated(turn, call.about);
      return;
    case "probe":
      probeAnswered(turn, call, call.id, result.kind === "probed" && result.success);
      return;
  }
  const worker = turn.worker(call.podUid);
  if (worker === null || !worker.calls.includes(call.id)) return;
  const free = { ...worker, calls: worker.calls.filter((id) => id !== call.id) };
  turn.dirty.add(call.podUid);
  turn.keep(worker.phase === "sync" ? goOn(turn, free, call, result) : free);
}

/** The next step of what was begun: an image that was pulled is for a container, a container that was made is started. */
function goOn(turn: KubeletTurn, worker: PodWorker, call: CriCall, result: CriResult): PodWorker {
  const { about, what } = call;
  const retryNow = turn.now + turn.config.syncBackoffUs;
  const failure = result.kind === "error" ? result.message : null;
  switch (what) {
    case "runPodSandbox":
      return failure === null
        ? withoutWait(worker, "")
        : waits(worker, "", "FailedCreatePodSandBox", failure, retryNow);
    case "pullImage":
      return failure === null ? imagePulled(turn, worker, about) : pullFailed(turn, worker, about, failure);
    case "createContainer": {
      if (result.kind !== "container")
        return waits(worker, about, "CreateContainerError", failure ?? "no container", retryNow);
      const request = { kind: "startContainer", podUid: worker.uid, containerId: result.containerId } as const;
      const id = turn.ask(worker.uid, about, request, turn.config.runtimeRequestTimeoutUs);
      return { ...worker, calls: [...worker.calls, id] };
    }
    case "startContainer":
      return failure === null
        ? withoutWait(worker, about)
        : waits(worker, about, "RunContainerError", failure, retryNow);
    default:
      // What could not be stopped or removed is tried again.
      return failure === null ? worker : { ...worker, dueNow: retryNow };
  }
}

function withoutWait(worker: PodWorker, container: string): PodWorker {
  if (!worker.waiting.some((one) => one.container === container)) return worker;
  return { ...worker, waiting: worker.waiting.filter((one) => one.container !== container) };
}

function imagePulled(turn: KubeletTurn, worker: PodWorker, name: string): PodWorker {
  const container = [...(worker.pod.spec.initContainers ?? []), ...worker.pod.spec.containers].find(
    (one) => one.name === name,
  );
  if (container === undefined) return worker;
  const { image = "" } = container;
  const { images } = turn.runtime;
  if (!images.includes(image)) turn.runtime = { ...turn.runtime, images: [...images, image] };
  const backoffs = worker.backoffs.filter(({ key }) => key !== imageKey(image));
  return create(turn, { ...worker, backoffs }, container);
}

/** images/image_manager.go: each failure waits longer than the last. */
function pullFailed(turn: KubeletTurn, worker: PodWorker, name: string, message: string): PodWorker {
  turn.note(note.imagePullFailed);
  const container = [...(worker.pod.spec.initContainers ?? []), ...worker.pod.spec.containers].find(
    (one) => one.name === name,
  );
  const { imageBackoffUs, imageBackoffMaxUs } = turn.config;
  const key = imageKey(container?.image ?? "");
  const backoffs = lengthened(worker.backoffs, key, turn.wall, turn.wall, imageBackoffUs, imageBackoffMaxUs);
  return waits({ ...worker, backoffs }, name, "ErrImagePull", message, turn.now);
}
