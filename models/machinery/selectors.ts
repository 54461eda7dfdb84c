import type { LabelSelector, StringMap } from "./kinds/index.ts";

export interface Requirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
  readonly values: readonly string[];
}

/** All requirements hold. `nothing`: no object is selected (apimachinery labels.Nothing). */
export interface Selector {
  readonly nothing: boolean;
  readonly requirements: readonly Requirement[];
}

export const EVERYTHING: Selector = Object.freeze({ nothing: false, requirements: Object.freeze([]) as readonly [] });
export const NOTHING: Selector = Object.freeze({ nothing: true, requirements: Object.freeze([]) as readonly [] });

/** No selector selects nothing, an empty one everything (apimachinery meta/v1, LabelSelectorAsSelector). */
export function selectorOf(selector: LabelSelector | undefined): Selector {
  if (selector === undefined) return NOTHING;
  const { matchLabels, matchExpressions } = selector;
  const requirements: Requirement[] = [];
  if (matchLabels !== undefined)
    for (const key of Object.keys(matchLabels).sort())
      requirements.push({ key, operator: "In", values: [matchLabels[key]!] });
  for (const { key, operator, values } of matchExpressions ?? [])
    requirements.push({ key, operator, values: values ?? [] });
  return requirements.length === 0 ? EVERYTHING : { nothing: false, requirements };
}

/** The selector of labels that must all be there (apimachinery labels.SelectorFromSet). */
export function selectorOfLabels(labels: StringMap | undefined): Selector {
  return selectorOf({ matchLabels: labels ?? {} });
}

export function matchesLabels(selector: Selector, labels: StringMap | undefined): boolean {
  if (selector.nothing) return false;
  for (const requirement of selector.requirements) if (!meets(requirement, labels)) return false;
  return true;
}

/** apimachinery labels.Requirement.Matches: NotIn holds where the label is missing; Gt and Lt compare integers. */
export function meets({ key, operator, values }: Requirement, labels: StringMap | undefined): boolean {
  const found = labels !== undefined && Object.hasOwn(labels, key) ? labels[key]! : null;
  switch (operator) {
    case "In":
      return found !== null && values.includes(found);
    case "NotIn":
      return found === null || !values.includes(found);
    case "Exists":
      return found !== null;
    case "DoesNotExist":
      return found === null;
    case "Gt":
      return found !== null && isInteger(found) && isInteger(values[0] ?? "") && Number(found) > Number(values[0]);
    case "Lt":
      return found !== null && isInteger(found) && isInteger(values[0] ?? "") && Number(found) < Number(values[0]);
  }
}

function isInteger(text: string): boolean {
  return /^[+-]?\d+$/.test(text);
}

/** The text of a selector, as in a query: `app=a,tier in (b,c),!old`. Empty for one that selects everything. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  return formatSelector(selectorOf(selector ?? {}));
}

export function formatSelector(selector: Selector): string {
  return selector.requirements.map(formatRequirement).join(",");
}

function formatRequirement({ key, operator, values }: Requirement): string {
  switch (operator) {
    case "In":
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(",")})`;
    case "NotIn":
      return values.length === 1 ? `${key}!=${values[0]}` : `${key} notin (${values.join(",")})`;
    case "Exists":
      return key;
    case "DoesNotExist":
      return `!${key}`;
    case "Gt":
      return `${key}>${values[0]}`;
    case "Lt":
      return `${key}<${values[0]}`;
  }
}

const KEY = "[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?";
const SET_BASED = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const EQUALITY = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*([-A-Za-z0-9_.]*)$`);
const COMPARISON = new RegExp(`^(${KEY})\\s*([<>])\\s*([+-]?\\d+)$`);
const PRESENCE = new RegExp(`^(!?)\\s*(${KEY})$`);

/** The selector that a query's text stands for (apimachinery labels.Parse); null where it is none. Empty: everything. */
export function parseLabelSelector(text: string): Selector | null {
  if (text.trim() === "") return EVERYTHING;
  const requirements: Requirement[] = [];
  for (const term of termsOf(text)) {
    const requirement = parseRequirement(term.trim());
    if (requirement === null) return null;
    requirements.push(requirement);
  }
  return { nothing: false, requirements };
}

function parseRequirement(term: string): Requirement | null {
  const set = SET_BASED.exec(term);
  if (set !== null)
    return {
      key: set[1]!,
      operator: set[2] === "in" ? "In" : "NotIn",
      values: set[3]!.split(",").map((one) => one.trim()),
    };
  const equality = EQUALITY.exec(term);
  if (equality !== null)
    return { key: equality[1]!, operator: equality[2] === "!=" ? "NotIn" : "In", values: [equality[3]!] };
  const comparison = COMPARISON.exec(term);
  if (comparison !== null)
    return { key: comparison[1]!, operator: comparison[2] === ">" ? "Gt" : "Lt", values: [comparison[3]!] };
  const presence = PRESENCE.exec(term);
  if (presence === null) return null;
  return { key: presence[2]!, operator: presence[1] === "!" ? "DoesNotExist" : "Exists", values: [] };
}

/** The text cut at the commas that are not within parentheses. */
function termsOf(text: string): readonly string[] {
  const terms: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "(") depth++;
    else if (text[i] === ")") depth--;
    else if (text[i] === "," && depth === 0) {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

export interface FieldRequirement {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

/** All requirements hold. */
export type FieldSelector = readonly FieldRequirement[];

/** The requirements of a query's `spec.nodeName=a,status.phase!=Failed` (apimachinery fields.ParseSelector); null where it is none. */
export function parseFieldSelector(text: string): FieldSelector | null {
  if (text.trim() === "") return [];
  const requirements: FieldRequirement[] = [];
  for (const term of text.split(",")) {
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(term.trim());
    if (match === null) return null;
    requirements.push({ field: match[1]!.trim(), equal: match[2] !== "!=", value: match[3]!.trim() });
  }
  return requirements;
}

/** A field that is not in the record counts as empty (apimachinery fields.Set). */
export function matchesFields(selector: FieldSelector, fields: Readonly<Record<string, string>>): boolean {
  for (const { field, equal, value } of selector)
    if (((Object.hasOwn(fields, field) ? fields[field]! : "") === value) !== equal) return false;
  return true;
}
