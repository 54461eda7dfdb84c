import type { Notation } from "./edn.ts";
import { flaw, type HistoryEvent, type HistoryFlaw, named, OneKind } from "./events.ts";

/** A call as it was recorded: its two lines, and their places in the order of events. */
export interface RecordedCall {
  readonly invocation: HistoryEvent;
  /** Its type is `ok`, `fail` or `info`. */
  readonly completion: HistoryEvent;
  readonly invokedAt: number;
  readonly completedAt: number;
}

/** An invocation whose answer has not come yet, and its place in the order of events. */
interface OpenCall {
  readonly invocation: HistoryEvent;
  readonly invokedAt: number;
}

/**
 * Joins each invocation with its answer.
 *
 * Every call must have one: a file that ends while a call is open looks like one that was cut short, and what its other
 * part says is not known. `info` marks a call whose outcome is unknown.
 *
 * @returns the calls in the order of their invocations, and what is wrong: then the calls are not all
 */
export function pair(
  events: readonly HistoryEvent[],
  notation: Notation,
): { readonly calls: readonly RecordedCall[]; readonly flaws: readonly HistoryFlaw[] } {
  const name = (text: string) => named(text, notation);
  const calls: RecordedCall[] = [];
  const flaws: HistoryFlaw[] = [];
  const open = new Map<string, OpenCall>();
  /** Processes whose last call has an unknown outcome, and the line that says so. */
  const gone = new Map<string, number>();
  const processes = new OneKind();
  for (const [position, event] of events.entries()) {
    const { line, type, f } = event;
    const process = event.process.text;
    const otherKind = processes.breach(event.process, line);
    if (otherKind !== null) {
      flaws.push(flaw(line, "process", otherKind));
      continue;
    }
    const before = open.get(process);
    if (type === "invoke") {
      const goneSince = gone.get(process);
      if (before !== undefined)
        flaws.push(
          flaw(
            line,
            "process",
            `expected a process without an open call, not ${process}, whose ${before.invocation.f} of line ${before.invocation.line} is not answered yet`,
          ),
        );
      else if (goneSince !== undefined)
        flaws.push(
          flaw(
            line,
            "process",
            `expected another process than ${process}, which makes no more calls after the ${name("info")} on line ${goneSince}: its earlier call may still take effect`,
          ),
        );
      open.set(process, { invocation: event, invokedAt: position });
      continue;
    }
    if (before === undefined) {
      flaws.push(
        flaw(line, "type", `expected ${name("invoke")} first, not ${name(type)}: process ${process} has no open call`),
      );
      continue;
    }
    if (f !== before.invocation.f)
      flaws.push(
        flaw(
          line,
          "f",
          `expected ${name(before.invocation.f)}, as in its call on line ${before.invocation.line}, not ${name(f)}`,
        ),
      );
    open.delete(process);
    if (type === "info") gone.set(process, line);
    calls.push({ ...before, completion: event, completedAt: position });
  }
  for (const { invocation } of open.values())
    flaws.push({
      line: invocation.line,
      field: "type",
      message: `expected an answer to this call of process ${invocation.process.text} before the end of the file: was it cut short? Where the outcome is not known, ${name("info")} says so`,
    });
  return { calls: calls.sort((a, b) => a.invokedAt - b.invokedAt), flaws };
}
