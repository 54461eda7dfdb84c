import type { Micros } from "../../models/kernel/index.ts";
import type { Job, Pod, Uid } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { type ClusterLedger, clusterLedgerOf } from "../cluster/ledger.ts";
import { controllerOf, isDeleting, isTrue } from "../cluster/objects.ts";
import { programsOf } from "../cluster/programs.ts";
import { podsOf, whyNotReady } from "./converging.ts";

/** A CronJob begins a new one now and then: those have the time that six failures take, and more. */
const NEW_US: Micros = 20 * 60_000_000;

const TRACKING = "batch.kubernetes.io/job-tracking";

/**
 * A manager counts a Job's backoff from the end of its last failed pod, as the node's clock had it. Where its own clock is as
 * much behind as this, it waits for that time to come, and for hours if need be: so does the real one (backoff_utils.go).
 */
const BEHIND_US: Micros = 60_000_000;

/** How long it may take until the finalizer is off. */
const KEPT_US: Micros = 10_000_000;

/**
 * L12. A Job whose programs end by themselves comes to an end: complete, or failed. A suspended one waits. And when it has
 * come to its end, or is gone, none of its pods keeps the finalizer by which it would be counted. Where clocks are far apart,
 * one that has failed before may wait.
 */
export const jobsEnd: ClusterProperty = {
  id: "workloads/jobs-end",
  kind: "eventually",
  source:
    'kubernetes concepts, Job: "A Job creates one or more Pods and will continue to retry execution of the Pods until a specified number of them successfully terminate"; kubernetes#78721, #125410, #109485',
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    const programs = programsOf(context);
    /** By UID. */
    const createdAt = new Map<Uid, Micros>();
    ledger.on<Job>("jobs", ({ before, after, atUs }) => {
      const uid = (after ?? before)?.metadata.uid ?? "";
      if (after === null) createdAt.delete(uid);
      else if (before === null) createdAt.set(uid, atUs);
    });
    /** How far calendar clocks are ahead of true time: of managers now, and of the kubelet that was furthest. */
    const managers = new Map<string, Micros>();
    let furthestNode = Number.NEGATIVE_INFINITY;
    const mayWait = ({ metadata, status }: Job) =>
      furthestNode - Math.min(...managers.values()) > BEHIND_US &&
      ((status?.failed ?? 0) > 0 ||
        podsOf(ledger, metadata.uid ?? "").some(({ object }) => object.status?.phase === "Failed"));
    const isNew = (job: Job) =>
      controllerOf(job)?.kind === "CronJob" && context.now() - (createdAt.get(job.metadata.uid ?? "") ?? 0) <= NEW_US;
    return ledger.with({
      concerns: { changes: ["slots", "workers"], messages: [], notes: [] },
      onStep({ id }, _before, { kind }, { wall }) {
        const ahead = wall - context.now();
        if (kind === "controllerManager") managers.set(id, ahead);
        else if (kind === "kubelet") furthestNode = Math.max(furthestNode, ahead);
      },
      pending() {
        const kept = keptFinalizer(ledger, context.now());
        if (kept !== null) return kept;
        for (const { key, object: job } of ledger.all<Job>("jobs").values()) {
          const { spec, status } = job;
          if (isDeleting(job) || isNew(job) || spec.suspend === true || programs.neverEnds(spec.template.spec))
            continue;
          if (isTrue(status?.conditions, "Complete") || isTrue(status?.conditions, "Failed") || mayWait(job)) continue;
          const pods = podsOf(ledger, job.metadata.uid ?? "");
          const counted = `Job ${key} has ${status?.succeeded ?? 0} of ${spec.completions ?? 1} completions, ${status?.failed ?? 0} failures and ${pods.length} pods`;
          return pods.length === 0 ? counted : `${counted}: ${whyNotReady(pods[0]!)}`;
        }
        return null;
      },
    });
  },
};

/** A pod with the finalizer of tracking, and nobody who will take it off. */
function keptFinalizer(ledger: ClusterLedger, now: Micros): string | null {
  for (const { key, object: pod, atUs } of ledger.all<Pod>("pods").values()) {
    const owner = controllerOf(pod);
    if (owner?.kind !== "Job" || !(pod.metadata.finalizers ?? []).includes(TRACKING)) continue;
    const job = ledger.byUid(owner.uid)?.object as Job | undefined;
    const hasEnded =
      job === undefined || isTrue(job.status?.conditions, "Complete") || isTrue(job.status?.conditions, "Failed");
    if (hasEnded && now - atUs > KEPT_US)
      return `pod ${key} keeps the finalizer ${TRACKING}, and Job ${owner.name} ${job === undefined ? "is gone" : "has ended"}`;
  }
  return null;
}
