import { findCondition } from "../machinery/conditions.ts";
import type { ContainerStatus, PodPhase, PodStatus } from "../machinery/kinds/index.ts";
import { qosClass } from "../machinery/pods.ts";
import { timeOf } from "../machinery/time.ts";
import { podConditions } from "./conditions.ts";
import { containerStatuses, endedStatuses } from "./container-statuses.ts";
import { note } from "./notes.ts";
import { isTerminalPhase, phaseOf } from "./phase.ts";
import type { KubeletTurn } from "./turn.ts";
import type { PodWorker } from "./types.ts";

/** The status of a pod as the kubelet sees it, and whether the pod has come to its end by it. */
export interface Generated {
  readonly status: PodStatus;
  readonly hasEnded: boolean;
}

/** The status of a pod from what its runtime has (kubernetes pkg/kubelet/kubelet_pods.go, generateAPIPodStatus). */
export function generateStatus(turn: KubeletTurn, worker: PodWorker): Generated {
  const { pod } = worker;
  const before = turn.statusOf(worker);
  const isOver = worker.phase === "terminated";
  const { initContainers } = pod.spec;
  let inits =
    initContainers === undefined ? [] : containerStatuses(turn, worker, initContainers, before.initContainerStatuses);
  let mains = containerStatuses(turn, worker, pod.spec.containers, before.containerStatuses);
  const wanted = wantedPhase(turn, worker, before, mains, inits);
  if (isOver && hasAnyStarted(mains)) [mains, inits] = [endedStatuses(mains), endedStatuses(inits)];
  const told = heldBack(turn, worker, before, wanted);
  return {
    status: assembled(turn, worker, before, told, mains, inits),
    hasEnded: isTerminalPhase(wanted.phase),
  };
}

interface Verdict {
  readonly phase: PodPhase;
  readonly reason: string;
  readonly message: string;
}

/** The phase that the pod has come to. */
function wantedPhase(
  turn: KubeletTurn,
  worker: PodWorker,
  before: PodStatus,
  mains: readonly ContainerStatus[],
  inits: readonly ContainerStatus[],
): Verdict {
  const { pod, verdict } = worker;
  const isOver = worker.phase === "terminated";
  const kept = terminalPhaseKept(worker, before);
  if (kept !== null) {
    turn.note(note.terminalKept);
    return kept;
  }
  if (verdict !== null) return { phase: "Failed", reason: verdict.reason, message: verdict.message };
  const phase = phaseOf(pod, [...inits, ...mains], isOver, hasAnyStarted(mains));
  // A pod that is over has ended, also where it has never run (status_manager.go, TerminatePod).
  if (isOver && !isTerminalPhase(phase))
    return { phase: "Failed", reason: before.reason ?? "", message: before.message ?? "" };
  const isSame = phase === before.phase;
  return { phase, reason: isSame ? (before.reason ?? "") : "", message: isSame ? (before.message ?? "") : "" };
}

/** A terminal phase is not left, whether it was told or the API shows it (generateAPIPodStatus; kubernetes#54499, #58711). */
function terminalPhaseKept({ pod }: PodWorker, before: PodStatus): Verdict | null {
  for (const status of [pod.status, before])
    if (status !== undefined && isTerminalPhase(status.phase))
      return { phase: status.phase!, reason: status.reason ?? "", message: status.message ?? "" };
  return null;
}

/**
 * A terminal phase is told only when nothing of the pod can run any more: others take its resources by it
 * (status_manager.go, mergePodStatus; kubernetes#106884).
 */
function heldBack(turn: KubeletTurn, worker: PodWorker, before: PodStatus, wanted: Verdict): Verdict {
  if (!isTerminalPhase(wanted.phase) || isTerminalPhase(before.phase) || !couldRun(worker)) return wanted;
  turn.note(note.terminalHeldBack);
  return { phase: before.phase ?? "Pending", reason: before.reason ?? "", message: before.message ?? "" };
}

/** pod_workers.go, CouldHaveRunningContainers. */
export function couldRun({ phase }: PodWorker): boolean {
  return phase !== "terminated";
}

/** pkg/kubelet/container/helpers.go, HasAnyRegularContainerStarted. */
function hasAnyStarted(mains: readonly ContainerStatus[]): boolean {
  return mains.some(
    ({ state, lastState }) =>
      state?.running !== undefined || state?.terminated !== undefined || lastState?.terminated !== undefined,
  );
}

function assembled(
  turn: KubeletTurn,
  worker: PodWorker,
  before: PodStatus,
  { phase, reason, message }: Verdict,
  mains: readonly ContainerStatus[],
  inits: readonly ContainerStatus[],
): PodStatus {
  const { pod } = worker;
  const sandbox = turn.snapshot(worker.uid).sandboxes.find(({ state }) => state === "ready");
  // The address of a pod that has ended stays in its status (pleg/generic.go, getPodIPs).
  const podIP =
    pod.spec.hostNetwork === true && sandbox !== undefined ? turn.config.address : (sandbox?.ip ?? before.podIP ?? "");
  const { generation } = pod.metadata;
  const now = timeOf(turn.wall);
  const conditions = podConditions(pod, phase, mains, inits, sandbox !== undefined, before.conditions, now);
  const disruption = disruptionOf(worker, before, now);
  return {
    phase,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: disruption === null ? conditions : [...conditions, disruption],
    ...(reason === "" ? {} : { reason }),
    ...(message === "" ? {} : { message }),
    hostIP: turn.config.address,
    ...(podIP === "" ? {} : { podIP, podIPs: [{ ip: podIP }] }),
    startTime: worker.startTime,
    qosClass: pod.status?.qosClass ?? qosClass(pod),
    containerStatuses: mains,
    ...(inits.length === 0 ? {} : { initContainerStatuses: inits }),
  };
}

/** An evicted pod is a disruption (pkg/kubelet/eviction/eviction_manager.go, TerminationByKubelet). */
function disruptionOf(worker: PodWorker, before: PodStatus, now: string) {
  if (worker.cause !== "evicted") return null;
  const old = findCondition(before.conditions, "DisruptionTarget");
  if (old?.reason === "TerminationByKubelet") return old;
  return {
    type: "DisruptionTarget",
    status: "True",
    lastTransitionTime: now,
    reason: "TerminationByKubelet",
    message: worker.verdict?.message ?? "",
  } as const;
}
