import { type Edn, EdnReader, EdnSyntaxError } from "./edn.ts";
import {
  type EventsRead,
  flaw,
  type HistoryEvent,
  type HistoryFlaw,
  isEventType,
  shortened,
  typeExpected,
} from "./events.ts";
import { otherFormat } from "./lines.ts";

const EXAMPLE = '"0 :invoke :write 3"';
/** Process, type, operation, and the rest of the line: at its beginning, or after what a logger puts before it. */
const BARE = /^\s*(\d+|:\S+)\s+(:\S*)(?:\s+(\S+))?(?:\s+(.*))?$/;
const LOGGED = /^.*?\bjepsen\.util\b(?:\s+-|:)?\s+(\S+)\s+(:\S*)(?:\s+(\S+))?(?:\s+(.*))?$/;

/**
 * Reads the operations that Jepsen writes into its log (`INFO  jepsen.util - 0	:invoke	:read	nil`) or into its
 * `history.txt` (`0	:invoke	:read	nil`): process, type, operation, value, and perhaps an error.
 *
 * Lines of the nemesis are left out; every other line must be understood. The last line must end with a line feed: a value
 * that was cut off in its middle cannot be told from a whole one otherwise.
 */
export function readJepsenLog(text: string): EventsRead {
  const events: HistoryEvent[] = [];
  const flaws: HistoryFlaw[] = [];
  const lines = text.split("\n");
  for (const [i, raw] of lines.entries()) {
    const content = raw.trim();
    if (content === "") continue;
    if (i === lines.length - 1)
      flaws.push({
        line: i + 1,
        field: null,
        message: "expected a line feed at the end of the last line: was the file cut short?",
      });
    const event = readLine(content, i + 1);
    if ("message" in event) flaws.push(event);
    else if (event.type !== "nemesis") events.push(event);
  }
  return { notation: "edn", events, flaws };
}

function readLine(content: string, line: number): HistoryEvent | { readonly type: "nemesis" } | HistoryFlaw {
  const match = BARE.exec(content) ?? LOGGED.exec(content);
  if (match === null)
    return flaw(
      line,
      null,
      otherFormat(content, "jepsen-log") ??
        `expected an operation such as ${EXAMPLE}, not ${JSON.stringify(shortened(content))}; other lines of the log have to be left out`,
    );
  const [, process = "", type = "", f = "", rest = ""] = match;
  if (!isEventType(type.slice(1))) return flaw(line, "type", `${typeExpected("edn")}, not ${shortened(type)}`);
  if (process === ":nemesis") return { type: "nemesis" };
  if (!/^\d+$/.test(process))
    return flaw(line, "process", `expected a whole number, or :nemesis, not ${shortened(process)}`);
  if (!/^:[^:]/.test(f))
    return flaw(line, "f", `expected an operation such as :read, not ${f === "" ? "nothing" : shortened(f)}`);
  const reader = new EdnReader(rest, line);
  let value: Edn | null;
  try {
    value = reader.next();
  } catch (error) {
    if (error instanceof EdnSyntaxError) return flaw(line, "value", error.message);
    throw error;
  }
  if (value === null) return flaw(line, "value", `expected a value, such as in ${EXAMPLE}, not the end of the line`);
  const reason = reader.rest().trim();
  if (reason !== "" && (type === ":invoke" || type === ":ok"))
    return flaw(line, "value", `expected one value and then the end of the line, not ${shortened(reason)}`);
  return {
    line,
    process: { kind: "whole number", text: String(BigInt(process)) },
    type: type.slice(1) as HistoryEvent["type"],
    f: f.slice(1),
    key: null,
    value,
    hasReason: reason !== "" || value.kind === "keyword",
  };
}
