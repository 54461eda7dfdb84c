import type { Call, SequentialModel } from "../history.ts";
import { NARROW } from "./bit-sets.ts";
import { EFFECTS, OVERWRITES, READS, TOTAL } from "./effects.ts";
import type { PartitionEvents } from "./timeline.ts";

/**
 * The calls of one partition, as numbers.
 *
 * Answered calls are numbered by the order of their answers: their *rank*. The search keeps the rank of the first call
 * that has not taken effect, the *frontier*. What may come next are the calls that are invoked before its answer: of the
 * answered ones those that are *open* at it, each of which has a *slot* of its own, and unanswered ones, *strays*,
 * numbered by the order of their invocations.
 */
export interface Problem {
  readonly key: string | null;
  /** How many calls were answered. */
  readonly ranks: number;
  /** By rank: the index of the call in the history. */
  readonly callOf: Int32Array;
  /** By rank: the number of its operation. */
  readonly opOf: Int32Array;
  /** By rank: its slot. No two calls that are open at the same answer share one. */
  readonly slotOf: Int32Array;
  readonly slots: number;
  /** Ranks of open calls that are no reads, by rank; those open at the answer of rank f from `updateStart[f]` on. */
  readonly updates: Int32Array;
  readonly updateStart: Int32Array;
  /** Beside `updates`: where the one before of the same operation stands, or -1. */
  readonly twins: Int32Array;
  /** Ranks of open reads, in the order of their invocations; those at the answer of rank f from `readStart[f]` on. */
  readonly reads: Int32Array;
  readonly readStart: Int32Array;
  /** By rank: how many calls were invoked before it was. */
  readonly invokedBefore: Int32Array;
  /** By rank: how many calls were invoked before its answer. */
  readonly invokedBeforeReturn: Int32Array;
  /** By stray: the index of the call in the history, the number of its operation, the stray before it of the same or -1. */
  readonly strayCallOf: Int32Array;
  readonly strayOpOf: Int32Array;
  readonly strayTwins: Int32Array;
  /** By rank: how many strays were invoked before its answer. */
  readonly straysAt: Int32Array;
  /** By rank: the slots of open calls that are possible in every state, where slots are narrow. */
  readonly totals: Int32Array;
  /** By rank: how many open calls and strays there are that neither read nor overwrite. */
  readonly modifiersAt: Int32Array;
  /** By number: the operations. */
  readonly ops: readonly unknown[];
  /** By number: its effect, see `effects.ts`. */
  readonly opEffects: Uint8Array;
}

