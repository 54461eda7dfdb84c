import type { Effect } from "../history.ts";

/** Effects as numbers. From {@link TOTAL} on an operation is possible in every state. */
export const OTHER = 0;
export const READS = 1;
export const TOTAL = 2;
export const OVERWRITES = 3;

export const EFFECTS: Readonly<Record<Effect, number>> = {
  other: OTHER,
  reads: READS,
  total: TOTAL,
  overwrites: OVERWRITES,
};
