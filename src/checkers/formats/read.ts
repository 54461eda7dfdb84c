import type { Call } from "../history.ts";
import { pair } from "./calls.ts";
import { readEdnHistory } from "./edn-history.ts";
import { type EventsRead, type HistoryFlaw, shortened } from "./events.ts";
import { readJepsenLog } from "./jepsen-log.ts";
import { readJsonLines } from "./json-lines.ts";
import { formatOf, type HistoryFormat } from "./lines.ts";
import { type ModelOperations, OperationReader } from "./operations.ts";

/** A history that was read as a whole. */
export interface ReadHistory<Op> {
  readonly kind: "read";
  readonly format: HistoryFormat;
  /** What there is to judge: without calls that did not take effect, and without reads whose answer is not known. */
  readonly calls: readonly Call<Op>[];
  /** The line of each position in the order of events, at which calls are invoked and answered. */
  readonly lines: readonly number[];
  /** How many calls the history has in all. */
  readonly operations: number;
  /** How many of them failed, so that nothing came of them. */
  readonly failed: number;
  /** How many of them have an unknown outcome. */
  readonly unanswered: number;
}

/** What is wrong with a history, in the order of its lines. Nothing can be said of it. */
export interface FlawedHistory {
  readonly kind: "flawed";
  readonly flaws: readonly HistoryFlaw[];
}

const READERS = {
  "jepsen-log": readJepsenLog,
  edn: readEdnHistory,
  "json-lines": readJsonLines,
} satisfies Record<HistoryFormat, (text: string) => EventsRead>;

/**
 * Reads the history that a file holds, in the format that its first line has.
 *
 * Either all of it is read, or none: each line must be understood, each call have its answer, and each value be one that
 * the model knows.
 */
export function readHistory<Op>(bytes: Uint8Array, of: ModelOperations<unknown, Op>): ReadHistory<Op> | FlawedHistory {
  const text = decode(bytes);
  if (typeof text !== "string") return flawed([text]);
  const read = readEvents(text);
  if (read.flaws.length > 0) return flawed(read.flaws);
  const { calls: recorded, flaws } = pair(read.events, read.notation);
  const reader = new OperationReader(of, read.notation);
  const calls: Call<Op>[] = [];
  for (const call of recorded) {
    const op = reader.read(call);
    if (op === null) continue;
    const { invocation, completion, invokedAt, completedAt } = call;
    const returnedAt = completion.type === "info" ? Number.POSITIVE_INFINITY : completedAt;
    calls.push({ process: invocation.process.text, op, invokedAt, returnedAt });
  }
  if (flaws.length + reader.flaws.length > 0) return flawed([...flaws, ...reader.flaws]);
  const completed = (type: "fail" | "info") => recorded.filter(({ completion }) => completion.type === type).length;
  return {
    kind: "read",
    format: read.format,
    calls,
    lines: read.events.map(({ line }) => line),
    operations: recorded.length,
    failed: completed("fail"),
    unanswered: completed("info"),
  };
}

/** The names of the operations in a file, as far as it can be read. */
export function operationNames(bytes: Uint8Array): readonly string[] {
  const text = decode(bytes);
  return typeof text === "string" ? [...new Set(readEvents(text).events.map(({ f }) => f))] : [];
}

function readEvents(text: string): EventsRead & { readonly format: HistoryFormat } {
  const nothing = (line: number | null, message: string) => ({
    format: "edn" as const,
    notation: "edn" as const,
    events: [],
    flaws: [{ line, field: null, message }],
  });
  const first = /\S.*/.exec(text);
  if (first === null) return nothing(null, "expected the operations of a history, not an empty file");
  const format = formatOf(first[0]);
  if (format === null)
    return nothing(
      text.slice(0, first.index).split("\n").length,
      `expected the first line of a history: of a Jepsen log ("0 :invoke :read nil"), in EDN ({:process 0, :type :invoke, …}) or in JSON ({"process":"c1","type":"invoke",…}), not ${JSON.stringify(shortened(first[0]))}`,
    );
  const read = READERS[format](text);
  if (read.events.length > 0 || read.flaws.length > 0) return { ...read, format };
  return nothing(null, "expected the operations of a history, not one without any");
}

/** The text of a file in UTF-8, or where it is none. */
function decode(bytes: Uint8Array): string | HistoryFlaw {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    const text = decoder.decode(bytes);
    const nul = text.indexOf("\0");
    return nul < 0 ? text : notText(text.slice(0, nul).split("\n").length);
  } catch {
    // A line feed is no part of another character in UTF-8: lines can be looked at one by one.
    for (let [line, from] = [1, 0]; ; line++) {
      const end = bytes.indexOf(0x0a, from);
      try {
        decoder.decode(bytes.subarray(from, end < 0 ? bytes.length : end));
      } catch {
        return notText(line);
      }
      if (end < 0) return notText(line);
      from = end + 1;
    }
  }
}

function notText(line: number): HistoryFlaw {
  return { line, field: null, message: "expected text in UTF-8, not other bytes" };
}

function flawed(flaws: readonly HistoryFlaw[]): FlawedHistory {
  return { kind: "flawed", flaws: [...flaws].sort((a, b) => (a.line ?? 0) - (b.line ?? 0)) };
}
