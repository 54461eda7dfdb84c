/**
 * Room is made for a pod while others are scheduled (kubernetes pkg/scheduler/framework/preemption/executor.go,
 * prepareCandidateAsync): nominations of lower priority are cleared, and the victims go one by one.
 */
import { mapDelete, mapGet, mapSet } from "../kernel/index.ts";
import { deleteRequest } from "../machinery/client/requests.ts";
import type { Answer } from "../machinery/client/types.ts";
import { isDeleting, keyOf } from "../machinery/meta.ts";
import { isConflict, isNotFound, isSuccess } from "../machinery/status.ts";
import type { PodInfo } from "./framework/pod-info.ts";
import { note } from "./notes.ts";
import { queueActivate, queueUngate } from "./queue/queue.ts";
import { conditionPatch, emit, type RequestTag, statusPatch } from "./reporting.ts";
import type { Run } from "./run.ts";
import type { PreemptionRun } from "./types.ts";

/** prepareCandidateAsync. Victims that are going already need not be told. */
export function startPreemption(run: Run, preemptor: PodInfo, node: string, chosen: readonly PodInfo[]): void {
  const victims = chosen.filter(({ pod }) => !isDeleting(pod));
  if (victims.length === 0) return;
  run.note(note.preempting);
  const { uid = "" } = preemptor.pod.metadata;
  // getLowerPriorityNominatedPods: they may fit no longer, and should look elsewhere.
  const nominated = mapGet(run.state.queue.nominator.byNode, node) ?? [];
  proceed(run, {
    number: run.state.lastDecision?.number ?? 0,
    key: keyOf(preemptor.pod),
    uid,
    node,
    schedulerName: preemptor.pod.spec.schedulerName ?? "default-scheduler",
    toClear: nominated.filter(({ priority, pod }) => priority < preemptor.priority && isNominatedIn(pod)),
    victims,
    marked: false,
    failed: false,
  });
}

function isNominatedIn({ status }: PodInfo["pod"]): boolean {
  return (status?.nominatedNodeName ?? "") !== "";
}

/** IsPodRunningPreemption: until the last victim is seen to go, the preemptor is not tried. */
export function isRunningPreemption(run: Run, uid: string): boolean {
  const preemption = mapGet(run.state.preemptions, uid);
  if (preemption === undefined) return false;
  const [last, ...others] = preemption.victims;
  if (last === undefined) return false;
  if (others.length > 0 || preemption.toClear.length > 0) return true;
  const victim = run.pod(keyOf(last.pod), last.pod.metadata.uid ?? "");
  return victim !== null && !isDeleting(victim);
}

/** The next request. */
function proceed(run: Run, preemption: PreemptionRun): void {
  const { uid, number, toClear, victims } = preemption;
  const tag: RequestTag = { of: "preemption", uid, number };
  run.keep({ preemptions: mapSet(run.state.preemptions, uid, preemption) });
  const [lower] = toClear;
  if (lower !== undefined) {
    run.note(note.nominationCleared);
    run.api.call(statusPatch(lower.pod, { nominatedNodeName: null }), { ...tag });
    return;
  }
  const [victim] = victims;
  if (victim === undefined) {
    ended(run, preemption);
    return;
  }
  const { namespace = "", name, uid: victimUid = "" } = victim.pod.metadata;
  const patch = preemption.marked ? null : markOf(run, preemption, victim);
  if (patch !== null) run.api.call(statusPatch(victim.pod, patch), { ...tag });
  // The real one deletes by name alone, and so whoever has come in the place of the victim.
  else run.api.call(deleteRequest("pods", namespace, name, { preconditions: { uid: victimUid } }), { ...tag });
}

/** PreemptPod: why it goes. */
function markOf(run: Run, { schedulerName }: PreemptionRun, { pod }: PodInfo) {
  return conditionPatch(run, run.pod(keyOf(pod), pod.metadata.uid ?? "") ?? pod, {
    type: "DisruptionTarget",
    status: "True",
    reason: "PreemptionByScheduler",
    message: `${schedulerName}: preempting to accommodate a higher priority pod`,
  });
}

export function preemptionAnswered(run: Run, { uid, number }: RequestTag, { request, response }: Answer): void {
  const preemption = mapGet(run.state.preemptions, uid);
  // The pod may have been let in when its last victim was going, and have found others.
  if (preemption === undefined || preemption.number !== number) return;
  const { toClear, victims } = preemption;
  // In the place of a victim that has gone there may be another pod of its name.
  const isGone = isNotFound(response) || isConflict(response);
  const isDone = isSuccess(response) || isGone;
  if (toClear.length > 0) {
    // "We do not return as this error is not critical."
    proceed(run, { ...preemption, toClear: toClear.slice(1), failed: preemption.failed || !isDone });
    return;
  }
  if (!isDone) {
    run.note(note.preemptionFailed);
    ended(run, { ...preemption, failed: true });
    return;
  }
  if (request.verb === "patch" && !isGone) {
    run.note(note.victimMarked);
    proceed(run, { ...preemption, marked: true });
    return;
  }
  const [victim] = victims;
  if (request.verb === "delete" && !isGone && victim !== undefined) {
    run.note(note.victimDeleted);
    emit(run, victim.pod, "Normal", "Preempted", `Preempted by pod ${uid} on node ${preemption.node}`);
  }
  proceed(run, { ...preemption, victims: victims.slice(1), marked: false });
}

/** Where a request has failed, no end of a victim may come to wake the preemptor: it is tried again at once. */
function ended(run: Run, { key, uid, failed }: PreemptionRun): void {
  run.keep({ preemptions: mapDelete(run.state.preemptions, uid) });
  run.note(note.preemptionDone);
  const { queue } = run.state;
  run.keep({ queue: failed ? queueActivate(queue, run, key, uid) : queueUngate(queue, run, key, uid) });
}
