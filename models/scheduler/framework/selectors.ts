/** Label selectors as the scheduler's plugins read them, and why one cannot be read. */
import type { LabelSelector, StringMap } from "../../machinery/kinds/index.ts";
import { matchesLabels, type Requirement, type Selector, selectorOf } from "../../machinery/selectors.ts";

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const VALUE_FLAW =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const NAME_FLAW =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** Why a selector cannot be read, in the words of labels.NewRequirement (apimachinery labels/selector.go); else null. */
export function selectorFlaw(selector: LabelSelector | undefined): string | null {
  for (const requirement of selectorOf(selector).requirements) {
    const flaw = requirementFlaw(requirement);
    if (flaw !== null) return flaw;
  }
  return null;
}

/** apimachinery labels/selector.go, NewRequirement. */
export function requirementFlaw({ key, operator, values }: Requirement): string | null {
  const named = keyFlaw(key);
  if (named !== null) return `key: Invalid value: "${key}": ${named}`;
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length === 0)
        return "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty";
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0)
        return `values: Invalid value: ${JSON.stringify(values)}: values set must be empty for exists and does not exist`;
      break;
    case "Gt":
    case "Lt":
      if (values.length !== 1)
        return `values: Invalid value: ${JSON.stringify(values)}: for 'Gt', 'Lt' operators, exactly one value is required`;
      if (!/^[+-]?\d+$/.test(values[0]!))
        return `values[0]: Invalid value: "${values[0]}": for 'Gt', 'Lt' operators, the value must be an integer`;
      break;
  }
  for (const [index, value] of values.entries())
    if (value.length > 63) return `values[${index}][${key}]: Invalid value: "${value}": must be no more than 63 bytes`;
    else if (!VALUE.test(value)) return `values[${index}][${key}]: Invalid value: "${value}": ${VALUE_FLAW}`;
  return null;
}

function keyFlaw(key: string): string | null {
  const parts = key.split("/");
  const name = parts.at(-1)!;
  if (parts.length > 2)
    return `a qualified name ${NAME_FLAW.slice("name part ".length)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
  if (parts.length === 2 && !SUBDOMAIN.test(parts[0]!)) return "prefix part must be a DNS subdomain";
  if (name === "") return "name part must be non-empty";
  if (name.length > 63) return "name part must be no more than 63 bytes";
  return NAME.test(name) ? null : NAME_FLAW;
}

/** It selects everything (Selector.Empty); one that selects nothing is not empty. */
export function isEmptySelector({ nothing, requirements }: Selector): boolean {
  return !nothing && requirements.length === 0;
}

/** Both hold: the requirements of the second after those of the first. One that selects nothing stays so. */
export function bothSelectors(one: Selector, two: Selector): Selector {
  if (one.nothing || two.nothing) return { nothing: true, requirements: [] };
  return { nothing: false, requirements: [...one.requirements, ...two.requirements] };
}

/** All of them hold. */
export function matchesEach(selectors: readonly Selector[], labels: StringMap | undefined): boolean {
  for (const selector of selectors) if (!matchesLabels(selector, labels)) return false;
  return true;
}
