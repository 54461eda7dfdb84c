import type { Call, SequentialModel } from "../history.ts";

/** The calls about one object, in the order of what happened to them. */
export interface PartitionEvents {
  /** The key, or null where the model has no partitions. */
  readonly key: string | null;
  /** The number of a call (its index in the history) where it is invoked, and `~number` where it is answered. */
  readonly events: number[];
  /** Beside `events`, where a call is invoked: how many calls were answered before it is, or -1 where it never is. */
  readonly ranks: number[];
  /** How many calls were answered. */
  answers: number;
}

/**
 * Puts invocations and answers into one order, and parts them by what they are about. Calls that can tell nothing, reads
 * without an answer, are left out.
 *
 * Throws an Error where the history is none: times that are equal, not numbers or out of order, or a process whose calls
 * overlap.
 */
export function partitionEvents<State, Op>(
  model: SequentialModel<State, Op>,
  calls: readonly Call<Op>[],
): PartitionEvents[] {
  checkProcesses(calls);
  const { returnTimes, callOfReturn } = sortedReturns(calls);
  const partitions: PartitionEvents[] = [];
  const indexOfKey = new Map<string | null, number>();
  const partitionOf = new Int32Array(calls.length);
  const placeOf = new Int32Array(calls.length);
  let returned = 0;
  for (let call = 0; call <= calls.length; call++) {
    const invokedAt = call < calls.length ? calls[call]!.invokedAt : Number.POSITIVE_INFINITY;
    for (; returned < returnTimes.length && returnTimes[returned]! <= invokedAt; returned++) {
      const answered = callOfReturn[returned]!;
      if (returnTimes[returned] === invokedAt) throw new Error(`two events of the history are at ${invokedAt}`);
      const partition = partitions[partitionOf[answered]!]!;
      partition.ranks[placeOf[answered]!] = partition.answers++;
      partition.ranks.push(-1);
      partition.events.push(~answered);
    }
    if (call === calls.length) break;
    const { op, returnedAt } = calls[call]!;
    if (returnedAt === Number.POSITIVE_INFINITY && model.effect?.(op) === "reads") continue;
    const key = model.partition?.(op) ?? null;
    let index = indexOfKey.get(key);
    if (index === undefined) {
      index = partitions.length;
      indexOfKey.set(key, index);
      partitions.push({ key, events: [], ranks: [], answers: 0 });
    }
    const { events, ranks } = partitions[index]!;
    partitionOf[call] = index;
    placeOf[call] = events.length;
    events.push(call);
    ranks.push(-1);
  }
  return partitions;
}

function checkProcesses<Op>(calls: readonly Call<Op>[]): void {
  const busyUntil = new Map<string, number>();
  let last = Number.NEGATIVE_INFINITY;
  for (const { process, invokedAt, returnedAt } of calls) {
    if (!(invokedAt > last && invokedAt < Number.POSITIVE_INFINITY))
      throw new Error(
        `calls are not in the order of their invocations: one at ${invokedAt} comes after one at ${last}`,
      );
    if (!(returnedAt > invokedAt))
      throw new Error(`a call of process ${process}, invoked at ${invokedAt}, returned at ${returnedAt}`);
    const busy = busyUntil.get(process);
    if (busy !== undefined && busy >= invokedAt)
      throw new Error(`process ${process} invoked a call at ${invokedAt}, before the answer to its earlier one`);
    busyUntil.set(process, returnedAt);
    last = invokedAt;
  }
}

/** When answers came, in order, and to which calls. */
function sortedReturns<Op>(calls: readonly Call<Op>[]): { returnTimes: Float64Array; callOfReturn: Int32Array } {
  const times = new Float64Array(calls.length);
  let count = 0;
  for (const { returnedAt } of calls) if (returnedAt !== Number.POSITIVE_INFINITY) times[count++] = returnedAt;
  const returnTimes = times.subarray(0, count).sort();
  for (let i = 1; i < count; i++)
    if (returnTimes[i] === returnTimes[i - 1]) throw new Error(`two events of the history are at ${returnTimes[i]}`);
  const callOfReturn = new Int32Array(count);
  for (let call = 0; call < calls.length; call++) {
    const { returnedAt } = calls[call]!;
    if (returnedAt !== Number.POSITIVE_INFINITY) callOfReturn[indexOf(returnTimes, returnedAt)] = call;
  }
  return { returnTimes, callOfReturn };
}

/** Where a value is in a sorted array that has it. */
function indexOf(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
