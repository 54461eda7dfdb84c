import { assert } from "../../../kernel/index.ts";
import type { FieldError } from "../../strategy.ts";
import { base64Flaw } from "../base64.ts";
import { typeInvalid } from "../fields.ts";

/**
 * The types of the fields of the API, as the tables beside this file state them: `Struct: field type, field type`.
 *
 * Types: `string`, `int32`, `int64`, `float64`, `bool`, `Quantity`, `IntOrString`, `Time`, `bytes`, `any`, the name of a struct,
 * `[]T`, `map[string]T`, and `T!` for a struct that is there even if nobody says so (in Go: not a pointer).
 */
export type FieldType =
  | { readonly kind: "basic"; readonly name: string; readonly accepts: (value: unknown) => boolean }
  | { readonly kind: "struct"; readonly of: Struct }
  | { readonly kind: "list"; readonly of: FieldType }
  | { readonly kind: "map"; readonly of: FieldType };

export interface Struct {
  readonly name: string;
  readonly fields: ReadonlyMap<string, FieldType>;
  /** Names of the fields that are always there. */
  readonly always: readonly string[];
}

export type Schema = ReadonlyMap<string, Struct>;

/** A struct in the making: its fields may be of structs that come later. */
interface Draft extends Struct {
  readonly fields: Map<string, FieldType>;
  readonly always: string[];
}

/** Reads tables of structs; a struct goes on over the lines that are indented. */
export function schemaOf(...tables: readonly string[]): Schema {
  const lines = tables.join("\n").replace(/\n +/g, " ").split("\n");
  const rows = lines
    .filter((line) => line.includes(":"))
    .map((line) => [line.slice(0, line.indexOf(":")).trim(), line.slice(line.indexOf(":") + 1)] as const);
  const drafts = new Map<string, Draft>(rows.map(([name]) => [name, { name, fields: new Map(), always: [] }]));
  for (const [name, text] of rows)
    for (const field of text.split(",").filter((one) => one.trim() !== "")) {
      const [key, type] = field.trim().split(" ") as [string, string];
      const draft = drafts.get(name)!;
      draft.fields.set(key, typeOf(type.replace("!", ""), drafts));
      if (type.endsWith("!")) draft.always.push(key);
    }
  return drafts;
}

function typeOf(text: string, drafts: ReadonlyMap<string, Draft>): FieldType {
  if (text.startsWith("[]")) return { kind: "list", of: typeOf(text.slice(2), drafts) };
  if (text.startsWith(MAP)) return { kind: "map", of: typeOf(text.slice(MAP.length), drafts) };
  const accepts = BASIC.get(text);
  if (accepts !== undefined) return { kind: "basic", name: text, accepts };
  const struct = drafts.get(text);
  assert(struct !== undefined, `no struct ${text} in the schema`);
  return { kind: "struct", of: struct };
}

const MAP = "map[string]";

const isText = (value: unknown) => typeof value === "string";
const isWhole = (bound: number) => (value: unknown) =>
  typeof value === "number" && Number.isInteger(value) && value >= -bound && value < bound;
const isInt32 = isWhole(2 ** 31);

const BASIC: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ["string", isText],
  ["Time", isText],
  ["bytes", (value: unknown) => typeof value === "string" && base64Flaw(value) < 0],
  ["bool", (value: unknown) => typeof value === "boolean"],
  ["int32", isInt32],
  ["int64", isWhole(2 ** 63)],
  ["float64", (value: unknown) => typeof value === "number"],
  ["Quantity", (value: unknown) => typeof value === "string" || typeof value === "number"],
  ["IntOrString", (value: unknown) => typeof value === "string" || isInt32(value)],
  ["any", () => true],
]);

const NOTHING: readonly [] = [];

/** What a value's fields may be like, as bits: not of their type, null or missing, unknown. */
const MISTYPED = 1;
const NULL = 2;
const UNKNOWN = 4;

/** One walk without paths, since nearly all objects are as they should be. */
function flagsOf(type: FieldType, value: unknown): number {
  if (value === null || value === undefined) return NULL;
  switch (type.kind) {
    case "basic":
      return type.accepts(value) ? 0 : MISTYPED;
    case "list": {
      if (!Array.isArray(value)) return MISTYPED;
      let flags = 0;
      for (const item of value) flags |= flagsOf(type.of, item);
      return flags;
    }
    case "map": {
      if (typeof value !== "object" || Array.isArray(value)) return MISTYPED;
      let flags = 0;
      for (const key in value) flags |= flagsOf(type.of, (value as Record<string, unknown>)[key]);
      return flags;
    }
    case "struct":
      return structFlags(type.of, value, null);
  }
}

/** `checked` has been through this before: what it shares with the value is not looked at again. */
function structFlags(struct: Struct, value: unknown, checked: object | null): number {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return MISTYPED;
  let flags = 0;
  for (const name of struct.always) if ((value as Record<string, unknown>)[name] === undefined) flags |= NULL;
  for (const key in value) {
    const inner = (value as Record<string, unknown>)[key];
    if (checked !== null && inner === (checked as Record<string, unknown>)[key]) continue;
    const field = struct.fields.get(key);
    flags |= field === undefined ? UNKNOWN : flagsOf(field, inner);
  }
  return flags;
}

