import type { FieldError } from "../strategy.ts";

/** The errors of an object, in the order in which they are found (apimachinery util/validation/field ErrorList). */
export type Errors = FieldError[];

/** A value as error messages have it: text quoted, the rest as JSON (field.Error.ErrorBody). */
export function rendered(value: unknown): string {
  return value === undefined ? "null" : JSON.stringify(value);
}

const colon = (detail: string): string => (detail === "" ? "" : `: ${detail}`);

export function required(field: string, detail = ""): FieldError {
  return { field, reason: "FieldValueRequired", message: `Required value${colon(detail)}` };
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return { field, reason: "FieldValueInvalid", message: `Invalid value: ${rendered(value)}${colon(detail)}` };
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const values = supported.map((one) => JSON.stringify(one));
  return {
    field,
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${rendered(value)}: supported values: ${values.join(", ")}`,
  };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { field, reason: "FieldValueDuplicate", message: `Duplicate value: ${rendered(value)}` };
}

export function forbidden(field: string, detail: string): FieldError {
  return { field, reason: "FieldValueForbidden", message: `Forbidden${colon(detail)}` };
}

export function tooLong(field: string, bytes: number): FieldError {
  return { field, reason: "FieldValueTooLong", message: `Too long: may not be more than ${bytes} bytes` };
}

export function tooMany(field: string, actual: number, most: number): FieldError {
  return { field, reason: "FieldValueTooMany", message: `Too many: ${actual}: must have at most ${most} items` };
}

export function notFound(field: string, value: unknown): FieldError {
  return { field, reason: "FieldValueNotFound", message: `Not found: ${rendered(value)}` };
}

/** What the API says of an object that does not decode: `json: cannot unmarshal string into Go struct field …`. */
export function typeInvalid(field: string, message: string): FieldError {
  return { field, reason: "FieldValueTypeInvalid", message };
}

/** Adds one error for each message of a check of names and the like. */
export function invalidAll(errors: Errors, field: string, value: unknown, messages: readonly string[]): void {
  for (const message of messages) errors.push(invalid(field, value, message));
}

export const IMMUTABLE = "field is immutable";
