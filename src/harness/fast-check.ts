/**
 * The one module through which the rest of seatrial uses fast-check, so that a change of its interface (fast-check 5
 * drops synchronous properties) is a change of this file.
 */
import fc from "fast-check";

export type { Arbitrary } from "fast-check";
export { fc };

/** The value that an arbitrary gives for a seed and a number. The same everywhere, for one version of fast-check. */
export function generate<T>(arbitrary: fc.Arbitrary<T>, seed: number, index: number): T {
  const [value] = fc.sample(arbitrary, { seed: seedOf(seed, index), numRuns: 1 });
  return value!;
}

/** The simpler values that fast-check's shrinker offers next for a value, nearest to the simplest first. */
export function* simpler<T>(arbitrary: fc.Arbitrary<T>, value: T): Iterable<T> {
  if (!arbitrary.canShrinkWithoutContext(value)) return;
  for (const candidate of arbitrary.shrink(value, undefined)) yield candidate.value;
}

/** The seed of the run number `index` of a campaign. */
export function seedOf(seed: number, index: number): number {
  let h = Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (h ^ (h >>> 15)) | 0;
}
