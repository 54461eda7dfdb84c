import { type Edn, type Notation, print } from "./edn.ts";

/** What a line of a history tells: that a call begins, or what came of it. */
export type EventType = "invoke" | "ok" | "fail" | "info";

const EVENT_TYPES: readonly string[] = ["invoke", "ok", "fail", "info"] satisfies readonly EventType[];

/** A line of a history, whatever its format. */
export interface HistoryEvent {
  readonly line: number;
  readonly process: Scalar;
  readonly type: EventType;
  /** The name of the operation, such as `read`. */
  readonly f: string;
  /** null where the field is left out. */
  readonly key: Edn | null;
  readonly value: Edn | null;
  /** Whether the line says why the operation failed or was not answered. */
  readonly hasReason: boolean;
}

/** What is wrong with a history, and where. */
export interface HistoryFlaw {
  /** From 1; null for the file as a whole. */
  readonly line: number | null;
  readonly field: "process" | "type" | "f" | "key" | "value" | "error" | "index" | null;
  /** What was expected there. */
  readonly message: string;
}

export function flaw(line: number, field: HistoryFlaw["field"], message: string): HistoryFlaw {
  return { line, field, message };
}

/** The events of a text, and what is wrong with it: then the events are not all. */
export interface EventsRead {
  readonly notation: Notation;
  readonly events: readonly HistoryEvent[];
  readonly flaws: readonly HistoryFlaw[];
}

/** A value that can be told from others by its text. */
export interface Scalar {
  readonly kind: "whole number" | "string" | "keyword" | "boolean";
  readonly text: string;
}

/** The value as a scalar, or null where it is something else: nil, a list, a number with a fraction. */
export function scalarOf(value: Edn): Scalar | null {
  switch (value.kind) {
    case "whole":
      return { kind: "whole number", text: value.text };
    case "string":
      return { kind: "string", text: value.value };
    case "keyword":
      return { kind: "keyword", text: `:${value.name}` };
    case "boolean":
      return { kind: "boolean", text: String(value.value) };
    default:
      return null;
  }
}

/** Who calls: a whole number or a string; null where it is something else. */
export function processOf(value: Edn): Scalar | null {
  return value.kind === "whole" || value.kind === "string" ? scalarOf(value) : null;
}

/**
 * Keeps the scalars of a history to one kind, so that their texts tell them apart: the number 1 is not the string "1".
 */
export class OneKind {
  #first: { readonly kind: Scalar["kind"]; readonly line: number } | null = null;

  /** What was expected, where the scalar is of another kind than those before it; else null. */
  breach({ kind }: Scalar, line: number): string | null {
    this.#first ??= { kind, line };
    return kind === this.#first.kind
      ? null
      : `expected a ${this.#first.kind} as on line ${this.#first.line}, not a ${kind}: in a history, all are of one kind`;
  }
}

/**
 * Holds a history that numbers its lines to their order: where two files are joined, or lines are sorted otherwise than they
 * came, a verdict would be on what never happened. Jepsen writes -1 where it has not numbered yet.
 */
export class Indexes {
  #last: { readonly index: bigint; readonly line: number } | null = null;

  /** What was expected, where the index is not greater than the one before; else null. */
  breach(value: Edn | null, line: number): string | null {
    if (value?.kind !== "whole") return null;
    const index = BigInt(value.text);
    if (index < 0n) return null;
    const last = this.#last;
    this.#last = { index, line };
    return last === null || index > last.index
      ? null
      : `expected more than ${last.index}, as on line ${last.line}, not ${index}: lines have to be in the order in which things happened`;
  }
}

/** A value for a message: short, and `nothing` where it is left out. */
export function shown(value: Edn | null, notation: Notation): string {
  return value === null ? "nothing" : shortened(print(value, notation));
}

/** The beginning of a text that is too long for a line. */
export function shortened(text: string, length = 60): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`;
}

/** The name of a type or an operation, as the file would write it. */
export function named(name: string, notation: Notation): string {
  return notation === "edn" ? `:${name}` : JSON.stringify(name);
}

export function isEventType(name: string): name is EventType {
  return EVENT_TYPES.includes(name);
}

/** What a type should be. */
export function typeExpected(notation: Notation): string {
  return `expected one of ${EVENT_TYPES.map((name) => named(name, notation)).join(", ")}`;
}
