/** kubernetes pkg/controller/job/job_controller.go, the handlers that NewController sets. */
import { creationObserved, deletionObserved } from "../../machinery/client/expectations.ts";
import type { InformerEvent } from "../../machinery/client/types.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { Job, OwnerReference, Pod } from "../../machinery/kinds/index.ts";
import { controllerOf, isDeleting, keyOf } from "../../machinery/meta.ts";
import { type OwnerKind, ownersMatching, resolveOwner } from "../shared/owners.ts";
import { isTracked, uidOf } from "./pods.ts";
import { isFinished } from "./status.ts";
import { forget } from "./sync.ts";
import { removalSeen } from "./track.ts";
import type { JobTurn } from "./types.ts";

const JOBS: OwnerKind = { kind: "Job", resource: "jobs" };

export function observe(turn: JobTurn, event: InformerEvent): void {
  if (event.resource === "jobs") jobChanged(turn, event);
  else if (event.resource !== "pods") return;
  else if (event.type === "added") podAdded(turn, event.object as Pod);
  else if (event.type === "updated") podUpdated(turn, event.old as Pod, event.object as Pod);
  else if (event.type === "deleted") podDeleted(turn, event.object as Pod, true);
}

/** addJob, updateJob, deleteJob. */
function jobChanged(turn: JobTurn, { type, key, old, object }: InformerEvent): void {
  const job = object as Job;
  const isSuccessor = old !== null && old.metadata.uid !== job.metadata.uid;
  if (type === "deleted" || isSuccessor) forget(turn, key);
  if (type === "updated" && !isSuccessor && old?.metadata.generation === job.metadata.generation)
    turn.enqueueAfter(key, turn.config.batchUs);
  else turn.enqueue(key);
  // "The job shouldn't be marked as finished until all pod finalizers are removed. This is a backup operation."
  if (type === "deleted" || isFinished(job)) cleanUp(turn, old !== null && isSuccessor ? (old as Job) : job);
}

/** cleanupPodFinalizers. */
function cleanUp(turn: JobTurn, job: Job): void {
  for (const pod of turn.view<Pod>("pods").byIndex("byController", job.metadata.uid ?? ""))
    if (isTracked(pod)) enqueueOrphan(turn, pod);
}

function enqueueOrphan(turn: JobTurn, pod: Pod): void {
  turn.enqueue(`orphan:${keyOf(pod)}`);
}

function enqueueBatched(turn: JobTurn, job: Job): void {
  turn.enqueueAfter(keyOf(job), turn.config.batchUs);
}

function podAdded(turn: JobTurn, pod: Pod): void {
  if (isDeleting(pod)) {
    podDeleted(turn, pod, false);
    return;
  }
  const controller = controllerOf(pod);
  if (controller === null) {
    if (isTracked(pod)) enqueueOrphan(turn, pod);
    enqueueMatching(turn, pod);
    return;
  }
  const job = resolve(turn, pod, controller);
  // Its job may be new as well; if it is gone, the garbage collector deletes the pod, and that is seen.
  if (job === null) return;
  const expectations = creationObserved(turn.state.expectations, keyOf(job));
  turn.state = { ...turn.state, expectations };
  // One that comes after its job has finished would keep its finalizer for good (kubernetes#109485).
  if (isFinished(job) && isTracked(pod)) enqueueOrphan(turn, pod);
  enqueueBatched(turn, job);
}

function podUpdated(turn: JobTurn, old: Pod, pod: Pod): void {
  if (old.metadata.resourceVersion === pod.metadata.resourceVersion) return;
  if (isDeleting(pod)) {
    podDeleted(turn, pod, false);
    return;
  }
  const before = controllerOf(old);
  const controller = controllerOf(pod);
  const handedOver = !deepEqual(before, controller);
  if (handedOver && before !== null) {
    const job = resolve(turn, old, before);
    if (job !== null) {
      if (!isTracked(pod)) removalSeen(turn, job, uidOf(pod));
      enqueueBatched(turn, job);
    }
  }
  if (controller === null) {
    if (isTracked(pod)) enqueueOrphan(turn, pod);
    if (handedOver || !deepEqual(old.metadata.labels, pod.metadata.labels)) enqueueMatching(turn, pod);
    return;
  }
  const job = resolve(turn, pod, controller);
  if (job === null || isFinished(job)) {
    if (isTracked(pod) && controller.kind === "Job") enqueueOrphan(turn, pod);
    return;
  }
  if (!isTracked(pod)) removalSeen(turn, job, uidOf(pod));
  enqueueBatched(turn, job);
}

/** deletePod: it is gone for good, or it has just begun to be deleted. */
function podDeleted(turn: JobTurn, pod: Pod, final: boolean): void {
  const controller = controllerOf(pod);
  const tracked = isTracked(pod) && !final;
  if (controller === null) {
    if (tracked) enqueueOrphan(turn, pod);
    return;
  }
  const job = resolve(turn, pod, controller);
  if (job === null || isFinished(job)) {
    if (tracked && controller.kind === "Job") enqueueOrphan(turn, pod);
    return;
  }
  const expectations = deletionObserved(turn.state.expectations, keyOf(job), keyOf(pod));
  turn.state = { ...turn.state, expectations };
  if (final || !isTracked(pod)) removalSeen(turn, job, uidOf(pod));
  enqueueBatched(turn, job);
}

export function resolve(turn: JobTurn, { metadata }: Pod, controller: OwnerReference): Job | null {
  return resolveOwner<Job>(turn, JOBS, metadata.namespace, controller);
}

function enqueueMatching(turn: JobTurn, pod: Pod): void {
  for (const job of ownersMatching<Job>(turn, JOBS.resource, pod)) enqueueBatched(turn, job);
}
