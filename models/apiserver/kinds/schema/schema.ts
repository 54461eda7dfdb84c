import type { FieldError } from "../../strategy.ts";
import { typeInvalid } from "../fields.ts";

/**
 * The types of the fields of the API, as the tables beside this file state them: `Struct: field type, field type`.
 *
 * Types: `string`, `int32`, `int64`, `float64`, `bool`, `Quantity`, `IntOrString`, `Time`, `any`, the name of a struct,
 * `[]T`, `map[string]T`, and `T!` for a struct that is there even if nobody says so (in Go: not a pointer).
 */
export type FieldType =
  | { readonly kind: "basic"; readonly name: string }
  | { readonly kind: "struct"; readonly name: string }
  | { readonly kind: "list"; readonly of: FieldType }
  | { readonly kind: "map"; readonly of: FieldType };

export interface Struct {
  readonly fields: ReadonlyMap<string, FieldType>;
  /** Names of the fields that are always there. */
  readonly always: readonly string[];
}

export type Schema = ReadonlyMap<string, Struct>;

const BASIC = ["string", "int32", "int64", "float64", "bool", "Quantity", "IntOrString", "Time", "any"];

/** Reads tables of structs; a struct goes on over the lines that are indented. */
export function schemaOf(...tables: readonly string[]): Schema {
  const lines = tables.join("\n").replace(/\n +/g, " ").split("\n");
  return new Map(
    lines
      .filter((line) => line.includes(":"))
      .map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).trim(), structOf(line.slice(colon + 1))] as const;
      }),
  );
}

function structOf(text: string): Struct {
  const rows = text
    .split(",")
    .map((field) => field.trim().split(" ") as [name: string, type: string])
    .filter(([name]) => name !== "");
  return {
    fields: new Map(rows.map(([name, type]) => [name, typeOf(type.replace("!", ""))])),
    always: rows.filter(([, type]) => type.endsWith("!")).map(([name]) => name),
  };
}

function typeOf(text: string): FieldType {
  if (text.startsWith("[]")) return { kind: "list", of: typeOf(text.slice(2)) };
  if (text.startsWith("map[string]")) return { kind: "map", of: typeOf(text.slice("map[string]".length)) };
  return { kind: BASIC.includes(text) ? "basic" : "struct", name: text };
}

/** What a value's fields may be like, as bits: not of their type, null or missing, unknown. */
const MISTYPED = 1;
const NULL = 2;
const UNKNOWN = 4;

/** One walk without paths, since nearly all objects are as they should be. */
function flagsOf(schema: Schema, type: FieldType, value: unknown): number {
  if (value === null || value === undefined) return NULL;
  let flags = 0;
  switch (type.kind) {
    case "basic":
      return isOfBasic(type.name, value) ? 0 : MISTYPED;
    case "list":
      if (!Array.isArray(value)) return MISTYPED;
      for (const item of value) flags |= flagsOf(schema, type.of, item);
      return flags;
    case "map":
      if (typeof value !== "object" || Array.isArray(value)) return MISTYPED;
      for (const key in value) flags |= flagsOf(schema, type.of, (value as Record<string, unknown>)[key]);
      return flags;
    case "struct": {
      if (typeof value !== "object" || Array.isArray(value)) return MISTYPED;
      const struct = schema.get(type.name);
      if (struct === undefined) return 0;
      for (const name of struct.always) if ((value as Record<string, unknown>)[name] === undefined) flags |= NULL;
      for (const key in value) {
        const field = struct.fields.get(key);
        flags |= field === undefined ? UNKNOWN : flagsOf(schema, field, (value as Record<string, unknown>)[key]);
      }
      return flags;
    }
  }
}

const NOTHING: readonly [] = [];

interface Found {
  /** A path: `spec.template.spec.containers[0].image`. */
  readonly unknown: string[];
  readonly mistyped: FieldError[];
}

/** The fields of a value that its type does not have, in the order in which they are written. */
export function unknownFieldsOf(schema: Schema, struct: string, value: unknown): readonly string[] {
  const type = { kind: "struct", name: struct } as const;
  if ((flagsOf(schema, type, value) & UNKNOWN) === 0) return NOTHING;
  const found: Found = { unknown: [], mistyped: [] };
  visit(schema, type, value, "", "", found);
  return found.unknown;
}

/** The values that are not of their field's type: what a server answers with BadRequest as it decodes. */
export function typeErrorsOf(schema: Schema, struct: string, value: unknown): readonly FieldError[] {
  const type = { kind: "struct", name: struct } as const;
  if ((flagsOf(schema, type, value) & MISTYPED) === 0) return NOTHING;
  const found: Found = { unknown: [], mistyped: [] };
  visit(schema, type, value, "", "", found);
  return found.mistyped;
}

