import type { Edn } from "./edn.ts";
import {
  type EventsRead,
  flaw,
  type HistoryEvent,
  type HistoryFlaw,
  Indexes,
  isEventType,
  processOf,
  shortened,
  shown,
  typeExpected,
} from "./events.ts";
import { otherFormat } from "./lines.ts";

const EXAMPLE = '{"process":"c1","type":"invoke","f":"read"}';
const FIELDS = ["process", "type", "f", "key", "value", "error", "time", "index"];

/**
 * Reads a history in JSON lines: an object a line, in the order in which things happened.
 *
 * - `process`: who calls, a string or a whole number. A process makes one call after the other.
 * - `type`: `invoke` when it calls; then `ok` when it was answered, `fail` when it is certain that the call did not take
 *   effect, `info` when it is not known. After `info` the process makes no more calls.
 * - `f`: the operation, such as `read` or `put`; the same in the answer.
 * - `key`: of what, for models that have keys; the same in the answer, or left out there.
 * - `value`: of a write, put or append what is written (the answer repeats it, or leaves it out); of a cas `[from, to]`;
 *   of a read or get what was read, in its `ok`. Strings, whole numbers or booleans; `null` is what a register is before
 *   anything was written.
 * - `error`: why it failed, or is not known. A cas that fails without one was compared, and was not equal.
 * - `index`: increases from line to line, where there is one.
 * - `time`: not used; the order of the lines counts.
 */
export function readJsonLines(text: string): EventsRead {
  const events: HistoryEvent[] = [];
  const flaws: HistoryFlaw[] = [];
  const indexes = new Indexes();
  for (const [i, raw] of text.split("\n").entries()) {
    const content = raw.trim();
    if (content === "") continue;
    const line = i + 1;
    const parsed = parse(content);
    if (typeof parsed === "string") flaws.push({ line, field: null, message: parsed });
    else readObject(parsed, line, indexes, events, flaws);
  }
  return { notation: "json", events, flaws };
}

/** The object on a line, or what was expected in place of it. */
function parse(content: string): ReadonlyMap<string, unknown> | string {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    return (
      otherFormat(content, "json-lines") ??
      `expected a JSON object such as ${EXAMPLE}, not ${JSON.stringify(shortened(content))} (${(error as Error).message})`
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return `expected a JSON object such as ${EXAMPLE}, one a line, not ${shortened(content)}`;
  const twice = repeatedField(content);
  if (twice !== null) return `expected each field once, not ${JSON.stringify(twice)} again`;
  const unknown = Object.keys(value).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined)
    return `expected no other fields than ${FIELDS.join(", ")}, not ${JSON.stringify(shortened(unknown))}`;
  return new Map(Object.entries(value));
}

function readObject(
  object: ReadonlyMap<string, unknown>,
  line: number,
  indexes: Indexes,
  events: HistoryEvent[],
  flaws: HistoryFlaw[],
): void {
  const flawsBefore = flaws.length;
  const disorder = indexes.breach(fieldOf(object, "index", line), line);
  if (disorder !== null) flaws.push(flaw(line, "index", disorder));
  const process = fieldOf(object, "process", line);
  const scalar = process === null ? null : processOf(process);
  if (scalar === null)
    flaws.push(flaw(line, "process", `expected a string or a whole number, not ${shown(process, "json")}`));
  const type = fieldOf(object, "type", line);
  const typeName = type?.kind === "string" ? type.value : "";
  if (!isEventType(typeName)) flaws.push(flaw(line, "type", `${typeExpected("json")}, not ${shown(type, "json")}`));
  const f = fieldOf(object, "f", line);
  if (f?.kind !== "string")
    flaws.push(flaw(line, "f", `expected the name of an operation, such as "read", not ${shown(f, "json")}`));
  const error = fieldOf(object, "error", line);
  const hasReason = error !== null && error.kind !== "nil";
  if (hasReason && typeName !== "fail" && typeName !== "info")
    flaws.push(flaw(line, "error", "expected only where type is fail or info"));
  if (flaws.length > flawsBefore || scalar === null || f?.kind !== "string" || !isEventType(typeName)) return;
  const [key, value] = [fieldOf(object, "key", line), fieldOf(object, "value", line)];
  events.push({ line, process: scalar, type: typeName, f: f.value, key, value, hasReason });
}

/** A field of an object; null where it is left out. */
function fieldOf(object: ReadonlyMap<string, unknown>, name: string, line: number): Edn | null {
  return object.has(name) ? ednOf(object.get(name), line) : null;
}

/** A value of JSON as a value of EDN. Numbers that JSON does not keep exactly are fractions. */
function ednOf(value: unknown, line: number): Edn {
  if (value === null) return { line, kind: "nil" };
  if (typeof value === "boolean") return { line, kind: "boolean", value };
  if (typeof value === "string") return { line, kind: "string", value };
  if (typeof value === "number")
    return { line, kind: Number.isSafeInteger(value) ? "whole" : "fraction", text: String(value === 0 ? 0 : value) };
  if (Array.isArray(value)) return { line, kind: "vector", items: value.map((item) => ednOf(item, line)) };
  return {
    line,
    kind: "map",
    entries: Object.entries(value as object).map(([key, item]) => [
      { line, kind: "string", value: key },
      ednOf(item, line),
    ]),
  };
}

/** The first field that a well-formed object has twice, of which JSON.parse would take the last; else null. */
function repeatedField(content: string): string | null {
  const seen = new Set<string>();
  let depth = 0;
  let last = "";
  for (const [token] of content.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (token === ":" && depth === 1) {
      const name = JSON.parse(last) as string;
      if (seen.has(name)) return name;
      seen.add(name);
    } else last = token;
  }
  return null;
}
