import type { Micros } from "../kernel/index.ts";
import type { Backoff } from "./types.ts";

/**
 * How long a container that ended at `endedAt` still waits; 0: not any longer (client-go util/flowcontrol/backoff.go,
 * IsInBackOffSince). All times are of the calendar: the runtime tells when a container ended in no other.
 */
export function backoffLeft(
  backoffs: readonly Backoff[],
  key: string,
  endedAt: Micros,
  wall: Micros,
  maxUs: Micros,
): Micros {
  const entry = backoffs.find((one) => one.key === key);
  if (entry === undefined || hasExpired(entry, endedAt, maxUs)) return 0;
  return Math.max(0, entry.us - (wall - endedAt));
}

/** The backoffs with the next one for a key: the first, or twice the last (flowcontrol/backoff.go, Next). */
export function lengthened(
  backoffs: readonly Backoff[],
  key: string,
  endedAt: Micros,
  wall: Micros,
  firstUs: Micros,
  maxUs: Micros,
): readonly Backoff[] {
  const entry = backoffs.find((one) => one.key === key);
  const isNew = entry === undefined || hasExpired(entry, endedAt, maxUs);
  const us = isNew ? firstUs : Math.min(maxUs, entry.us * 2);
  return [...backoffs.filter((one) => one !== entry), { key, us, at: wall }];
}

/** What ran well for twice the longest backoff has earned a new start (flowcontrol/backoff.go, hasExpired). */
export function hasExpired({ at }: Backoff, endedAt: Micros, maxUs: Micros): boolean {
  return endedAt - at > 2 * maxUs;
}
