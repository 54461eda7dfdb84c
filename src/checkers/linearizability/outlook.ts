import type { SequentialModel } from "../history.ts";
import type { BitSets } from "./bit-sets.ts";
import { OVERWRITES, READS } from "./effects.ts";
import type { Problem } from "./problem.ts";
import type { Transitions } from "./transitions.ts";

/** How many calls ahead that need a certain state are looked at. */
const AHEAD = 24;
/** The number of the initial state. */
const INITIAL = 0;
const NONE = 0x7fffffff;

/**
 * Tells configurations from which nothing leads on: a call that is still to come needs a state which is not there, and no
 * call that could make it is left. Asks the model what operations need and make.
 */
export class Outlook {
  private readonly model: SequentialModel<unknown, unknown>;
  private readonly problem: Problem;
  private readonly transitions: Transitions;
  private readonly windows: BitSets;
  private readonly strays: BitSets;
  /** By operation: the number of the state that it needs, or -1. */
  private readonly needOf: Int32Array;
  /** Ranks of calls that need a state, and by rank how many there are before. */
  private readonly needy: Int32Array;
  private readonly needyBefore: Int32Array;
  /** Ranks of calls that are no reads, by invocation, and by rank how many of them were invoked before its answer. */
  private readonly updates: Int32Array;
  private readonly updatesBefore: Int32Array;
  /** By place in `needy`: the rank, or `~stray`, of a call that may make the state, as found last. */
  private readonly makers: Int32Array;

  constructor(
    model: SequentialModel<unknown, unknown>,
    problem: Problem,
    transitions: Transitions,
    windows: BitSets,
    strays: BitSets,
  ) {
    this.model = model;
    this.problem = problem;
    this.transitions = transitions;
    this.windows = windows;
    this.strays = strays;
    const { ranks, ops, opOf, opEffects, invokedBefore, invokedBeforeReturn, strayCallOf } = problem;
    this.needOf = new Int32Array(ops.length).fill(-1);
    this.needyBefore = new Int32Array(ranks + 1);
    const needy: number[] = [];
    for (let rank = 0; rank < ranks; rank++) {
      this.needyBefore[rank] = needy.length;
      const op = opOf[rank]!;
      const needed = model.needs!(ops[op]);
      if (needed === undefined) continue;
      this.needOf[op] = transitions.numberOf(needed);
      needy.push(rank);
    }
    this.needyBefore[ranks] = needy.length;
    this.needy = Int32Array.from(needy);
    this.makers = new Int32Array(needy.length).fill(NONE);
    const rankOfInvocation = new Int32Array(ranks + strayCallOf.length).fill(-1);
    for (let rank = 0; rank < ranks; rank++)
      if (opEffects[opOf[rank]!] !== READS) rankOfInvocation[invokedBefore[rank]!] = rank;
    this.updates = rankOfInvocation.filter((rank) => rank >= 0);
    const before = new Int32Array(rankOfInvocation.length + 1);
    for (let i = 0; i < rankOfInvocation.length; i++) before[i + 1] = before[i]! + (rankOfInvocation[i]! >= 0 ? 1 : 0);
    this.updatesBefore = invokedBeforeReturn.map((count) => before[count]!);
  }

  /**
   * A call that no linearization has room for, and the state that it needs; or null, which says nothing.
   *
   * What makes the state last before the call is not followed, before the call is made, by another that overwrites it with
   * a different state. So a maker is answered after the latest such was made, and made before the call is answered.
   */
  refuted(): { readonly rank: number; readonly state: unknown } | null {
    const latest = this.latestOverwrites();
    for (const rank of this.needy) {
      const need = this.needOf[this.problem.opOf[rank]!]!;
      const before = 2 * this.answersBefore(rank);
      const other = this.writtenBy(latest[before]!) === need ? latest[before + 1]! : latest[before]!;
      if (other < 0 && need === INITIAL) continue;
      const frontier = other < 0 ? 0 : this.answersBefore(other);
      if (this.findMaker(rank, need, frontier, 0, 0) === NONE) return { rank, state: this.transitions.stateOf(need) };
    }
    return null;
  }

