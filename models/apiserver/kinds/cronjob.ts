import type { CronJob, CronJobSpec, JobSpec } from "../../machinery/kinds/index.ts";
import { type KindRules, specChanged } from "./base.ts";
import { validateNotNegative, validateOneOf } from "./common.ts";
import { scheduleError } from "./cron-schedule.ts";
import { type Errors, invalid, notSupported, required } from "./fields.ts";
import { filled, mapped } from "./fill.ts";
import { validateJobSpec } from "./job.ts";
import { validateAnnotations, validateLabels } from "./meta.ts";
import { dnsSubdomain } from "./names.ts";
import { podTemplateDefaults } from "./pod-defaults.ts";

/** The longest name, so that those of its jobs are no longer than 63 (batch/validation ValidateCronJobCreate). */
const NAME_CHARACTERS_MAX = 52;

export const CRON_JOB: KindRules<CronJob> = {
  name: (name) =>
    name.length > NAME_CHARACTERS_MAX
      ? [...dnsSubdomain(name), "must be no more than 52 characters"]
      : dnsSubdomain(name),
  generation: specChanged,
  defaults: (job) => mapped(job, "spec", cronJobDefaults),
  create: (job) => ({ ...job, status: {} }),
  validate: validateCronJob,
};

/** batch/v1 SetDefaults_CronJob. */
function cronJobDefaults(spec: CronJobSpec): CronJobSpec {
  const result = filled(spec, {
    concurrencyPolicy: "Allow",
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  // The defaults of a job come when there is one; those of its pods are here already.
  return mapped(result, "jobTemplate", (template) =>
    mapped(template, "spec", (job) => mapped(job, "template", podTemplateDefaults)),
  );
}

/** batch/validation validateCronJobSpec. */
function validateCronJob(job: CronJob, errors: Errors): void {
  const spec: Partial<CronJobSpec> = job.spec ?? {};
  validateSchedule(spec, errors);
  validateNotNegative(spec.startingDeadlineSeconds, "spec.startingDeadlineSeconds", errors);
  validateOneOf(spec.concurrencyPolicy, ["Allow", "Forbid", "Replace"], "spec.concurrencyPolicy", errors);
  validateNotNegative(spec.successfulJobsHistoryLimit, "spec.successfulJobsHistoryLimit", errors);
  validateNotNegative(spec.failedJobsHistoryLimit, "spec.failedJobsHistoryLimit", errors);
  const template: Partial<JobSpec> = spec.jobTemplate?.spec ?? {};
  validateLabels(spec.jobTemplate?.metadata?.labels, "spec.jobTemplate.labels", errors);
  validateAnnotations(spec.jobTemplate?.metadata?.annotations, "spec.jobTemplate.annotations", errors);
  validateJobSpec(template, "spec.jobTemplate.spec", errors);
  if (template.selector !== undefined)
    errors.push(invalid("spec.jobTemplate.spec.selector", template.selector, "`selector` will be auto-generated"));
  if (template.manualSelector === true)
    errors.push(notSupported("spec.jobTemplate.spec.manualSelector", true, ["nil", "false"]));
}

/** batch/validation validateScheduleFormat. */
function validateSchedule({ schedule, timeZone }: Partial<CronJobSpec>, errors: Errors): void {
  if (!schedule) {
    errors.push(required("spec.schedule"));
    return;
  }
  const error = scheduleError(schedule);
  if (error !== null) errors.push(invalid("spec.schedule", schedule, error));
  if (schedule.includes("TZ") && timeZone !== undefined)
    errors.push(invalid("spec.schedule", schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule"));
  else if (schedule.includes("TZ"))
    errors.push(invalid("spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"));
  if (timeZone === "") errors.push(invalid("spec.timeZone", timeZone, "timeZone must be nil or non-empty string"));
  else if (timeZone?.toLowerCase() === "local")
    errors.push(
      invalid(
        "spec.timeZone",
        timeZone,
        "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",
      ),
    );
}
