import { deepEqual } from "../machinery/equality.ts";
import type { Json } from "../machinery/kinds/index.ts";
import { mergeKeyOf } from "../machinery/patch.ts";

type JsonObject = { readonly [key: string]: Json };

/** Which changes a patch has: what is new or other in `to`, or what is no longer in it. */
type Part = "changes" | "deletions";

/**
 * What `apply` sends (apimachinery util/strategicpatch, CreateThreeWayMergePatch): what was in the manifest before and no
 * longer is goes; what is in the manifest now and differs from what is stored is set; the rest is left to others.
 *
 * @param keyed lists are merged by their keys, as for the API's own kinds; else they are atomic
 */
export function threeWayPatch(original: Json, modified: Json, current: Json, keyed: boolean): JsonObject {
  const deletions = difference("", original, modified, "deletions", keyed);
  const changes = difference("", current, modified, "changes", keyed);
  return joined("", asObject(deletions), asObject(changes), keyed) as JsonObject;
}

/** undefined: there is no difference of that sort. */
function difference(field: string, from: Json, to: Json, part: Part, keyed: boolean): Json | undefined {
  if (isObject(from) && isObject(to)) return objectDifference(from, to, part, keyed);
  if (isArray(from) && isArray(to)) {
    const key = keyed ? mergeKeyOf(field, [...from, ...to]) : null;
    if (key !== null) return listDifference(from as JsonObject[], to as JsonObject[], key, part);
  }
  return part === "deletions" || deepEqual(from, to) ? undefined : to;
}

function objectDifference(from: JsonObject, to: JsonObject, part: Part, keyed: boolean): JsonObject | undefined {
  const patch: Record<string, Json> = {};
  if (part === "deletions") for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null;
  for (const key of Object.keys(to)) {
    const before = from[key];
    if (before === undefined) {
      if (part === "changes") patch[key] = to[key]!;
      continue;
    }
    const inner = difference(key, before, to[key]!, part, keyed);
    if (inner !== undefined) patch[key] = inner;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function listDifference(
  from: readonly JsonObject[],
  to: readonly JsonObject[],
  key: string,
  part: Part,
): Json | undefined {
  const patch: Json[] = [];
  const same = (list: readonly JsonObject[], element: JsonObject) => list.find((other) => other[key] === element[key]);
  if (part === "deletions")
    for (const element of from)
      if (same(to, element) === undefined) patch.push({ [key]: element[key]!, $patch: "delete" });
  for (const element of to) {
    const before = same(from, element);
    if (before === undefined) {
      if (part === "changes") patch.push(element);
      continue;
    }
    const inner = objectDifference(before, element, part, true);
    if (inner !== undefined) patch.push({ [key]: element[key]!, ...inner });
  }
  return patch.length === 0 ? undefined : patch;
}

/** Both patches in one. Where they meet in one value, the second counts. */
function joined(field: string, first: Json, second: Json, keyed: boolean): Json {
  if (isObject(first) && isObject(second)) {
    const result: Record<string, Json> = { ...first };
    for (const key of Object.keys(second))
      result[key] = Object.hasOwn(first, key) ? joined(key, first[key]!, second[key]!, keyed) : second[key]!;
    return result;
  }
  if (!isArray(first) || !isArray(second)) return second;
  const key = keyed ? mergeKeyOf(field, [...first, ...second]) : null;
  if (key === null) return second;
  const result: Json[] = [...first];
  for (const element of second as readonly JsonObject[]) {
    const at = result.findIndex((other) => isObject(other) && other[key] === element[key]);
    if (at < 0) result.push(element);
    else result[at] = joined("", result[at]!, element, keyed);
  }
  return result;
}

function asObject(value: Json | undefined): JsonObject {
  return value !== undefined && isObject(value) ? value : {};
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