  /** By rank, two each: of the calls answered before that overwrite, the last to be made, and the last to make another state. */
  private latestOverwrites(): Int32Array {
    const { ranks, opOf, opEffects, invokedBefore } = this.problem;
    const latest = new Int32Array(2 * (ranks + 1)).fill(-1);
    let [first, second] = [-1, -1];
    const later = (a: number, b: number) => b < 0 || invokedBefore[a]! > invokedBefore[b]!;
    for (let rank = 0; rank < ranks; rank++) {
      if (opEffects[opOf[rank]!] === OVERWRITES) {
        const same = first >= 0 && this.writtenBy(rank) === this.writtenBy(first);
        if (later(rank, first)) {
          if (!same) second = first;
          first = rank;
        } else if (!same && later(rank, second)) second = rank;
      }
      latest[2 * rank + 2] = first;
      latest[2 * rank + 3] = second;
    }
    return latest;
  }

  /** The state that a call makes of all states, or -1 for none. */
  private writtenBy(rank: number): number {
    return rank < 0 ? -1 : this.transitions.next(INITIAL, this.problem.opOf[rank]!);
  }

  /** How many calls were answered before one was made. */
  private answersBefore(rank: number): number {
    const { ranks, invokedBefore, invokedBeforeReturn } = this.problem;
    let low = 0;
    let high = ranks;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (invokedBeforeReturn[middle]! <= invokedBefore[rank]!) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether no linearization goes on from a configuration. False says nothing. */
  isHopeless(frontier: number, settled: number, used: number, state: number, strays: number): boolean {
    const { problem, needy, needOf } = this;
    const { opOf, slotOf, invokedBefore, invokedBeforeReturn } = problem;
    const invoked = invokedBeforeReturn[frontier]!;
    const start = this.needyBefore[frontier]!;
    const end = Math.min(needy.length, start + AHEAD);
    for (let i = start; i < end; i++) {
      const rank = needy[i]!;
      const need = needOf[opOf[rank]!]!;
      if (need === state || (invokedBefore[rank]! < invoked && this.windows.has(settled, slotOf[rank]!))) continue;
      const maker = this.makers[i]!;
      if (maker !== NONE && this.isLeft(maker, frontier, used, strays)) continue;
      const found = this.findMaker(rank, need, frontier, used, strays);
      if (found === NONE) return true;
      this.makers[i] = found;
    }
    return false;
  }

  /** Whether a call can still take effect. */
  private isLeft(maker: number, frontier: number, used: number, strays: number): boolean {
    const { invokedBefore, invokedBeforeReturn, slotOf } = this.problem;
    if (maker < 0) return !this.strays.has(strays, ~maker);
    if (maker < frontier) return false;
    return invokedBefore[maker]! >= invokedBeforeReturn[frontier]! || !this.windows.has(used, slotOf[maker]!);
  }

  private findMaker(rank: number, need: number, frontier: number, used: number, strays: number): number {
    const { model, problem } = this;
    const { ops, opOf, slotOf, strayOpOf, straysAt, updates, updateStart } = problem;
    const state = this.transitions.stateOf(need);
    for (let i = updateStart[frontier]!; i < updateStart[frontier + 1]!; i++) {
      const maker = updates[i]!;
      if (maker === rank || this.windows.has(used, slotOf[maker]!)) continue;
      if (model.mayMake!(ops[opOf[maker]!], state)) return maker;
    }
    for (let i = this.updatesBefore[frontier]!; i < this.updatesBefore[rank]!; i++) {
      const maker = this.updates[i]!;
      if (maker !== rank && model.mayMake!(ops[opOf[maker]!], state)) return maker;
    }
    for (let stray = straysAt[rank]! - 1; stray >= 0; stray--)
      if (!this.strays.has(strays, stray) && model.mayMake!(ops[strayOpOf[stray]!], state)) return ~stray;
    return NONE;
  }
}
