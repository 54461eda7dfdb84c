import * as Schema from "effect/Schema";

/** A change of a model's source: a piece of text that must be there exactly once, and what takes its place. */
const EditSchema = Schema.Struct({
  /** From the top of the project. */
  file: Schema.String,
  /**
   * Whole lines, whose common indentation may be left out, as YAML's block texts do; or a part of one line, exactly as it
   * stands.
   */
  find: Schema.NonEmptyString,
  replace: Schema.String,
});

/** A seeded bug: a bug of the literature as a small edit of a model, applied when the module is loaded. */
export const BugSchema = Schema.Struct({
  id: Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]+$/)),
  title: Schema.String,
  suite: Schema.String,
  /** The paper, issue or postmortem that tells of it. */
  source: Schema.String,
  /** What it breaks, by the numbers of the literature. */
  violates: Schema.Array(Schema.String),
  /** The trouble that it takes to show, in words. */
  faults: Schema.String,
  edits: Schema.NonEmptyArray(EditSchema),
  /** The profile of the suite that is used for this bug; else the one that the command names. */
  profile: Schema.optionalKey(Schema.String),
  /**
   * Only these properties watch, to show that each of them finds a bug, and not only the one that would be fastest. All
   * of them where it is left out.
   */
  properties: Schema.optionalKey(Schema.NonEmptyArray(Schema.String)),
  /** Part of a scenario, merged into each that is generated, so that runs have on what the bug needs. */
  focus: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
});

export type Bug = typeof BugSchema.Type;
export type Edit = typeof EditSchema.Type;

/** An edit that does not apply: its text is not there, or not only once. */
export class EditError extends Error {
  override readonly name = "EditError";
}

/**
 * A file's source with the edits of a bug, one after the other.
 *
 * @param file the file's path as the edits name it
 * @throws EditError when a text does not occur exactly once
 */
export function applyEdits(bug: Pick<Bug, "id" | "edits">, file: string, source: string): string {
  return bug.edits
    .filter((edit) => edit.file === file)
    .reduce((text, edit) => {
      const places = [...placesOf(text, edit.find)];
      const [place] = places;
      if (place === undefined || places.length > 1)
        throw new EditError(
          `bug ${bug.id}: expected this text exactly once in ${file}, found it ${places.length === 0 ? "nowhere" : `${places.length} times`}:\n${edit.find.trimEnd()}`,
        );
      const replacement = indent(edit.replace, place.indentation);
      return text.slice(0, place.start) + replacement + text.slice(place.end);
    }, source);
}

/** A place at which a text stands, from `start` up to but without `end`. */
interface Place {
  readonly start: number;
  readonly end: number;
  /** Put before each line, where whole lines were found; null where it is a part of a line. */
  readonly indentation: string | null;
}

function placesOf(source: string, find: string): readonly Place[] {
  const whole = wholeLines(source, find);
  return whole.length > 0 ? whole : partsOfLines(source, find.replace(/\n$/, ""));
}

/** Where the lines stand one after the other, all of them with the same indentation before them. */
function wholeLines(source: string, find: string): readonly Place[] {
  const wanted = find.replace(/\n$/, "").split("\n");
  const lines = source.split("\n");
  const starts: number[] = [0];
  for (const line of lines) starts.push(starts.at(-1)! + line.length + 1);
  const places: Place[] = [];
  for (let at = 0; at + wanted.length <= lines.length; at++) {
    const first = wanted[0]!;
    if (!lines[at]!.endsWith(first)) continue;
    const indentation = lines[at]!.slice(0, lines[at]!.length - first.length);
    if (!/^\s*$/.test(indentation)) continue;
    const same = wanted.every((line, i) => {
      const there = lines[at + i]!;
      return line.trim() === "" ? there.trim() === "" : there === indentation + line;
    });
    if (same)
      places.push({ start: starts[at]!, end: Math.min(starts[at + wanted.length]!, source.length), indentation });
  }
  return places;
}

function partsOfLines(source: string, find: string): readonly Place[] {
  const places: Place[] = [];
  for (let at = source.indexOf(find); at >= 0; at = source.indexOf(find, at + 1))
    places.push({ start: at, end: at + find.length, indentation: null });
  return places;
}

function indent(text: string, indentation: string | null): string {
  if (indentation === null) return text.replace(/\n$/, "");
  const lines = text.replace(/\n$/, "").split("\n");
  return text === "" ? "" : `${lines.map((line) => (line.trim() === "" ? "" : indentation + line)).join("\n")}\n`;
}

/**
 * A value with a part of it set: objects are merged, all else is replaced, and so is an object of another `kind`.
 * Neither argument is changed.
 */
export function merge(value: unknown, part: unknown): unknown {
  if (!isObject(value) || !isObject(part)) return part;
  if (part.kind !== undefined && part.kind !== value.kind) return part;
  const merged = { ...value };
  for (const [key, inner] of Object.entries(part)) merged[key] = key in value ? merge(value[key], inner) : inner;
  return merged;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
