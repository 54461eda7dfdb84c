import type { CronJob, Job } from "../../machinery/kinds/index.ts";
import type { ControllerTurn, NO_SETTINGS, Outcome } from "../controller.ts";

/** Goes on with each answer from what is still to be done. */
export type CronJobTask =
  /** Jobs beyond the history are deleted. */
  | { readonly step: "history"; readonly cronJob: CronJob; readonly left: readonly Job[] }
  /** The status, as the jobs that there are say it. */
  | { readonly step: "status"; readonly cronJob: CronJob }
  | { readonly step: "activeRead"; readonly cronJob: CronJob; readonly left: readonly ActiveJob[] }
  /** Active jobs are deleted to make room for the next. */
  | { readonly step: "replace"; readonly cronJob: CronJob; readonly left: readonly Job[]; readonly at: number }
  | { readonly step: "create"; readonly cronJob: CronJob; readonly at: number }
  /** The name of the job that is to be created is taken. */
  | { readonly step: "existing"; readonly cronJob: CronJob; readonly at: number; readonly name: string }
  | { readonly step: "scheduled"; readonly cronJob: CronJob };

export type ActiveJob = NonNullable<NonNullable<CronJob["status"]>["active"]>[number];

export type CronJobTurn = ControllerTurn<null, typeof NO_SETTINGS>;
export type CronJobOutcome = Outcome<CronJobTask>;
