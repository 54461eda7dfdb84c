import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import * as SchemaIssue from "effect/SchemaIssue";

/** One thing that is wrong with a value, and where. */
export interface Flaw {
  readonly path: readonly (string | number)[];
  /** What was expected there. */
  readonly message: string;
}

/** A value that fits its schema, or what is wrong with it. */
export type Checked<T> =
  | { readonly kind: "fits"; readonly value: T }
  | { readonly kind: "flawed"; readonly flaws: readonly Flaw[] };

const format = SchemaIssue.makeFormatterStandardSchemaV1();

/** Checks a value against a schema, fills in defaults, and finds all flaws, unknown fields among them. */
export function check<S extends Schema.ConstraintDecoder<unknown>>(schema: S, value: unknown): Checked<S["Type"]> {
  const result = Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty: "error" })(value);
  if (result._tag === "Success") return { kind: "fits", value: result.success };
  const flaws = format(result.failure.issue).issues.map(({ path, message }) => ({
    path: (path ?? []).map((key) => (typeof key === "number" ? key : String(typeof key === "object" ? key.key : key))),
    message: message.replace("Expected no excess property", "Unknown field"),
  }));
  return { kind: "flawed", flaws };
}

/** A path as a person writes it: `faults[2].atMs`. */
export function renderPath(path: readonly (string | number)[]): string {
  return path.map((key, i) => (typeof key === "number" ? `[${key}]` : i === 0 ? key : `.${key}`)).join("");
}

/** A field that may be left out, and is then this. */
export function defaulting<S extends Schema.Constraint>(schema: S, value: S["Encoded"]) {
  return Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(schema);
}

/** A whole number in a range, both ends included. */
export function whole(minimum: number, maximum: number) {
  return Schema.Int.check(Schema.isBetween({ minimum, maximum }));
}

/** A number in a range, both ends included. */
export function within(minimum: number, maximum: number) {
  return Schema.Finite.check(Schema.isBetween({ minimum, maximum }));
}

/** A probability. */
export const Rate = within(0, 1);

/** A point in time or a duration in milliseconds, up to an hour; fractions of a microsecond are rounded. */
export const Milliseconds = within(0, 3_600_000);
