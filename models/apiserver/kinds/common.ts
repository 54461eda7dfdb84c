import type {
  IntOrString,
  LabelSelector,
  LabelSelectorRequirement,
  ResourceList,
  StringMap,
} from "../../machinery/kinds/index.ts";
import { milliValue, quantityError, value } from "../../machinery/quantity.ts";
import { matchesLabels, selectorOf } from "../../machinery/selectors.ts";
import { type Errors, forbidden, invalid, invalidAll, notSupported, required } from "./fields.ts";
import { validateLabels } from "./meta.ts";
import { labelValue, percent, qualifiedName } from "./names.ts";

export const NOT_NEGATIVE = "must be greater than or equal to 0";

/** core/validation ValidateNonnegativeField. Nothing said is right. */
export function validateNotNegative(value: number | undefined, field: string, errors: Errors): void {
  if (value !== undefined && value < 0) errors.push(invalid(field, value, NOT_NEGATIVE));
}

export function validateOneOf(
  value: string | undefined,
  supported: readonly string[],
  field: string,
  errors: Errors,
): void {
  if (value !== undefined && !supported.includes(value)) errors.push(notSupported(field, value, supported));
}

/** core/validation ValidatePositiveIntOrPercent. */
export function validatePositiveIntOrPercent(value: IntOrString | undefined, field: string, errors: Errors): void {
  if (value === undefined) return;
  if (typeof value === "string") {
    if (percent(value).length > 0) errors.push(invalid(field, value, "must be an integer or percentage (e.g '5%')"));
  } else validateNotNegative(value, field, errors);
}

/** core/validation IsNotMoreThan100Percent. */
export function validateNotMoreThan100Percent(value: IntOrString | undefined, field: string, errors: Errors): void {
  const share = percentOf(value);
  if (share !== null && share > 100) errors.push(invalid(field, value, "must not be greater than 100%"));
}

/** The number of a percentage; null for anything else. */
export function percentOf(value: IntOrString | undefined): number | null {
  return typeof value === "string" && percent(value).length === 0 ? Number(value.slice(0, -1)) : null;
}

/** Zero, as a number or as a share (apps/validation getIntOrPercentValue). */
export function isZero(value: IntOrString | undefined): boolean {
  return (percentOf(value) ?? value ?? 0) === 0;
}

/** meta/v1/validation ValidateLabelSelector. */
export function validateLabelSelector(selector: LabelSelector | undefined, field: string, errors: Errors): void {
  if (selector === undefined) return;
  validateLabels(selector.matchLabels, `${field}.matchLabels`, errors);
  (selector.matchExpressions ?? []).forEach((requirement, index) => {
    validateRequirement(requirement, `${field}.matchExpressions[${index}]`, errors);
  });
}

/** meta/v1/validation ValidateLabelSelectorRequirement. */
function validateRequirement(requirement: LabelSelectorRequirement, field: string, errors: Errors): void {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case "In":
    case "NotIn":
      if (values.length === 0)
        errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0)
        errors.push(forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    default:
      errors.push(invalid(`${field}.operator`, requirement.operator ?? "", "not a valid selector operator"));
  }
  invalidAll(errors, `${field}.key`, requirement.key ?? "", qualifiedName(requirement.key ?? ""));
  values.forEach((value, index) => {
    invalidAll(errors, `${field}.values[${index}]`, value, labelValue(value));
  });
}

export function isEmptySelector(selector: LabelSelector | undefined): boolean {
  return (
    selector === undefined ||
    (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0)
  );
}

/** Whether a workload's selector finds the pods of its own template. A selector that is broken is told of elsewhere. */
export function selects(selector: LabelSelector, labels: StringMap | undefined): boolean {
  return matchesLabels(selectorOf(selector), labels);
}

/** Resources that a container may ask for without a domain (core/helper IsStandardContainerResourceName). */
const STANDARD_RESOURCES = ["cpu", "memory", "ephemeral-storage"];

/** core/validation validateContainerResourceName, and ValidateResourceQuantityValue. */
export function validateResourceList(
  list: ResourceList | undefined,
  field: string,
  errors: Errors,
  names: readonly string[] = STANDARD_RESOURCES,
): void {
  if (list === undefined) return;
  for (const name of Object.keys(list)) {
    const at = `${field}[${name}]`;
    invalidAll(errors, at, name, qualifiedName(name));
    if (!name.includes("/") && !names.includes(name) && !name.startsWith("hugepages-"))
      errors.push(invalid(at, name, "must be a standard resource for containers"));
    if (!validateQuantity(list[name]!, at, errors)) continue;
    if (name.includes("/") && milliValue(list[name]!) % 1000 !== 0)
      errors.push(invalid(at, String(list[name]), "must be an integer"));
    const page = name.startsWith("hugepages-") ? value(name.slice("hugepages-".length)) : 0;
    if (page > 0 && value(list[name]!) % page !== 0)
      errors.push(invalid(at, String(list[name]), `${list[name]} is not positive integer multiple of ${name}`));
  }
}

/** Whether a quantity parses, and is not negative (core/validation ValidateNonnegativeQuantity). */
export function validateQuantity(quantity: string | number, field: string, errors: Errors): boolean {
  const error = quantityError(quantity);
  if (error !== null) {
    errors.push(invalid(field, quantity, error));
    return false;
  }
  if (milliValue(quantity) < 0) {
    errors.push(invalid(field, String(quantity), NOT_NEGATIVE));
    return false;
  }
  return true;
}
