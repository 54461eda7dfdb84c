/**
 * What properties read out of the API's objects, in functions of their own: they judge the models, and share none of
 * their code.
 */
import type {
  Condition,
  KubeObject,
  LabelSelector,
  ObjectMeta,
  OwnerReference,
  Pod,
  StringMap,
  Uid,
} from "../../models/machinery/kinds/index.ts";

/** The owner that controls an object, or undefined. */
export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/** `namespace/name`, or the name of what is cluster-scoped. */
export function keyOf({ metadata }: KubeObject): string {
  return joinKey(metadata.namespace, metadata.name);
}

export function joinKey(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === "" ? name : `${namespace}/${name}`;
}

/** The namespace of a key; empty for what is cluster-scoped. */
export function namespaceOf(key: string): string {
  const slash = key.indexOf("/");
  return slash < 0 ? "" : key.slice(0, slash);
}

export function uidOf({ metadata }: KubeObject): Uid {
  return metadata.uid ?? "";
}

export function isDeleting({ metadata }: { readonly metadata: ObjectMeta }): boolean {
  return metadata.deletionTimestamp !== undefined;
}

export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditionOf(conditions, type)?.status === "True";
}

export function isReady(pod: Pod): boolean {
  return isTrue(pod.status?.conditions, "Ready");
}

export function phaseOf(pod: Pod): string {
  return pod.status?.phase ?? "Pending";
}

export function isTerminal(pod: Pod): boolean {
  const phase = phaseOf(pod);
  return phase === "Succeeded" || phase === "Failed";
}

/** Neither finished nor being deleted (controller_utils.go, IsPodActive). */
export function isActive(pod: Pod): boolean {
  return !isTerminal(pod) && !isDeleting(pod);
}

/** A selector without any requirement matches everything; none at all matches nothing. */
export function selects(selector: LabelSelector | undefined, labels: StringMap | undefined): boolean {
  if (selector === undefined) return false;
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (labels?.[key] !== value) return false;
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels?.[key];
    switch (operator) {
      case "In":
        return value !== undefined && values.includes(value);
      case "NotIn":
        return value === undefined || !values.includes(value);
      case "Exists":
        return value !== undefined;
      default:
        return value === undefined;
    }
  });
}

/** Whether two JSON values are the same, whatever the order of their fields. What is undefined is not there. */
export function same(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  if (Array.isArray(left)) {
    const other = right as readonly unknown[];
    return left.length === other.length && left.every((item, i) => same(item, other[i]));
  }
  return sameFields(left as Fields, right as Fields);
}

export type Fields = Readonly<Record<string, unknown>>;

function sameFields(left: Fields, right: Fields): boolean {
  return sameExcept(left, right, null);
}

/** Whether two objects have the same fields, whatever is in one of them. */
export function sameExcept(left: Fields, right: Fields, except: string | null): boolean {
  let fields = 0;
  for (const key in left) {
    if (key === except || left[key] === undefined) continue;
    fields++;
    if (!same(left[key], right[key])) return false;
  }
  for (const key in right) if (key !== except && right[key] !== undefined) fields--;
  return fields === 0;
}

/** The number of a thing or a share of them; shares are rounded up, or down. */
export function scaled(value: number | string, total: number, roundUp: boolean): number {
  if (typeof value === "number") return value;
  const share = (Number.parseInt(value, 10) * total) / 100;
  return value.endsWith("%") ? (roundUp ? Math.ceil(share) : Math.floor(share)) : Number.parseInt(value, 10);
}

/** Virtual microseconds of a timestamp of the API, since 2026-01-01T00:00:00Z. */
export function microsOf(time: string): number {
  const [, seconds = "", fraction = ""] = /^(.{19})(?:\.(\d+))?/.exec(time) ?? [];
  const [days = "", clock = ""] = seconds.split("T");
  const [year = 0, month = 1, day = 1] = days.split("-").map(Number);
  const [hour = 0, minute = 0, second = 0] = clock.split(":").map(Number);
  const total = ((daysFromCivil(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
  return total * 1_000_000 + Number(`${fraction}000000`.slice(0, 6));
}

/** Days since 2026-01-01, by the rule of the Gregorian calendar. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 739_922;
}

const SUFFIXES: Readonly<Record<string, number>> = {
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** The value of a quantity, for comparison. */
export function quantityOf(quantity: string | number | undefined): number {
  if (typeof quantity === "number" || quantity === undefined) return quantity ?? 0;
  const [, digits = "0", suffix = ""] = /^([\d.eE+-]*?\d)([a-zA-Z]*)$/.exec(quantity) ?? [];
  return Number(digits) * (SUFFIXES[suffix] ?? 1);
}

/** What a pod requests of a resource: its containers together, or its largest init container (component-helpers resource). */
export function requestOf({ spec }: Pod, resource: string): number {
  const requested = (container: {
    readonly resources?: { readonly requests?: Readonly<Record<string, string | number>> };
  }) => quantityOf(container.resources?.requests?.[resource]);
  let total = 0;
  for (const container of spec.containers) total += requested(container);
  let sidecars = 0;
  let initial = 0;
  for (const container of spec.initContainers ?? [])
    if (container.restartPolicy === "Always") {
      sidecars += requested(container);
      initial = Math.max(initial, sidecars);
    } else initial = Math.max(initial, sidecars + requested(container));
  return Math.max(total + sidecars, initial) + quantityOf(spec.overhead?.[resource]);
}
