import type { Micros } from "../../models/kernel/index.ts";
import type { Job, Uid } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { controllerOf, isDeleting, isTrue } from "../cluster/objects.ts";
import { programsOf } from "../cluster/programs.ts";
import { podsOf, whyNotReady } from "./converging.ts";

/** A CronJob begins a new one now and then: those have the time that six failures take, and more. */
const NEW_US: Micros = 20 * 60_000_000;

/** L12. A Job whose programs end by themselves comes to an end: complete, or failed. A suspended one waits. */
export const jobsEnd: ClusterProperty = {
  id: "workloads/jobs-end",
  kind: "eventually",
  source:
    'kubernetes concepts, Job: "A Job creates one or more Pods and will continue to retry execution of the Pods until a specified number of them successfully terminate"; kubernetes#78721, #125410',
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
    const isNew = (job: Job) =>
      controllerOf(job)?.kind === "CronJob" && context.now() - (createdAt.get(job.metadata.uid ?? "") ?? 0) <= NEW_US;
    return ledger.with({
      pending() {
        for (const { key, object: job } of ledger.all<Job>("jobs").values()) {
          const { spec, status } = job;
          if (isDeleting(job) || isNew(job) || spec.suspend === true || programs.neverEnds(spec.template.spec))
            continue;
          if (isTrue(status?.conditions, "Complete") || isTrue(status?.conditions, "Failed")) continue;
          const pods = podsOf(ledger, job.metadata.uid ?? "");
          const counted = `Job ${key} has ${status?.succeeded ?? 0} of ${spec.completions ?? 1} completions, ${status?.failed ?? 0} failures and ${pods.length} pods`;
          return pods.length === 0 ? counted : `${counted}: ${whyNotReady(pods[0]!)}`;
        }
        return null;
      },
    });
  },
};
