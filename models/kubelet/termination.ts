import type { Micros } from "../kernel/index.ts";
import type { Pod, Uid } from "../machinery/kinds/index.ts";
import { dueOf } from "./agenda.ts";
import { note } from "./notes.ts";
import { isSidecar } from "./phase.ts";
import { finished, report } from "./reports.ts";
import { generateStatus } from "./status.ts";
import { stopAll, stopSandboxes } from "./sync.ts";
import type { KubeletTurn } from "./turn.ts";
import type { PodWorker, TerminationCause } from "./types.ts";

const SECOND_US = 1_000_000;
/** pkg/kubelet/kuberuntime/kuberuntime_container.go, minimumGracePeriodInSeconds. */
const GRACE_MIN_US = 2 * SECOND_US;

/** A pod is ended; from here there is no way back for its UID (pod_workers.go, UpdatePod). */
export function beginTermination(
  turn: KubeletTurn,
  worker: PodWorker,
  cause: TerminationCause,
  verdict: PodWorker["verdict"],
  overrideUs: Micros = -1,
): void {
  turn.note(note.podTerminating);
  cancelCalls(turn, worker);
  turn.keep({
    ...worker,
    phase: "terminating",
    cause,
    verdict: worker.verdict ?? verdict,
    graceUs: shorter(overrideUs, graceAsked(worker.pod)),
    killNow: turn.now,
    calls: [],
    dueNow: 0,
  });
  turn.dirty.add(worker.uid);
}

/** What begins something is given up; what stops something goes on beside what is asked next. */
function cancelCalls(turn: KubeletTurn, worker: PodWorker): void {
  for (const id of worker.calls) {
    turn.takeCall(id);
    turn.send(turn.config.runtime, { kind: "criCancel", id });
  }
}

/** The grace may be shortened while the pod is being terminated; it is never lengthened. */
export function shortenGrace(turn: KubeletTurn, worker: PodWorker): void {
  const asked = graceAsked(worker.pod);
  if (worker.phase !== "terminating" || asked >= worker.graceUs) return;
  turn.note(note.graceShortened);
  cancelCalls(turn, worker);
  turn.keep({ ...worker, graceUs: asked, killNow: turn.now, calls: [] });
  turn.dirty.add(worker.uid);
}

/**
 * How long a pod has to stop (pod_workers.go, calculateEffectiveGracePeriod): what its deletion says, or else its spec;
 * one second at least.
 */
function graceAsked({ metadata, spec }: Pod): Micros {
  const deletion = metadata.deletionGracePeriodSeconds ?? 0;
  const seconds = deletion > 0 ? deletion : (spec.terminationGracePeriodSeconds ?? 30);
  return Math.max(1, metadata.deletionTimestamp !== undefined && deletion === 0 ? 1 : seconds) * SECOND_US;
}

function shorter(overrideUs: Micros, asked: Micros): Micros {
  return overrideUs >= 0 && overrideUs < asked ? Math.max(overrideUs, SECOND_US) : asked;
}

/** What a container gets to stop: of a pod that is terminated what is left of its grace, of any other the spec's. */
export function graceOf(worker: PodWorker): Micros {
  return worker.graceUs >= 0 ? worker.graceUs : graceAsked(worker.pod);
}

/** pkg/kubelet/kubelet.go, SyncTerminatingPod: the containers are stopped, sidecars after the others, then the sandbox. */
export function syncTerminating(turn: KubeletTurn, worker: PodWorker): void {
  if (worker.source === "api") report(turn, worker, generateStatus(turn, worker).status, false);
  const { containers, sandboxes } = turn.snapshot(worker.uid);
  const running = containers.filter(({ state }) => state === "running");
  if (running.length > 0) {
    if (worker.calls.length === 0) turn.keep(stopInOrder(turn, worker, running));
    return;
  }
  if (worker.calls.length > 0) return;
  const ready = sandboxes.filter(({ state }) => state === "ready");
  if (ready.length > 0) {
    turn.keep(stopSandboxes(turn, worker, ready));
    return;
  }
  terminated(turn, worker);
}

/** Sidecars stop last, in reverse order, with what is left of the grace (kuberuntime_termination_order.go). */
function stopInOrder(turn: KubeletTurn, worker: PodWorker, running: Parameters<typeof stopAll>[2]): PodWorker {
  const sidecars = (worker.pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name);
  const others = running.filter(({ container }) => !sidecars.includes(container));
  const last = [...running].sort((a, b) => sidecars.indexOf(b.container) - sidecars.indexOf(a.container))[0]!;
  const leftUs = worker.killNow + worker.graceUs - turn.now;
  const graceUs = leftUs === worker.graceUs ? leftUs : Math.max(Math.min(GRACE_MIN_US, worker.graceUs), leftUs);
  const { graceUs: asked } = worker;
  const stopped = stopAll(turn, { ...worker, graceUs }, others.length > 0 ? others : [last]);
  return { ...stopped, graceUs: asked };
}

/** pod_workers.go, completeTerminating: nothing of it runs, and nothing will. */
function terminated(turn: KubeletTurn, worker: PodWorker): void {
  turn.note(note.podTerminated);
  const after = turn.keep({ ...worker, phase: "terminated", waiting: [], probes: [], dueNow: 0 });
  if (worker.source === "api") report(turn, after, generateStatus(turn, after).status, true);
  syncTerminated(turn, after);
}

/** A pod that has terminated is deleted when it is to be; when its source has it no more, what is left of it is removed. */
export function syncTerminated(turn: KubeletTurn, worker: PodWorker): void {
  if (!worker.isRemoved) finished(turn, worker);
  else if (worker.calls.length === 0 && dueOf(turn.agenda, cleaning(worker.uid)) === 0)
    turn.due(cleaning(worker.uid), turn.now + turn.config.housekeepingUs);
}

/** When the rest of a pod is removed. */
export function cleaning(uid: Uid): string {
  return `clean/${uid}`;
}

/** Removes what the runtime has of a pod that is gone, and then forgets it. */
export function cleanUp(turn: KubeletTurn, uid: Uid): void {
  const worker = turn.worker(uid);
  if (worker === null || worker.phase !== "terminated" || worker.calls.length > 0) return;
  if (!turn.runtime.isSynced) {
    turn.due(cleaning(uid), turn.now + turn.config.housekeepingUs);
    return;
  }
  const { sandboxes } = turn.snapshot(uid);
  if (sandboxes.length === 0) {
    turn.note(note.podForgotten);
    turn.forget(uid);
    return;
  }
  const calls = sandboxes.map(({ id: sandboxId }) => {
    const request = { kind: "removePodSandbox", podUid: uid, sandboxId } as const;
    return turn.ask(uid, sandboxId, request, turn.config.runtimeRequestTimeoutUs);
  });
  turn.keep({ ...worker, calls });
}
