import { performance } from "node:perf_hooks";
import process from "node:process";
import { count, counted, duration, short } from "../reporters/format.ts";

/** How far a campaign is. */
export interface ProgressState {
  readonly done: number;
  /** null where only time bounds it. */
  readonly total: number | null;
  readonly events: number;
  readonly virtualSeconds: number;
  readonly violations: number;
  readonly faults: number;
}

const LINE_SECONDS = 10;
const REDRAW_SECONDS = 0.1;

/**
 * Tells on stderr how far the work is: on a terminal one line that is redrawn, elsewhere a line every few seconds, so
 * that a log stays readable.
 */
export class Progress {
  readonly #stream = process.stderr;
  readonly #secondsMax: number;
  #label = "";
  #started = performance.now();
  #told = performance.now();
  #drawn = false;

  /** @param secondsMax the time that a campaign has, where it has a bound */
  constructor(secondsMax = Number.POSITIVE_INFINITY) {
    this.#secondsMax = secondsMax;
  }

  /** Something new begins. */
  begin(label: string): void {
    this.#label = label;
    this.#started = performance.now();
    this.#told = this.#started;
    if (this.#stream.isTTY) this.#draw(`${label} ...`);
  }

  /** Tells how far it is, if it is time to. */
  update(state: ProgressState): void {
    const now = performance.now();
    const seconds = this.#stream.isTTY ? REDRAW_SECONDS : LINE_SECONDS;
    if ((now - this.#told) / 1000 < seconds) return;
    this.#told = now;
    const text = `${this.#label}: ${describe(state, (now - this.#started) / 1000, this.#secondsMax)}`;
    if (this.#stream.isTTY) this.#draw(text);
    else this.#stream.write(`${text}\n`);
  }

  /** Tells something that stays on the screen. */
  say(text: string): void {
    this.clear();
    this.#stream.write(`${text}\n`);
  }

  /** Takes the redrawn line away. */
  clear(): void {
    if (!this.#drawn) return;
    this.#stream.write("\r\u001b[2K");
    this.#drawn = false;
  }

  #draw(text: string): void {
    const width = this.#stream.columns || 80;
    this.#stream.write(`\r\u001b[2K${text.length < width ? text : text.slice(0, width - 1)}`);
    this.#drawn = true;
  }
}

function describe(state: ProgressState, seconds: number, secondsMax: number): string {
  const { done, total, events, virtualSeconds, violations, faults } = state;
  const perSecond = (number: number) => short(number / Math.max(seconds, 0.001));
  const unmade = total === null ? Number.POSITIVE_INFINITY : (seconds / Math.max(done, 1)) * (total - done);
  const left = Math.min(unmade, Math.max(0, secondsMax - seconds));
  // What matters most comes first: a narrow terminal cuts the end off.
  const standing = [
    total === null ? counted(done, "run") : `${count(done)}/${count(total)} runs`,
    counted(violations, "violation"),
    ...(faults > 0 ? [counted(faults, "fault")] : []),
    ...(Number.isFinite(left) ? [`${duration(left)} left`] : []),
  ];
  const speed = [
    `${perSecond(done)} runs/s`,
    `${perSecond(events)} events/s`,
    `${(virtualSeconds / 3600).toFixed(1)} virtual h`,
  ];
  return `${standing.join(", ")}; ${speed.join(", ")}`;
}