function visit(schema: Schema, type: FieldType, value: unknown, path: string, owner: string, found: Found): void {
  if (value === null || value === undefined) return;
  switch (type.kind) {
    case "basic":
      if (!isOfBasic(type.name, value)) found.mistyped.push(mistyped(value, type, path, owner));
      return;
    case "struct": {
      if (typeof value !== "object" || Array.isArray(value)) {
        found.mistyped.push(mistyped(value, type, path, owner));
        return;
      }
      const fields = schema.get(type.name)?.fields;
      if (fields === undefined) return;
      for (const [name, inner] of Object.entries(value)) {
        const field = fields.get(name);
        const at = path === "" ? name : `${path}.${name}`;
        if (field === undefined) found.unknown.push(at);
        else visit(schema, field, inner, at, type.name, found);
      }
      return;
    }
    case "list":
      if (!Array.isArray(value)) found.mistyped.push(mistyped(value, type, path, owner));
      else value.forEach((item, index) => void visit(schema, type.of, item, `${path}[${index}]`, owner, found));
      return;
    case "map":
      if (typeof value !== "object" || Array.isArray(value)) found.mistyped.push(mistyped(value, type, path, owner));
      else
        for (const [key, inner] of Object.entries(value))
          visit(schema, type.of, inner, `${path}[${key}]`, owner, found);
      return;
  }
}

/**
 * The value as decoding takes it, or null if it does not decode: a field that is null is left out, a null in a list is
 * the zero of its type, and structs that are always there are. The same value where nothing is to be done.
 */
export function decoded<T>(schema: Schema, struct: string, value: T): T | null {
  const type = { kind: "struct", name: struct } as const;
  const flags = flagsOf(schema, type, value);
  if ((flags & MISTYPED) !== 0) return null;
  return (flags & NULL) === 0 ? value : (withoutNulls(schema, type, value) as T);
}

function withoutNulls(schema: Schema, type: FieldType, value: unknown): unknown {
  if (type.kind === "basic" || typeof value !== "object" || value === null) return value;
  if (type.kind === "list") {
    if (!Array.isArray(value)) return value;
    let copy: unknown[] | null = null;
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index] === null ? zeroOf(type.of) : withoutNulls(schema, type.of, value[index]);
      if (item === value[index]) continue;
      copy ??= [...value];
      copy[index] = item;
    }
    return copy ?? value;
  }
  if (Array.isArray(value)) return value;
  const struct = type.kind === "struct" ? schema.get(type.name) : undefined;
  let copy: Record<string, unknown> | null = null;
  for (const name of struct?.always ?? [])
    if (((value as Record<string, unknown>)[name] ?? null) === null) {
      copy ??= { ...(value as Record<string, unknown>) };
      copy[name] = withoutNulls(schema, struct!.fields.get(name)!, {});
    }
  for (const key of Object.keys(value)) {
    const before = (value as Record<string, unknown>)[key];
    const inner = type.kind === "map" ? type.of : struct?.fields.get(key);
    if (inner === undefined || (struct?.always.includes(key) === true && before === null)) continue;
    const after = before === null ? null : withoutNulls(schema, inner, before);
    if (after === before && after !== null) continue;
    copy ??= { ...(value as Record<string, unknown>) };
    if (after !== null) copy[key] = after;
    else if (type.kind === "map") copy[key] = zeroOf(type.of);
    else delete copy[key];
  }
  return copy ?? value;
}

function zeroOf(type: FieldType): unknown {
  if (type.kind === "list") return [];
  if (type.kind !== "basic") return {};
  return type.name === "string" || type.name === "Time" ? "" : type.name === "bool" ? false : 0;
}

function isOfBasic(name: string, value: unknown): boolean {
  switch (name) {
    case "string":
    case "Time":
      return typeof value === "string";
    case "bool":
      return typeof value === "boolean";
    case "int32":
      return isInteger(value, 2 ** 31);
    case "int64":
      return isInteger(value, 2 ** 63);
    case "float64":
      return typeof value === "number";
    case "Quantity":
      return typeof value === "string" || typeof value === "number";
    case "IntOrString":
      return typeof value === "string" || isInteger(value, 2 ** 31);
    default:
      return true;
  }
}

function isInteger(value: unknown, bound: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= -bound && value < bound;
}

/** As encoding/json says it: the innermost struct, and the path without places in lists. */
function mistyped(value: unknown, type: FieldType, path: string, owner: string): FieldError {
  const jsonKind = Array.isArray(value)
    ? "array"
    : typeof value === "object"
      ? "object"
      : typeof value === "boolean"
        ? "bool"
        : typeof value === "number"
          ? type.kind === "basic" && /^int/.test(type.name)
            ? `number ${value}`
            : "number"
          : "string";
  const place = `${owner}.${path.replace(/\[[^\]]*\]/g, "")}`;
  return typeInvalid(path, `json: cannot unmarshal ${jsonKind} into Go struct field ${place} of type ${goType(type)}`);
}

function goType(type: FieldType): string {
  switch (type.kind) {
    case "basic":
      return type.name === "Time" ? "v1.Time" : type.name === "IntOrString" ? "intstr.IntOrString" : type.name;
    case "struct":
      return `v1.${type.name}`;
    case "list":
      return `[]${goType(type.of)}`;
    case "map":
      return `map[string]${goType(type.of)}`;
  }
}