/** Numbers the calls of a partition. */
export function problemOf<State, Op>(
  model: SequentialModel<State, Op>,
  calls: readonly Call<Op>[],
  { key, events, ranks: rankOfEvent, answers: ranks }: PartitionEvents,
): Problem {
  const { ops, opOfEvent, opEffects } = numberOps(model, calls, events);
  const sizes = sizesOf(events, rankOfEvent, opOfEvent, opEffects);
  const strays = events.length - 2 * ranks;
  const callOf = new Int32Array(ranks);
  const opOf = new Int32Array(ranks);
  const slotOf = new Int32Array(ranks);
  const updates = new Int32Array(sizes.updates);
  const updateStart = new Int32Array(ranks + 1);
  const twins = new Int32Array(sizes.updates);
  const reads = new Int32Array(sizes.reads);
  const readStart = new Int32Array(ranks + 1);
  const invokedBefore = new Int32Array(ranks);
  const invokedBeforeReturn = new Int32Array(ranks);
  const strayCallOf = new Int32Array(strays);
  const strayOpOf = new Int32Array(strays);
  const strayTwins = new Int32Array(strays);
  const straysAt = new Int32Array(ranks + 1);

  const totals = new Int32Array(ranks);
  const modifiersAt = new Int32Array(ranks + 1);

  const openUpdates: number[] = [];
  const openReads: number[] = [];
  const freeSlots: number[] = [];
  const twinPlace = new Int32Array(ops.length);
  const twinRank = new Int32Array(ops.length).fill(-1);
  const strayOfOp = new Int32Array(ops.length).fill(-1);
  let slots = 0;
  let rank = 0;
  let invoked = 0;
  let stray = 0;
  let modifyingStrays = 0;
  let updatesEnd = 0;
  let readsEnd = 0;
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!;
    if (event >= 0) {
      const op = opOfEvent[i]!;
      const callRank = rankOfEvent[i]!;
      if (callRank < 0) {
        if (opEffects[op]! < OVERWRITES) modifyingStrays++;
        strayCallOf[stray] = event;
        strayOpOf[stray] = op;
        strayTwins[stray] = strayOfOp[op]!;
        strayOfOp[op] = stray++;
      } else {
        callOf[callRank] = event;
        opOf[callRank] = op;
        slotOf[callRank] = freeSlots.pop() ?? slots++;
        invokedBefore[callRank] = invoked;
        if (opEffects[op] === READS) openReads.push(callRank);
        else insertSorted(openUpdates, callRank);
      }
      invoked++;
      continue;
    }
    updateStart[rank] = updatesEnd;
    readStart[rank] = readsEnd;
    straysAt[rank] = stray;
    invokedBeforeReturn[rank] = invoked;
    let total = 0;
    let modifiers = modifyingStrays;
    for (const open of openUpdates) {
      const op = opOf[open]!;
      if (opEffects[op]! >= TOTAL && slotOf[open]! < NARROW) total |= 1 << slotOf[open]!;
      if (opEffects[op]! < OVERWRITES) modifiers++;
      twins[updatesEnd] = twinRank[op] === rank ? twinPlace[op]! : -1;
      twinRank[op] = rank;
      twinPlace[op] = updatesEnd;
      updates[updatesEnd++] = open;
    }
    totals[rank] = total;
    modifiersAt[rank] = modifiers;
    for (const open of openReads) reads[readsEnd++] = open;
    if (opEffects[opOf[rank]!] === READS) openReads.splice(openReads.indexOf(rank), 1);
    else openUpdates.shift();
    freeSlots.push(slotOf[rank]!);
    rank++;
  }
  updateStart[ranks] = updatesEnd;
  readStart[ranks] = readsEnd;
  straysAt[ranks] = stray;
  return {
    key,
    ranks,
    callOf,
    opOf,
    slotOf,
    slots,
    updates,
    updateStart,
    twins,
    reads,
    readStart,
    invokedBefore,
    invokedBeforeReturn,
    strayCallOf,
    strayOpOf,
    strayTwins,
    straysAt,
    totals,
    modifiersAt,
    ops,
    opEffects,
  };
}

/** Gives equal operations one number. */
function numberOps<State, Op>(
  model: SequentialModel<State, Op>,
  calls: readonly Call<Op>[],
  events: readonly number[],
): { ops: Op[]; opOfEvent: Int32Array; opEffects: Uint8Array } {
  const ops: Op[] = [];
  const numbers = new Map<unknown, number>();
  const opOfEvent = new Int32Array(events.length);
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!;
    if (event < 0) continue;
    const { op } = calls[event]!;
    const identity = model.opIdentity === undefined ? event : model.opIdentity(op);
    let number = numbers.get(identity);
    if (number === undefined) {
      number = ops.length;
      numbers.set(identity, number);
      ops.push(op);
    }
    opOfEvent[i] = number;
  }
  const opEffects = new Uint8Array(ops.length);
  if (model.effect !== undefined) for (let i = 0; i < ops.length; i++) opEffects[i] = EFFECTS[model.effect(ops[i]!)];
  return { ops, opOfEvent, opEffects };
}

/** How long the lists of open calls are: each is open at its own answer, and at all that come while it waits for it. */
function sizesOf(
  events: readonly number[],
  ranks: readonly number[],
  opOfEvent: Int32Array,
  opEffects: Uint8Array,
): { updates: number; reads: number } {
  let updates = 0;
  let reads = 0;
  let answered = 0;
  for (let i = 0; i < events.length; i++) {
    if (events[i]! < 0) answered++;
    if (events[i]! < 0 || ranks[i]! < 0) continue;
    const answers = ranks[i]! - answered + 1;
    if (opEffects[opOfEvent[i]!] === READS) reads += answers;
    else updates += answers;
  }
  return { updates, reads };
}

function insertSorted(sorted: number[], value: number): void {
  let i = sorted.length;
  sorted.push(value);
  for (; i > 0 && sorted[i - 1]! > value; i--) sorted[i] = sorted[i - 1]!;
  sorted[i] = value;
}
