import type { Job, JobSpec, StringMap } from "../../machinery/kinds/index.ts";
import { type KindRules, specChanged } from "./base.ts";
import { selects, validateLabelSelector, validateNotNegative, validateOneOf } from "./common.ts";
import { type Errors, invalid, notSupported, required } from "./fields.ts";
import { filled, mapped } from "./fill.ts";
import { podTemplateDefaults } from "./pod-defaults.ts";
import { validatePodTemplate } from "./pod-spec.ts";
import { validateImmutable } from "./pod-template.ts";

export const JOB: KindRules<Job> = {
  generation: specChanged,
  defaults: jobDefaults,
  // Whoever reads it sees the defaults again, now with the labels that are generated.
  create: (job) => labelled(generateSelector({ ...job, status: {} })),
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  validateStatus: validateJobStatus,
  // batch/job strategy DefaultGarbageCollectionPolicy: of batch/v1 in the background.
  defaultPropagation: "Background",
  fields: ({ status }) => ({ "status.successful": String(status?.succeeded ?? 0) }),
};

/** batch/v1 SetDefaults_Job: the labels are those of its pods, where it has none. */
function jobDefaults(job: Job): Job {
  return mapped(labelled(job), "spec", jobSpecDefaults);
}

function labelled(job: Job): Job {
  const labels = job.spec.template?.metadata?.labels;
  if (labels === undefined || Object.keys(job.metadata.labels ?? {}).length > 0) return job;
  return { ...job, metadata: { ...job.metadata, labels } };
}

function jobSpecDefaults(spec: JobSpec): JobSpec {
  const said =
    spec.completions === undefined && spec.parallelism === undefined ? filled(spec, { completions: 1 }) : spec;
  const result = filled(said, {
    parallelism: 1,
    backoffLimit: 6,
    completionMode: "NonIndexed",
    suspend: false,
    podReplacementPolicy: hasFailurePolicy(spec) ? "Failed" : "TerminatingOrFailed",
    manualSelector: false,
  });
  return mapped(result, "template", podTemplateDefaults);
}

function hasFailurePolicy(spec: JobSpec): boolean {
  return (spec as { readonly podFailurePolicy?: unknown }).podFailurePolicy !== undefined;
}

const UID_LABEL = "batch.kubernetes.io/controller-uid";
const NAME_LABEL = "batch.kubernetes.io/job-name";