interface Found {
  /** A path: `spec.template.spec.containers[0].image`. */
  readonly unknown: string[];
  readonly mistyped: FieldError[];
}

/** The fields of a value that its type does not have, in the order in which they are written. */
export function unknownFieldsOf(struct: Struct, value: unknown): readonly string[] {
  const type = { kind: "struct", of: struct } as const;
  if ((flagsOf(type, value) & UNKNOWN) === 0) return NOTHING;
  const found: Found = { unknown: [], mistyped: [] };
  visit(type, value, "", "", found);
  return found.unknown;
}

/**
 * The values that are not of their field's type: what a server answers with BadRequest as it decodes.
 *
 * @param checked an object that has none, which may share parts with the value
 */
export function typeErrorsOf(struct: Struct, value: unknown, checked: object | null = null): readonly FieldError[] {
  const type = { kind: "struct", of: struct } as const;
  if ((structFlags(struct, value, checked) & MISTYPED) === 0) return NOTHING;
  const found: Found = { unknown: [], mistyped: [] };
  visit(type, value, "", "", found);
  return found.mistyped;
}

function visit(type: FieldType, value: unknown, path: string, owner: string, found: Found): void {
  if (value === null || value === undefined) return;
  switch (type.kind) {
    case "basic":
      if (!type.accepts(value)) found.mistyped.push(mistyped(value, type, path, owner));
      return;
    case "struct": {
      if (typeof value !== "object" || Array.isArray(value)) {
        found.mistyped.push(mistyped(value, type, path, owner));
        return;
      }
      const { fields, name: structName } = type.of;
      for (const [name, inner] of Object.entries(value)) {
        const field = fields.get(name);
        const at = path === "" ? name : `${path}.${name}`;
        if (field === undefined) found.unknown.push(at);
        else visit(field, inner, at, structName, found);
      }
      return;
    }
    case "list":
      if (!Array.isArray(value)) found.mistyped.push(mistyped(value, type, path, owner));
      else value.forEach((item, index) => void visit(type.of, item, `${path}[${index}]`, owner, found));
      return;
    case "map":
      if (typeof value !== "object" || Array.isArray(value)) found.mistyped.push(mistyped(value, type, path, owner));
      else for (const [key, inner] of Object.entries(value)) visit(type.of, inner, `${path}[${key}]`, owner, found);
      return;
  }
}

/**
 * The value as decoding takes it, or null if it does not decode: a field that is null is left out, a null in a list is
 * the zero of its type, and structs that are always there are. The same value where nothing is to be done.
 */
export function decoded<T>(struct: Struct, value: T): T | null {
  const type = { kind: "struct", of: struct } as const;
  const flags = flagsOf(type, value);
  if ((flags & MISTYPED) !== 0) return null;
  return (flags & NULL) === 0 ? value : (withoutNulls(type, value) as T);
}

function withoutNulls(type: FieldType, value: unknown): unknown {
  if (type.kind === "basic" || typeof value !== "object" || value === null) return value;
  if (type.kind === "list") {
    if (!Array.isArray(value)) return value;
    let copy: unknown[] | null = null;
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index] === null ? zeroOf(type.of) : withoutNulls(type.of, value[index]);
      if (item === value[index]) continue;
      copy ??= [...value];
      copy[index] = item;
    }
    return copy ?? value;
  }
  if (Array.isArray(value)) return value;
  const struct = type.kind === "struct" ? type.of : undefined;
  let copy: Record<string, unknown> | null = null;
  for (const name of struct?.always ?? [])
    if (((value as Record<string, unknown>)[name] ?? null) === null) {
      copy ??= { ...(value as Record<string, unknown>) };
      copy[name] = withoutNulls(struct!.fields.get(name)!, {});
    }
  for (const key of Object.keys(value)) {
    const before = (value as Record<string, unknown>)[key];
    const inner = type.kind === "map" ? type.of : struct?.fields.get(key);
    if (inner === undefined || (struct?.always.includes(key) === true && before === null)) continue;
    const after = before === null ? null : withoutNulls(inner, before);
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
  if (type.name === "any") return null;
  return type.accepts("") ? "" : type.name === "bool" ? false : 0;
}

/** As encoding/json says it: the innermost struct, and the path without places in lists. */
function mistyped(value: unknown, type: FieldType, path: string, owner: string): FieldError {
  if (type.kind === "basic" && type.name === "bytes" && typeof value === "string")
    return typeInvalid(path, `illegal base64 data at input byte ${base64Flaw(value)}`);
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
      return type.name === "bytes"
        ? "[]uint8"
        : type.name === "Time"
          ? "v1.Time"
          : type.name === "IntOrString"
            ? "intstr.IntOrString"
            : type.name;
    case "struct":
      return `v1.${type.of.name}`;
    case "list":
      return `[]${goType(type.of)}`;
    case "map":
      return `map[string]${goType(type.of)}`;
  }
}
