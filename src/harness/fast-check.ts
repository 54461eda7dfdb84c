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

/** The seed of the run number `index` of a campaign: different for different runs of a campaign of up to 2^32 runs. */
export function seedOf(seed: number, index: number): number {
  return mix(mix(seed ^ 0x5bd1e995) + index) | 0;
}

/** A bijection of 32 bits, so that no two runs of a campaign share a seed (Wellons' lowbias32). */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return h ^ (h >>> 16);
}
