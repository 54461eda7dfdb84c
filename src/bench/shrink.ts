import { fc } from "../harness/fast-check.ts";
import { reduceList } from "../harness/shrink.ts";
import { bits, streamKey } from "../simulator/random.ts";

const LENGTH = 200;
const LISTS = 50;

/** Re-executions that shrinking a list of 200 takes of which `matter` elements matter; means over 50 lists. */
export interface ShrinkFigures {
  readonly matter: number;
  readonly ours: number;
  readonly fastCheck: number;
}

export function shrinkExecutions(matter: number): ShrinkFigures {
  let ours = 0;
  let fastCheck = 0;
  for (let list = 0; list < LISTS; list++) {
    const needed = drawNeeded(list, matter);
    const interesting = (kept: readonly number[]): boolean => {
      let found = 0;
      for (const item of kept) if (needed.has(item)) found++;
      return found === needed.size;
    };
    const whole = Array.from({ length: LENGTH }, (_, i) => i);
    const left = reduceList(whole, (kept) => {
      ours++;
      return interesting(kept);
    });
    if (left.length !== matter) throw new Error(`shrank to ${left.length} elements, of which ${matter} matter`);
    fastCheck += fastCheckExecutions(whole, interesting);
  }
  return { matter, ours: Math.round(ours / LISTS), fastCheck: Math.round(fastCheck / LISTS) };
}

function fastCheckExecutions(whole: readonly number[], interesting: (kept: readonly number[]) => boolean): number {
  // A property that only some lists have, driven by fast-check's own loop: it starts from the list as an example.
  const arbitrary = fc.array(fc.nat({ max: LENGTH - 1 }), { maxLength: LENGTH, size: "max" });
  let executions = 0;
  let value: number[] = [...whole];
  for (let progress = true; progress; ) {
    progress = false;
    for (const candidate of arbitrary.shrink(value, undefined)) {
      executions++;
      if (!interesting(candidate.value)) continue;
      value = candidate.value;
      progress = true;
      break;
    }
  }
  return executions;
}

function drawNeeded(list: number, matter: number): ReadonlySet<number> {
  const key = streamKey(list, "shrink");
  const needed = new Set<number>();
  for (let i = 0; needed.size < matter; i++) needed.add((bits(key, i, 0) >>> 0) % LENGTH);
  return needed;
}
