import type { FieldError } from "../../strategy.ts";
import { typeInvalid } from "../fields.ts";

/**
 * The types of the fields of the API, as the tables beside this file state them: `Struct: field type, field type`.
 *
 * Types: `string`, `int32`, `int64`, `float64`, `bool`, `Quantity`, `IntOrString`, `Time`, `any`, the name of a struct,
 * `[]T`, and `map[string]T`.
 */
export type FieldType =
  | { readonly kind: "basic"; readonly name: string }
  | { readonly kind: "struct"; readonly name: string }
  | { readonly kind: "list"; readonly of: FieldType }
  | { readonly kind: "map"; readonly of: FieldType };

export type Struct = ReadonlyMap<string, FieldType>;
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
  return new Map(
    text
      .split(",")
      .map((field) => field.trim())
      .filter((field) => field !== "")
      .map((field) => {
        const space = field.indexOf(" ");
        return [field.slice(0, space), typeOf(field.slice(space + 1).trim())] as const;
      }),
  );
}

function typeOf(text: string): FieldType {
  if (text.startsWith("[]")) return { kind: "list", of: typeOf(text.slice(2)) };
  if (text.startsWith("map[string]")) return { kind: "map", of: typeOf(text.slice("map[string]".length)) };
  return { kind: BASIC.includes(text) ? "basic" : "struct", name: text };
}

interface Found {
  /** A path: `spec.template.spec.containers[0].image`. */
  readonly unknown: string[];
  readonly mistyped: FieldError[];
}

/** The fields of a value that its type does not have, in the order in which they are written. */
export function unknownFieldsOf(schema: Schema, struct: string, value: unknown): readonly string[] {
  const found: Found = { unknown: [], mistyped: [] };
  visit(schema, { kind: "struct", name: struct }, value, "", "", found);
  return found.unknown;
}

/** The values that are not of their field's type: what a server answers with BadRequest as it decodes. */
export function typeErrorsOf(schema: Schema, struct: string, value: unknown): readonly FieldError[] {
  const found: Found = { unknown: [], mistyped: [] };
  visit(schema, { kind: "struct", name: struct }, value, "", "", found);
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
      const fields = schema.get(type.name);
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
 * The value as decoding takes it: a field that is null is left out, and a null in a list is the zero of its type. The
 * same value where there is none.
 */
export function decoded(schema: Schema, struct: string, value: unknown): unknown {
  return withoutNulls(schema, { kind: "struct", name: struct }, value);
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
  const fields = type.kind === "struct" ? schema.get(type.name) : undefined;
  let copy: Record<string, unknown> | null = null;
  for (const key of Object.keys(value)) {
    const before = (value as Record<string, unknown>)[key];
    const inner = type.kind === "map" ? type.of : fields?.get(key);
    if (inner === undefined) continue;
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
