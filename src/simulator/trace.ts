import type { Micros, ProcessId } from "../../models/kernel/index.ts";

/** Where a world tells what happens, one line at a time. */
export interface TraceSink {
  /**
   * @param event the number of the event that the line belongs to
   * @param process the process concerned; empty for the scenario's own
   * @param hash 32 bits of the rolling hash after it
   */
  tell(event: number, atUs: Micros, process: ProcessId, text: string, hash: number): void;
}

/** One line of a trace. */
export interface TraceLine {
  readonly event: number;
  readonly atUs: Micros;
  readonly process: ProcessId;
  readonly text: string;
  readonly hash: number;
}

/** Keeps the lines of a trace. */
export class TraceRecorder implements TraceSink {
  readonly lines: TraceLine[] = [];

  tell(event: number, atUs: Micros, process: ProcessId, text: string, hash: number): void {
    this.lines.push({ event, atUs, process, text, hash });
  }
}

/** A line of a trace as text: time in milliseconds, process, what happened. */
export function renderLine({ atUs, process, text }: TraceLine): string {
  return `${(atUs / 1000).toFixed(3).padStart(12)} ms  ${process.padEnd(4)} ${text}`;
}

/** The first line at which two traces differ, or null when they are equal. */
export function firstDifference(
  left: readonly TraceLine[],
  right: readonly TraceLine[],
): { readonly left: TraceLine | undefined; readonly right: TraceLine | undefined } | null {
  const length = Math.max(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const [a, b] = [left[i], right[i]];
    if (a?.hash !== b?.hash || a?.text !== b?.text || a?.atUs !== b?.atUs || a?.process !== b?.process)
      return { left: a, right: b };
  }
  return null;
}
