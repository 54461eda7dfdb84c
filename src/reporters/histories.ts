import type { HistoryEvidence, HistoryResult } from "../harness/histories.ts";
import { count, counted, table } from "./format.ts";
import { type Paint, PLAIN } from "./text.ts";

/** How many of the ordered calls are shown. */
const LAST_SHOWN = 6;
const STUCK_SHOWN = 12;
const OPERATION_WIDTH = 60;
const STATE_WIDTH = 70;

/** What came of the check of one history file, for a person at a terminal: a line, and the evidence below it. */
export function renderHistory(result: HistoryResult, paint: Paint = PLAIN): string {
  const { file, verdict, reason, evidence } = result;
  const facts = paint.faint(`  ${size(result)}, ${milliseconds(result.milliseconds)}`);
  switch (verdict) {
    case "linearizable":
      return `${paint.good("✓")} ${file}: linearizable${facts}\n`;
    case "unknown":
      return `${paint.doubtful("?")} ${file}: ${paint.doubtful("unknown")}: ${reason}${facts}\n`;
    case "notLinearizable":
      return `${paint.bad("✗")} ${file}: ${paint.bad("not linearizable")}${facts}\n${renderEvidence(evidence!)}`;
    case null:
      return `${paint.bad("!")} ${file}: not checked: ${counted(result.flawsFound, "flaw")} in the file\n`;
  }
}

function renderEvidence({ partition, calls, ordered, last, stuck }: HistoryEvidence): string {
  const at = partition === null ? "" : `key ${JSON.stringify(partition)}: `;
  const shown = last.slice(-LAST_SHOWN);
  const lines: string[] = [];
  if (ordered === 0) lines.push(`    ${at}not one of ${counted(calls, "call")} can be the first.`);
  else {
    const which = shown.length === ordered ? "" : `; the last ${shown.length}`;
    lines.push(
      `    ${at}${count(ordered)} of ${counted(calls, "call")} can be put into an order that explains the answers${which}:`,
      rows(shown, ({ state }) => `then ${middle(state, STATE_WIDTH)}`),
    );
  }
  lines.push(
    "    One of these would have to come next, and none can:",
    rows(stuck.slice(0, STUCK_SHOWN), ({ reason }) => middle(reason, 2 * STATE_WIDTH)),
  );
  if (stuck.length > STUCK_SHOWN) lines.push(`      ... and ${stuck.length - STUCK_SHOWN} more`);
  return `${lines.join("\n")}\n`;
}

type Row = HistoryEvidence["last"][number] | HistoryEvidence["stuck"][number];

function rows<R extends Row>(list: readonly R[], after: (row: R) => string): string {
  const cells = list.map((row) => [
    row.answeredLine === null ? `line ${row.line}, no answer` : `lines ${row.line} to ${row.answeredLine}`,
    `process ${row.process}`,
    middle(row.operation, OPERATION_WIDTH),
    after(row),
  ]);
  return table(cells).replace(/^/gm, "      ");
}

function size({ operations, failed, unanswered }: HistoryResult): string {
  const parts = [
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
    ...(unanswered > 0 ? [`${count(unanswered)} without answer`] : []),
  ];
  return `${counted(operations, "operation")}${parts.length === 0 ? "" : ` (${parts.join(", ")})`}`;
}

function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : count(value)} ms`;
}

/** A text without its middle where it is long: what is appended last stands at the end. */
function middle(text: string, width: number): string {
  if (text.length <= width) return text;
  const head = Math.floor((width - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`;
}
