import type { Flaw } from "../harness/schema.ts";
import { didYouMean } from "./nearest.ts";

/**
 * The flaw in words for whoever wrote the file.
 *
 * @param value what stands at the flaw's path; undefined where nothing does
 */
export function improve({ path, message }: Flaw, value: unknown): Flaw {
  const kinds = kindsIn(message);
  if (kinds.length > 0) return aboutKind(path, kinds, value);
  if (message === "Missing key") return { path, message: "this field is missing, and has no default" };
  if (message === "Unknown field") return { path, message: "there is no such field here" };
  const choices = choicesIn(message);
  if (choices.length > 1) {
    const hint = typeof value === "string" ? didYouMean(value, choices) : "";
    return { path, message: `expected one of ${choices.join(", ")}, not ${shown(value)}${hint}` };
  }
  const expected = message.replace(/^Expected /, "expected ");
  const named = /^expected one of (.+), not ([^, ]+)$/.exec(expected);
  if (named !== null)
    return { path, message: expected + didYouMean(named[2]!.replaceAll('"', ""), named[1]!.split(", ")) };
  return {
    path,
    message: expected === message || /, not /.test(message) ? expected : `${expected}, not ${shown(value)}`,
  };
}

/** The kinds of the members when the message lists those of a union that is told apart by `kind`. */
function kindsIn(message: string): readonly string[] {
  return [...message.matchAll(/readonly "kind": "([^"]+)"/g)].map((match) => match[1]!);
}

/** The texts when the message lists the literals that are allowed. */
function choicesIn(message: string): readonly string[] {
  const list = /^Expected ("[^"]*"(?: \| "[^"]*")*)$/.exec(message)?.[1];
  return list === undefined ? [] : list.split(" | ").map((text) => JSON.parse(text) as string);
}

function aboutKind(path: Flaw["path"], kinds: readonly string[], value: unknown): Flaw {
  const list = kinds.join(", ");
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { path, message: `expected an object whose kind is one of ${list}, not ${shown(value)}` };
  const { kind } = value as { readonly kind?: unknown };
  if (kind === undefined) return { path, message: `the field kind is missing: expected one of ${list}` };
  const hint = typeof kind === "string" ? didYouMean(kind, kinds) : "";
  return { path: [...path, "kind"], message: `expected one of ${list}, not ${shown(kind)}${hint}` };
}

/** A value, short enough for a line. */
function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
