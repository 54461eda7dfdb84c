import { deepEqual } from "./equality.ts";
import type { Json } from "./kinds/index.ts";

type JsonObject = { readonly [key: string]: Json };
type MutableObject = { [key: string]: Json };

/**
 * The keys by which the API merges lists of objects (the `patchMergeKey` of staging/src/k8s.io/api/core/v1/types.go and
 * meta/v1/types.go), by the name of the field. The first one that all elements have is taken. Other lists are atomic.
 */
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  addresses: ["type"],
  conditions: ["type"],
  containers: ["name"],
  env: ["name"],
  ephemeralContainers: ["name"],
  hostAliases: ["ip"],
  imagePullSecrets: ["name"],
  initContainers: ["name"],
  ownerReferences: ["uid"],
  podIPs: ["ip"],
  ports: ["containerPort", "port"],
  resourceClaims: ["name"],
  schedulingGates: ["name"],
  secrets: ["name"],
  topologySpreadConstraints: ["topologyKey"],
  volumeDevices: ["devicePath"],
  volumeMounts: ["mountPath"],
  volumes: ["name"],
};

/** Lists of plain values that are merged as sets. */
const MERGED_SETS: readonly string[] = ["finalizers"];

/** RFC 7386, MergePatch: objects are merged, null removes, everything else replaces. Shares what it does not change. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const base: JsonObject = isObject(target) ? target : {};
  let result: MutableObject | null = isObject(target) ? null : {};
  for (const key of Object.keys(patch)) {
    const part = patch[key]!;
    const before = Object.hasOwn(base, key) ? base[key] : undefined;
    if (part === null) {
      if (before === undefined) continue;
      result ??= { ...base };
      delete result[key];
      continue;
    }
    const after = mergePatch(before, part);
    if (after === before) continue;
    result ??= { ...base };
    result[key] = after;
  }
  return result ?? base;
}

/** The merge patch that makes `to` of `from`; null where they do not differ. */
export function mergePatchBetween(from: unknown, to: unknown): Json | null {
  if (deepEqual(from, to)) return null;
  if (!isObject(from) || !isObject(to)) return to as Json;
  const patch: MutableObject = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null;
  for (const key of Object.keys(to)) {
    const part = mergePatchBetween(Object.hasOwn(from, key) ? from[key] : undefined, to[key]);
    if (part !== null) patch[key] = part;
    else if (to[key] === null && Object.hasOwn(from, key) && from[key] !== null) patch[key] = null;
  }
  return patch;
}

/**
 * The strategic merge patch of the API (apimachinery util/strategicpatch): as a merge patch, but lists with a merge key
 * are merged by it; with the directives `$patch: delete | replace`, `$deleteFromPrimitiveList/…`, `$setElementOrder/…`
 * (the order is that of the list named there) and `$retainKeys`.
 */
export function strategicMergePatch(target: Json | undefined, patch: Json): Json {
  return mergedValue("", target, patch);
}

function mergedValue(field: string, target: Json | undefined, patch: Json): Json {
  if (isArray(patch)) return mergedList(field, isArray(target) ? target : [], patch);
  if (!isObject(patch)) return patch;
  return mergedObject(isObject(target) ? target : {}, patch);
}

function mergedObject(target: JsonObject, patch: JsonObject): Json {
  if (patch["$patch"] === "replace") return withoutDirectives(patch);
  if (patch["$patch"] === "delete") return {};
  const result: MutableObject = { ...target };
  const retained = patch["$retainKeys"];
  if (isArray(retained)) for (const key of Object.keys(result)) if (!retained.includes(key)) delete result[key];
  let isOrdered = false;
  for (const key of Object.keys(patch)) {
    const part = patch[key]!;
    if (key.startsWith("$")) {
      if (key.startsWith("$deleteFromPrimitiveList/")) deleteFromList(result, key.slice(key.indexOf("/") + 1), part);
      isOrdered = true;
    } else if (part !== null) result[key] = mergedValue(key, result[key], part);
    else if (Object.hasOwn(result, key)) delete result[key];
  }
  if (isOrdered)
    for (const key of Object.keys(patch))
      if (key.startsWith("$setElementOrder/")) orderList(result, key.slice(key.indexOf("/") + 1), patch[key]!);
  return result;
}

function mergedList(field: string, target: readonly Json[], patch: readonly Json[]): Json {
  if (MERGED_SETS.includes(field)) return [...target, ...patch.filter((one) => !target.includes(one))];
  if (patch.some((one) => isObject(one) && one["$patch"] === "replace"))
    return patch.filter((one) => !isObject(one) || one["$patch"] !== "replace").map(withoutDirectives);
  const key = mergeKeyOf(field, patch);
  if (key === null) return patch;
  const result: Json[] = [...target];
  for (const element of patch as readonly JsonObject[]) {
    const index = result.findIndex((one) => isObject(one) && one[key] === element[key]);
    if (element["$patch"] === "delete") {
      if (index >= 0) result.splice(index, 1);
    } else if (index < 0) result.push(withoutDirectives(element));
    else result[index] = mergedObject(result[index] as JsonObject, element);
  }
  return result;
}

/** The key by which a field's elements are merged; null: the list is atomic. */
export function mergeKeyOf(field: string, elements: readonly Json[]): string | null {
  const keys = Object.hasOwn(MERGE_KEYS, field) ? MERGE_KEYS[field]! : [];
  return keys.find((key) => elements.every((one) => isObject(one) && Object.hasOwn(one, key))) ?? null;
}

function deleteFromList(object: MutableObject, field: string, values: Json): void {
  const list = object[field];
  if (isArray(list) && isArray(values)) object[field] = list.filter((one) => !values.includes(one));
}

function orderList(object: MutableObject, field: string, order: Json): void {
  const list = object[field];
  if (!isArray(list) || !isArray(order) || order.length === 0) return;
  const key = mergeKeyOf(field, order);
  const placeOf = (one: Json): number => {
    const place = order.findIndex((wanted) =>
      key === null ? wanted === one : isObject(one) && isObject(wanted) && wanted[key] === one[key],
    );
    return place < 0 ? order.length : place;
  };
  object[field] = list.toSorted((one, two) => placeOf(one) - placeOf(two));
}

function withoutDirectives(value: Json): Json {
  if (isArray(value)) return value.map(withoutDirectives);
  if (!isObject(value)) return value;
  const result: MutableObject = {};
  for (const key of Object.keys(value))
    if (!key.startsWith("$") && value[key] !== null) result[key] = withoutDirectives(value[key]!);
  return result;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isArray(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}