/** batch/job strategy generateSelector: pods are told apart by the UID of their job. */
function generateSelector(job: Job): Job {
  if (job.spec?.manualSelector === true) return job;
  const { name, uid } = job.metadata;
  const generated = { "job-name": name, [NAME_LABEL]: name, "controller-uid": uid ?? "", [UID_LABEL]: uid ?? "" };
  const template = job.spec?.template ?? { spec: { containers: [] } };
  const labels = filled<StringMap>(template.metadata?.labels ?? {}, generated);
  const matchLabels = filled<StringMap>(job.spec?.selector?.matchLabels ?? {}, { [UID_LABEL]: uid ?? "" });
  return {
    ...job,
    spec: {
      ...job.spec,
      selector: { ...job.spec?.selector, matchLabels },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

/** batch/validation ValidateJob. */
function validateJob(job: Job, errors: Errors): void {
  const spec: Partial<JobSpec> = job.spec ?? {};
  validateGeneratedSelector(job, errors);
  validateJobSpec(spec, "spec", errors);
  if (spec.selector === undefined) {
    errors.push(required("spec.selector"));
    return;
  }
  validateLabelSelector(spec.selector, "spec.selector", errors);
  const labels = spec.template?.metadata?.labels;
  if (!selects(spec.selector, labels))
    errors.push(invalid("spec.template.metadata.labels", labels ?? {}, "`selector` does not match template `labels`"));
}

/** batch/validation ValidateGeneratedSelector. */
function validateGeneratedSelector(job: Job, errors: Errors): void {
  if (job.spec?.manualSelector === true || job.spec?.selector === undefined) return;
  const { name, uid } = job.metadata;
  if (!uid) {
    errors.push(required("metadata.uid"));
    return;
  }
  const labels = job.spec.template?.metadata?.labels ?? {};
  for (const [label, expected] of [
    [UID_LABEL, uid],
    [NAME_LABEL, name],
  ] as const)
    if (labels[label] !== expected)
      errors.push(
        labels[label] === undefined
          ? required(`spec.template.metadata.labels[${label}]`, `must be '${expected}'`)
          : invalid("spec.template.metadata.labels", labels, `must be '${expected}'`),
      );
  if (!selects(job.spec.selector, { [UID_LABEL]: uid, [NAME_LABEL]: name, "controller-uid": uid, "job-name": name }))
    errors.push(invalid("spec.selector", job.spec.selector, "`selector` not auto-generated"));
}

const COUNTS = [
  "parallelism",
  "completions",
  "activeDeadlineSeconds",
  "backoffLimit",
  "ttlSecondsAfterFinished",
] as const;
const INDEXED_PARALLELISM_MAX = 100_000;

/** batch/validation validateJobSpec. It is for the template of a CronJob too. */
export function validateJobSpec(spec: Partial<JobSpec>, field: string, errors: Errors): void {
  for (const name of COUNTS) validateNotNegative(spec[name], `${field}.${name}`, errors);
  validateOneOf(spec.completionMode, ["NonIndexed", "Indexed"], `${field}.completionMode`, errors);
  if (spec.completionMode === "Indexed") {
    if (spec.completions === undefined)
      errors.push(required(`${field}.completions`, "when completion mode is Indexed"));
    if ((spec.parallelism ?? 0) > INDEXED_PARALLELISM_MAX)
      errors.push(
        invalid(
          `${field}.parallelism`,
          spec.parallelism,
          `must be less than or equal to ${INDEXED_PARALLELISM_MAX} when completion mode is Indexed`,
        ),
      );
  }
  validateOneOf(spec.podReplacementPolicy, ["Failed", "TerminatingOrFailed"], `${field}.podReplacementPolicy`, errors);
  validatePodTemplate(spec.template, `${field}.template`, errors);
  const policy = spec.template?.spec?.restartPolicy ?? "Always";
  if (policy === "Always")
    errors.push(required(`${field}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'));
  else if (policy !== "OnFailure" && policy !== "Never")
    errors.push(notSupported(`${field}.template.spec.restartPolicy`, policy, ["OnFailure", "Never"]));
}

/** batch/validation ValidateJobUpdate. */
function validateJobUpdate(job: Job, old: Job, errors: Errors): void {
  const { spec } = job;
  if (spec === old.spec) return;
  const isElastic = spec.completionMode === "Indexed" && spec.completions === spec.parallelism;
  if (!isElastic) validateImmutable(spec.completions, old.spec.completions, "spec.completions", errors);
  validateImmutable(spec.selector, old.spec.selector, "spec.selector", errors);
  validateImmutable(spec.completionMode, old.spec.completionMode, "spec.completionMode", errors);
  // A suspended job that has not started may still be placed elsewhere (validatePodTemplateUpdate).
  const maySchedule = old.spec.suspend === true && old.status?.startTime === undefined;
  if (!maySchedule) validateImmutable(spec.template, old.spec.template, "spec.template", errors);
}

/** batch/validation ValidateJobStatusUpdate. */
function validateJobStatus(job: Job, old: Job, errors: Errors): void {
  const status = job.status ?? {};
  for (const name of ["active", "succeeded", "failed", "ready", "terminating"] as const)
    validateNotNegative(status[name], `status.${name}`, errors);
  const isFinished = (one: Job["status"], type: string) =>
    (one?.conditions ?? []).some((condition) => condition.type === type && condition.status === "True");
  for (const type of ["Complete", "Failed"])
    if (isFinished(old.status, type) && !isFinished(status, type))
      errors.push(
        invalid("status.conditions", status.conditions ?? [], `cannot disable the terminal ${type}=True condition`),
      );
  if (isFinished(status, "Complete") && isFinished(status, "Failed"))
    errors.push(invalid("status.conditions", status.conditions, "cannot set Complete=True and Failed=true conditions"));
}
