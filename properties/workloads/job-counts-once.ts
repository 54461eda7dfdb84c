import type { Micros } from "../../models/kernel/index.ts";
import type { Job, Pod, Uid } from "../../models/machinery/kinds/index.ts";
import { callLedgerOf } from "../cluster/calls.ts";
import type { ClusterContext, ClusterProperty } from "../cluster/cluster-property.ts";
import { type Change, type ClusterLedger, subMap } from "../cluster/ledger.ts";
import { controllerOf, isActive, isDeleting, isTerminal, isTrue, microsOf, phaseOf } from "../cluster/objects.ts";
import { RecentNumbers } from "../cluster/recent.ts";
import { creationsOf, watchingCreations } from "./creations.ts";

/** How long a sync may take that was begun with another parallelism. */
const SYNC_US: Micros = 30_000_000;

/** Pods that are younger may be on their way to who leads, or have been made by one that does not any more. */
const SETTLED_US: Micros = 4_000_000;

/**
 * S30. A Job counts each of its pods once: it has no more successes than pods that succeeded, nor more failures than pods
 * that failed or were deleted, nor more successes than completions. Counts do not go back, nor does its end. Its controller
 * asks for no pod beyond what is left to do, also right after it has begun to lead, and for none after it has seen, or made, the end.
 */
export const jobCountsOnce: ClusterProperty = {
  id: "workloads/job-counts-once",
  kind: "always",
  source:
    "kubernetes pkg/controller/job/job_controller.go, trackJobStatusAndRemoveFinalizers, manageJob; KEP-2307; kubernetes#105200, #99963, #109485",
  monitor(context) {
    const calls = callLedgerOf(context);
    const pods = new Map<Uid, Map<Uid, Outcome>>();
    const parallelism = new RecentNumbers(SYNC_US);
    /** By Job: which leader has written its end. */
    const ended = new Map<Uid, string>();
    calls.ledger.on<Pod>("pods", (change) => followPod(pods, change));
    calls.ledger.on<Job>("jobs", (change) => {
      const { before, after, atUs } = change;
      const uid = (after ?? before)?.metadata.uid ?? "";
      if (after === null) {
        pods.delete(uid);
        parallelism.forget(uid);
        ended.delete(uid);
        return;
      }
      parallelism.set(uid, after.spec.parallelism ?? 1, atUs);
      checkCounts(context, change, pods.get(uid) ?? new Map());
    });
    calls.listen({
      called({ request }, { id, incarnation }) {
        if (request.verb !== "update" || request.resource !== "jobs" || request.subresource !== "status") return;
        if (hasEnded(request.object as Job)) ended.set(request.object.metadata.uid ?? "", `${id} ${incarnation}`);
      },
    });
    creationsOf(context).listen(({ process, owner, ownerSeen, known }) => {
      if (owner.kind !== "Job" || ownerSeen === null) return;
      const job = ownerSeen as Job;
      const now = calls.ledger.get<Job>("jobs", `${job.metadata.namespace}/${owner.name}`)?.object;
      const wroteEnd =
        ended.get(owner.uid) === `${process.id} ${process.incarnation}` && now !== undefined && hasEnded(now);
      if (hasEnded(job) || wroteEnd) {
        context.violate(`${process.id} asks for another pod of Job ${owner.name}, which it knows to have ended`, {
          uid: owner.uid,
        });
        return;
      }
      const most = Math.max(job.spec.parallelism ?? 1, parallelism.max(owner.uid, context.now()) ?? 0);
      const left = job.spec.completions === undefined ? most : job.spec.completions - (job.status?.succeeded ?? 0);
      const there = settledPods(calls.ledger, owner.uid, context.now());
      if (there >= Math.min(most, left))
        context.violate(
          `${process.id} asks for another pod of Job ${owner.name}, which has ${left} left to complete, ${most} at a time, and ${there} have been there for some time`,
          { uid: owner.uid },
        );
      else if (known.length >= Math.min(most, left))
        context.violate(
          `${process.id} asks for another pod of Job ${owner.name}, which has ${left} left to complete, ${most} at a time, and it knows of ${known.length}`,
          { uid: owner.uid },
        );
    });
    return watchingCreations(context);
  },
};

/** Its active pods that have been there for so long that a new leader can have learnt of them before it made others. */
function settledPods(ledger: ClusterLedger, uid: Uid, now: Micros): number {
  let count = 0;
  for (const { object } of ledger.controlledBy<Pod>(uid, "pods"))
    if (isActive(object) && now - microsOf(object.metadata.creationTimestamp ?? "") > SETTLED_US) count++;
  return count;
}

function hasEnded({ status }: Job): boolean {
  return isTrue(status?.conditions, "Complete") || isTrue(status?.conditions, "Failed");
}

/** A pod that is deleted counts as failed at once, and may still succeed: then it is both. */
interface Outcome {
  succeeded: boolean;
  failed: boolean;
}

function followPod(pods: Map<Uid, Map<Uid, Outcome>>, { before, after }: Change<Pod>): void {
  const pod = after ?? before!;
  const owner = controllerOf(pod);
  if (owner?.kind !== "Job" || pod.metadata.uid === undefined) return;
  const known = subMap(pods, owner.uid);
  const outcome = known.get(pod.metadata.uid) ?? { succeeded: false, failed: false };
  known.set(pod.metadata.uid, outcome);
  if (phaseOf(pod) === "Succeeded") outcome.succeeded = true;
  else if (after === null || isDeleting(pod) || isTerminal(pod)) outcome.failed = true;
}

function checkCounts(
  context: ClusterContext,
  { key, before, after }: Change<Job>,
  pods: ReadonlyMap<Uid, Outcome>,
): void {
  const { spec, status } = after!;
  const succeeded = status?.succeeded ?? 0;
  const failed = status?.failed ?? 0;
  let successes = 0;
  let failures = 0;
  for (const outcome of pods.values()) {
    if (outcome.succeeded) successes++;
    if (outcome.failed) failures++;
  }
  const evidence = { succeeded, failed, pods: pods.size, successes, failures };
  const say = (what: string) => context.violate(`Job ${key} ${what}`, evidence);
  if (spec.completions !== undefined && succeeded > spec.completions)
    say(`counts ${succeeded} successes, and wants ${spec.completions}`);
  else if (succeeded > successes) say(`counts ${succeeded} successes, and ${successes} of its pods have succeeded`);
  else if (failed > failures) say(`counts ${failed} failures, and ${failures} of its pods have failed or were deleted`);
  if (before === null || before.metadata.uid !== after!.metadata.uid) return;
  if (succeeded < (before.status?.succeeded ?? 0) && spec.completionMode !== "Indexed")
    say(`counted ${before.status?.succeeded} successes, and now ${succeeded}`);
  else if (failed < (before.status?.failed ?? 0)) say(`counted ${before.status?.failed} failures, and now ${failed}`);
  else if (hasEnded(before) && !hasEnded(after!)) say("had ended, and has not any more");
}
