/** What the workloads' templates and selectors have in common (kubernetes pkg/apis/apps/validation/validation.go). */
import { deepEqual } from "../../machinery/equality.ts";
import type { LabelSelector, PodSpec, PodTemplateSpec } from "../../machinery/kinds/index.ts";
import { isEmptySelector, selects, validateLabelSelector } from "./common.ts";
import { type Errors, forbidden, IMMUTABLE, invalid, notSupported, required } from "./fields.ts";
import { type PodSpecPlace, validatePodTemplate } from "./pod-spec.ts";

const NOT_MATCHING = "`selector` does not match template `labels`";

/** A selector that is there, and selects something. `kind` as the message has it: `deployment`. */
export function validateSelector(
  selector: LabelSelector | undefined,
  kind: string,
  field: string,
  errors: Errors,
): void {
  if (selector === undefined) {
    errors.push(required(field));
    return;
  }
  validateLabelSelector(selector, field, errors);
  if (isEmptySelector(selector)) errors.push(invalid(field, selector, `empty selector is invalid for ${kind}`));
}

/** The template's labels must be found by the selector, and the template must be one of pods. */
export function validateSelectedTemplate(
  template: PodTemplateSpec | undefined,
  selector: LabelSelector | undefined,
  field: string,
  errors: Errors,
  place: PodSpecPlace = {},
): void {
  const labels = template?.metadata?.labels;
  if (selector !== undefined && !isEmptySelector(selector) && !selects(selector, labels))
    errors.push(invalid(`${field}.metadata.labels`, labels ?? {}, NOT_MATCHING));
  validatePodTemplate(template, field, errors, place);
}

/** ValidatePodTemplateSpecForReplicaSet and its likes: pods that are to stay. */
export function validateLastingTemplate(template: PodTemplateSpec | undefined, field: string, errors: Errors): void {
  const spec: Partial<PodSpec> = template?.spec ?? {};
  if (spec.restartPolicy !== "Always" && spec.restartPolicy !== undefined)
    errors.push(notSupported(`${field}.spec.restartPolicy`, spec.restartPolicy, ["Always"]));
  if (spec.activeDeadlineSeconds !== undefined)
    errors.push(forbidden(`${field}.spec.activeDeadlineSeconds`, "must not be specified"));
}

/** core/validation ValidateImmutableField. */
export function validateImmutable(value: unknown, old: unknown, field: string, errors: Errors): void {
  if (value !== old && !deepEqual(value, old)) errors.push(invalid(field, value, IMMUTABLE));
}
