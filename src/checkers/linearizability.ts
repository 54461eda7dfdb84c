import type { Call, LinearizabilityVerdict, SearchBounds, SequentialModel } from "./history.ts";
import { evidenceOf } from "./linearizability/evidence.ts";
import { MemoryBudget } from "./linearizability/memory.ts";
import { problemOf } from "./linearizability/problem.ts";
import { LinearizabilitySearch, SEARCH_OPTIONS } from "./linearizability/search.ts";
import { type PartitionEvents, partitionEvents } from "./linearizability/timeline.ts";

/** Bounds that a machine of 2 GiB stands: about half a minute for one partition. */
export const DEFAULT_BOUNDS: SearchBounds = { stepsMax: 500_000_000, memoryBytesMax: 768 * 2 ** 20 };

/** Steps that each partition gets before the others have their turn; twice as many in each further round. */
const STEPS_FIRST = 1 << 12;
/** Steps of a search for evidence alone. */
const STEPS_EVIDENCE = 1 << 20;
const MEMORY_EVIDENCE = 64 * 2 ** 20;
/** Steps between two questions whether the time has expired. */
const STEPS_UNASKED = 1 << 16;

/**
 * Whether the calls of a history can be put into one order that respects time and in which the model gives every answer
 * (Herlihy and Wing 1990).
 *
 * Partitions are searched side by side, small ones first, each for twice as long in each round, so that one that is hard
 * does not hide a violation in another. The verdict is `unknown` only where no violation was found and a bound was
 * reached. Which evidence is found depends on nothing but the history and the bounds.
 *
 * Throws an Error where the history is none: times that are equal or out of order, or a process whose calls overlap.
 */
export function checkLinearizability<State, Op>(
  model: SequentialModel<State, Op>,
  calls: readonly Call<Op>[],
  bounds: SearchBounds = DEFAULT_BOUNDS,
): LinearizabilityVerdict<Op> {
  const memory = new MemoryBudget(bounds.memoryBytesMax);
  const partitions = partitionEvents(model, calls).sort((a, b) => a.events.length - b.events.length);
  let undecided: (PartitionEvents | LinearizabilitySearch)[] = partitions;
  let stepsLeft = bounds.stepsMax;
  let gaveUp: string | null = null;
  for (let turn = STEPS_FIRST; undecided.length > 0; turn *= 2) {
    const running: LinearizabilitySearch[] = [];
    for (const partition of undecided) {
      if (bounds.expired?.()) return { kind: "unknown", reason: "not decided within the time" };
      const search =
        partition instanceof LinearizabilitySearch
          ? partition
          : new LinearizabilitySearch(
              model as SequentialModel<unknown, unknown>,
              problemOf(model, calls, partition),
              memory,
            );
      const stepsBefore = search.stepsTaken;
      let progress = search.run(Math.min(turn, STEPS_UNASKED, stepsLeft));
      for (;;) {
        const steps = search.stepsTaken - stepsBefore;
        if (progress !== "running" || steps >= turn) break;
        if (steps >= stepsLeft) return { kind: "unknown", reason: `not decided within ${bounds.stepsMax} steps` };
        if (bounds.expired?.()) return { kind: "unknown", reason: "not decided within the time" };
        progress = search.run(Math.min(turn - steps, STEPS_UNASKED, stepsLeft - steps));
      }
      stepsLeft -= search.stepsTaken - stepsBefore;
      if (progress === "notLinearizable")
        return {
          kind: "notLinearizable",
          evidence: evidenceOf(model, calls, search.problem, furthestOf(model, search), search.refuted),
        };
      if (progress === "running") running.push(search);
      else search.release();
      if (progress === "outOfMemory") gaveUp ??= `not decided within ${bounds.memoryBytesMax} bytes of memory`;
    }
    undecided = running;
  }
  return gaveUp === null ? { kind: "linearizable" } : { kind: "unknown", reason: gaveUp };
}

/** The choices that lead furthest. What is hopeless may lead further than the search went. */
function furthestOf<State, Op>(model: SequentialModel<State, Op>, search: LinearizabilitySearch): readonly number[] {
  const way = search.way();
  if (!search.lookedAhead) return way.choices;
  const { problem } = search;
  search.release();
  const blind = new LinearizabilitySearch(
    model as SequentialModel<unknown, unknown>,
    problem,
    new MemoryBudget(MEMORY_EVIDENCE),
    { ...SEARCH_OPTIONS, deadEndsEasy: Number.POSITIVE_INFINITY },
  );
  blind.run(STEPS_EVIDENCE);
  const other = blind.way();
  return other.frontier > way.frontier ? other.choices : way.choices;
}
