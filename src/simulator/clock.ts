import type { ClockReading, Micros } from "../../models/kernel/index.ts";
import { type StreamKey, uniform } from "./random.ts";
import type { ClockProfile } from "./system.ts";

/**
 * The clocks of one host, against true (virtual) time: a monotonic one that runs at the host's own rate, and a calendar
 * clock that is off from it by an offset.
 */
export class HostClock {
  /** Local microseconds for each true microsecond. */
  rate: number;
  /** What the calendar clock is ahead of the monotonic one. */
  offsetUs: Micros;
  readonly #nominalRate: number;
  readonly #overrides: number[] = [];
  #base = 0;
  #since = 0;

  constructor(rate: number, offsetUs: Micros) {
    this.rate = rate;
    this.#nominalRate = rate;
    this.offsetUs = offsetUs;
  }

  /** The monotonic clock at a true time. */
  monotonic(trueUs: Micros): Micros {
    return this.rate === 1
      ? this.#base + (trueUs - this.#since)
      : this.#base + Math.floor((trueUs - this.#since) * this.rate);
  }

  /** Both clocks at a true time. */
  read(trueUs: Micros): ClockReading {
    const now = this.monotonic(trueUs);
    return { now, wall: now + this.offsetUs };
  }

  /** The true time that a duration on this clock takes. Timers that are already set keep their true deadline. */
  toTrue(localUs: Micros): Micros {
    return this.rate === 1 ? localUs : Math.ceil(localUs / this.rate);
  }

  /** From now on, until {@link restoreRate} takes it back, the clock runs at another rate. The latest one counts. */
  overrideRate(rate: number, trueUs: Micros): void {
    this.#overrides.push(rate);
    this.#setRate(rate, trueUs);
  }

  /** Takes one {@link overrideRate} back. */
  restoreRate(rate: number, trueUs: Micros): void {
    this.#overrides.splice(this.#overrides.lastIndexOf(rate), 1);
    this.#setRate(this.#overrides.at(-1) ?? this.#nominalRate, trueUs);
  }

  #setRate(rate: number, trueUs: Micros): void {
    this.#base = this.monotonic(trueUs);
    this.#since = trueUs;
    this.rate = rate;
  }
}

/** The clock of the host number `index`, drawn from a profile. */
export function drawClock(profile: ClockProfile, key: StreamKey, index: number): HostClock {
  const drift = (uniform(key, index, 0) * 2 - 1) * profile.driftMax;
  const skew = Math.round((uniform(key, index, 1) * 2 - 1) * profile.skewMaxUs);
  return new HostClock(profile.driftMax === 0 ? 1 : 1 + drift, skew);
}
