import type { Micros } from "../../kernel/index.ts";

/** `base` doubled for each failure after the first, never above `max` (client-go util/workqueue, ItemExponentialFailureRateLimiter.When). */
export function exponentialBackoff(baseUs: Micros, maxUs: Micros, failuresBefore: number): Micros {
  return Math.min(maxUs, baseUs * 2 ** Math.min(failuresBefore, 40));
}
