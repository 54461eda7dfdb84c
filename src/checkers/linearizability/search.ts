import type { SequentialModel } from "../history.ts";
import { BitSets, NARROW } from "./bit-sets.ts";
import { OVERWRITES, READS, TOTAL } from "./effects.ts";
import type { MemoryBudget } from "./memory.ts";
import { Outlook } from "./outlook.ts";
import type { Problem } from "./problem.ts";
import { ILLEGAL, Transitions } from "./transitions.ts";
import { DOMINATED, FULL, Visited } from "./visited.ts";

/** What a search says after some steps. */
export type SearchProgress = "running" | "linearizable" | "notLinearizable" | "outOfMemory";

/** Choices that are no calls: the free call at the frontier takes effect unseen, or is made to be tried as others are. */
export const UNSEEN = 0x7fffffff;
export const SEEN = 0x7ffffffe;

/** A frame of the stack is a configuration, and how far its successors were tried. */
const FRAME = 9;
const FRONTIER = 0;
const SETTLED = 1;
const USED = 2;
const STATE = 3;
const STRAYS = 4;
/** The next successor: a place in `problem.updates`, and behind them the strays. */
const CURSOR = 5;
/** Which successors have their turn; see below. */
const TURN = 6;
/**
 * What nothing has read: the state before, where a stray that made no call free was the last to take effect; {@link CALL}
 * where it was another call that is possible in every state; else {@link READ}.
 */
const UNREAD = 7;
/** What took effect last, before reads: a rank, `~stray`, {@link UNSEEN} or {@link SEEN}. */
const CHOICE = 8;

const READ = -1;
const CALL = -2;

/** What came of trying successors. */
const PUSHED = 0;
const EXHAUSTED = 1;
const COMPLETE = 2;
const NO_MEMORY = 3;

/** What a search does when. */
export interface SearchOptions {
  /** Sets of numbers up to this many are kept as bits: at most {@link NARROW}, less to test the others. */
  readonly narrow: number;
  /** After so many dead ends the search looks ahead; before, it is not worth what it costs. */
  readonly deadEndsEasy: number;
}

export const SEARCH_OPTIONS: SearchOptions = { narrow: NARROW, deadEndsEasy: 512 };

/** A cursor behind all successors. */
const END = 0x7fffffff;

/** The call at the frontier is free: first it takes effect unseen, then it does not. */
const TURN_UNSEEN = 0;
const TURN_SEEN = 1;
/** A read is at the frontier: first what makes it possible is tried, then the rest. */
const TURN_FITTING = 2;
const TURN_REST = 3;
const TURN_ALL = 4;

/**
 * Looks for a linearization of the calls of one partition, depth first, and can be stopped and taken up again.
 *
 * A call may take effect when every call that was answered before its invocation has (Wing and Gong 1993); what the
 * search has been to, it does not search again (Lowe 2017). Beyond these:
 *
 * - **A configuration does not grow with the history.** It is the first answered call that still has to take effect (the
 *   frontier), which ones that are open there need no more (settled), which calls that were not answered have taken
 *   effect (strays), and the state.
 * - **Reads take effect as soon as they can.** Where a read is possible now and a linearization goes on with others
 *   before it, it can be taken from its place and put in front of them: it changes nothing there nor here, and no answer
 *   that it must wait for is missing.
 * - **What a call does that is overwritten unread is not searched.** When a call overwrites the state, every open one
 *   that is possible in any state could have taken effect just before it, unseen. Such calls are *free*: settled, but not
 *   used up; they still may take effect later, where it is seen. At the frontier it is decided: unseen, or not.
 *   (Where the frontier itself could be made free, it is better to let it take effect just before.)
 * - **A stray never has to take effect.** One that changes nothing, and makes no call free, is not tried, nor a call after
 *   one that comes to the same state without it.
 * - **Fewer are better**: what differs in strays and used calls only is searched once ({@link Visited}).
 * - **Of calls with equal operations, the one whose answer comes first takes effect first**; strays in the order of their
 *   invocations. In a linearization, the two can change places.
 *
 * Each of these leaves out a configuration only where another, from which there are no more calls to go, is searched. So
 * what has a linearization finds one: by induction on the calls to go.
 */
export class LinearizabilitySearch {
  readonly problem: Problem;
  private readonly model: SequentialModel<unknown, unknown>;
  private readonly transitions: Transitions;
  private readonly memory: MemoryBudget;
  private readonly visited: Visited;
  /** Sets of slots, and of strays. */
  private readonly windows: BitSets;
  private readonly strays: BitSets;
  /** Once the search has turned back often enough, where the model can tell. */
  private outlook: Outlook | null = null;
  /** A call that no linearization has room for, where one was seen; and the state that it needs. */
  refuted: { readonly rank: number; readonly state: unknown } | null = null;
  private readonly deadEndsEasy: number;
  private deadEnds = 0;
  private stack: Int32Array;
  private depth = -1;
  private readonly furthest: number[] = [];
  /** The furthest configuration: by frontier, and how many open calls are settled. */
  private bestFrontier = -1;
  private bestSettled = -1;
  /** Where it is on the stack, or -1 where it was kept; and how much of `furthest` is still as on the stack. */
  private bestDepth = -1;
  private shared = 0;
  private steps = 0;
  private wideBytes = 0;
  /** The configuration that {@link settle} came to, and whether a read took effect. */
  private frontier = 0;
  private settled = 0;
  private used = 0;
  private read = false;

  constructor(
    model: SequentialModel<unknown, unknown>,
    problem: Problem,
    memory: MemoryBudget,
    { narrow, deadEndsEasy } = SEARCH_OPTIONS,
  ) {
    this.model = model;
    this.problem = problem;
    this.memory = memory;
    this.deadEndsEasy = deadEndsEasy;
    this.transitions = new Transitions(model, problem.ops, problem.opEffects, memory);
    this.windows = new BitSets(problem.slots, narrow);
    this.strays = new BitSets(problem.strayCallOf.length, narrow);
    this.visited = new Visited(memory, this.windows, this.strays, problem.ranks * 2);
    this.stack = new Int32Array(FRAME * 64);
  }

  /** Steps of the model so far, those included that were remembered. */
  get stepsTaken(): number {
    return this.steps;
  }

  /** Whether it left out what is hopeless, so that the way that it knows may not be the longest. */
  get lookedAhead(): boolean {
    return this.outlook !== null;
  }

  /** The choices that lead to the configuration that got furthest (see {@link CHOICE}), and the frontier there. */
  way(): { readonly choices: readonly number[]; readonly frontier: number } {
    this.keepFurthest();
    return { choices: this.furthest, frontier: this.bestFrontier };
  }

  /** Searches on for about as many steps. */
  run(stepsMax: number): SearchProgress {
    const progress = this.search(this.steps + stepsMax);
    const wideBytes = this.windows.bytes + this.strays.bytes;
    const enough = this.memory.take(wideBytes - this.wideBytes) && !this.transitions.full;
    if (enough) this.wideBytes = wideBytes;
    return progress === "running" && !enough ? "outOfMemory" : progress;
  }

  /** Gives back the memory that it took. */
  release(): void {
    this.visited.release();
    this.transitions.release();
    this.memory.give(this.stack.byteLength + this.wideBytes);
    this.stack = new Int32Array(0);
  }

  private search(stepsEnd: number): SearchProgress {
    const { ranks } = this.problem;
    if (this.depth < 0 && this.steps === 0) {
      this.settle(0, 0, 0, 0);
      if (this.frontier === ranks) return "linearizable";
      this.push(0, 0, READ, SEEN);
    }
    while (this.depth >= 0) {
      if (this.steps >= stepsEnd) return "running";
      const top = this.depth * FRAME;
      const tried = this.stack[top + TURN]! <= TURN_SEEN ? this.decideFree(top) : this.tryNext(top);
      if (tried === PUSHED) continue;
      if (tried === COMPLETE) return "linearizable";
      if (tried === NO_MEMORY) return "outOfMemory";
      this.keepFurthest();
      if (++this.deadEnds > this.deadEndsEasy && this.outlook === null && this.lookAhead()) return "notLinearizable";
      this.depth--;
      if (this.shared > this.depth) this.shared = Math.max(this.depth, 0);
    }
    return "notLinearizable";
  }

  /** Goes to the next successor of a configuration whose frontier still has to take effect. */
  private tryNext(top: number): number {
    const { problem, transitions, windows, strays: straySets, stack } = this;
    const { opOf, slotOf, opEffects, updates, updateStart, twins, strayOpOf, strayTwins, straysAt } = problem;
    const frontier = stack[top + FRONTIER]!;
    const settled = stack[top + SETTLED]!;
    const used = stack[top + USED]!;
    const state = stack[top + STATE]!;
    const strays = stack[top + STRAYS]!;
    const unread = stack[top + UNREAD]!;
    const updatesEnd = updateStart[frontier + 1]!;
    const end = updatesEnd + straysAt[frontier]!;
    let turn = stack[top + TURN]!;
    let cursor = stack[top + CURSOR]!;
    for (;;) {
      if (cursor >= end) {
        if (turn !== TURN_FITTING) return EXHAUSTED;
        stack[top + TURN] = turn = TURN_REST;
        cursor = updateStart[frontier]!;
        continue;
      }
      let op: number;
      let rank = -1;
      let stray = -1;
      if (cursor < updatesEnd) {
        rank = updates[cursor]!;
        const twin = twins[cursor++]!;
        if (windows.has(used, slotOf[rank]!)) continue;
        if (twin >= 0 && this.twinWaits(twin, settled, used, windows.has(settled, slotOf[rank]!))) continue;
        op = opOf[rank]!;
      } else {
        stray = cursor++ - updatesEnd;
        if (straySets.has(strays, stray)) continue;
        const twin = strayTwins[stray]!;
        if (twin >= 0 && !straySets.has(strays, twin)) continue;
        op = strayOpOf[stray]!;
      }
      this.steps++;
      const overwrites = opEffects[op] === OVERWRITES;
      if (overwrites && unread !== READ) continue;
      const next = transitions.next(state, op);
      if (next === ILLEGAL) continue;
      if (unread >= 0 && transitions.next(unread, op) === next) continue;
      if (turn !== TURN_ALL) {
        const fits = transitions.next(next, opOf[frontier]!) !== ILLEGAL;
        if (fits !== (turn === TURN_FITTING)) continue;
      }
      const slot = rank >= 0 ? slotOf[rank]! : -1;
      let nextSettled = overwrites ? this.free(settled, frontier) : settled;
      let nextUsed = used;
      if (rank === frontier) {
        if (overwrites) nextSettled = windows.remove(nextSettled, slot);
      } else {
        if (overwrites) nextSettled = windows.remove(nextSettled, slotOf[frontier]!);
        if (rank >= 0) {
          nextSettled = windows.add(nextSettled, slot);
          nextUsed = windows.add(used, slot);
        }
      }
      const frees = overwrites && nextSettled !== settled;
      if (stray >= 0 && next === state && !frees) continue;
      this.settle(rank === frontier ? frontier + 1 : frontier, nextSettled, nextUsed, next);
      if (this.frontier === problem.ranks) return COMPLETE;
      let nextUnread = READ;
      if (this.frontier === frontier && !this.read) {
        nextUnread = stray >= 0 && !frees ? state : opEffects[op]! >= TOTAL ? CALL : READ;
        // What overwrites it is not tried, and there is nothing else.
        if (nextUnread !== READ && problem.modifiersAt[frontier] === 0 && !this.isFurther()) continue;
      }
      const nextStrays = stray >= 0 ? straySets.add(strays, stray) : strays;
      if (this.isHopeless(next, nextStrays)) continue;
      const added = this.visited.add(this.frontier, this.settled, this.used, next, nextStrays);
      if (added === DOMINATED) continue;
      stack[top + CURSOR] = cursor;
      if (added === FULL || !this.push(next, nextStrays, nextUnread, rank >= 0 ? rank : ~stray)) return NO_MEMORY;
      return PUSHED;
    }
  }

  /** Goes to the next successor of a configuration at whose frontier there is a free call. */
  private decideFree(top: number): number {
    const { stack, problem } = this;
    const frontier = stack[top + FRONTIER]!;
    const settled = this.windows.remove(stack[top + SETTLED]!, problem.slotOf[frontier]!);
    const used = stack[top + USED]!;
    const state = stack[top + STATE]!;
    const strays = stack[top + STRAYS]!;
    for (let turn = stack[top + TURN]!; turn <= TURN_SEEN; turn++) {
      stack[top + TURN] = turn === TURN_UNSEEN ? TURN_SEEN : TURN_ALL;
      this.steps++;
      if (turn === TURN_UNSEEN) this.settle(frontier + 1, settled, used, state);
      else {
        this.frontier = frontier;
        this.settled = settled;
        this.used = used;
        stack[top + CURSOR] = END;
      }
      if (this.frontier === problem.ranks) return COMPLETE;
      if (this.isHopeless(state, strays)) continue;
      const added = this.visited.add(this.frontier, this.settled, this.used, state, strays);
      if (added === DOMINATED) continue;
      if (added === FULL) return NO_MEMORY;
      return this.push(state, strays, READ, turn === TURN_UNSEEN ? UNSEEN : SEEN) ? PUSHED : NO_MEMORY;
    }
    return EXHAUSTED;
  }

  /** Looks ahead from now on, where the model can tell. True where that shows that there is no linearization. */
  private lookAhead(): boolean {
    const { model, problem, transitions, windows, strays } = this;
    if (model.needs === undefined || model.mayMake === undefined) return false;
    this.outlook = new Outlook(model, problem, transitions, windows, strays);
    this.refuted = this.outlook.refuted();
    return this.refuted !== null;
  }

  /** Whether nothing leads on from the settled configuration. What got further than any before is kept as evidence. */
  private isHopeless(state: number, strays: number): boolean {
    return (
      this.outlook?.isHopeless(this.frontier, this.settled, this.used, state, strays) === true && !this.isFurther()
    );
  }

  /** With all open calls settled that are possible in every state. */
  private free(settled: number, frontier: number): number {
    const { problem, windows } = this;
    if (windows.narrow) return settled | problem.totals[frontier]!;
    const { updates, updateStart, opEffects, opOf, slotOf } = problem;
    let freed = settled;
    for (let i = updateStart[frontier]!; i < updateStart[frontier + 1]!; i++) {
      const rank = updates[i]!;
      if (opEffects[opOf[rank]!]! >= TOTAL) freed = windows.add(freed, slotOf[rank]!);
    }
    return freed;
  }

  /**
   * Lets all reads take effect that can in a new state, and moves the frontier on, over calls that have taken effect, to
   * the first that has not or is free. Leaves the configuration in `frontier`, `settled`, `used` and `read`.
   */
  private settle(frontier: number, settled: number, used: number, state: number): void {
    const { transitions, windows } = this;
    const { ranks, opOf, opEffects, slotOf, reads, readStart, invokedBefore, invokedBeforeReturn } = this.problem;
    let invokedFrom = 0;
    this.read = false;
    while (frontier < ranks) {
      const slot = slotOf[frontier]!;
      if (windows.has(settled, slot)) {
        const isUsed = windows.has(used, slot);
        if (isUsed || opEffects[opOf[frontier]!] === READS) {
          settled = windows.remove(settled, slot);
          if (isUsed) used = windows.remove(used, slot);
          frontier++;
          continue;
        }
      }
      let done = true;
      const start = readStart[frontier]!;
      // Backwards: those that were open at an earlier frontier have been tried in this state.
      for (let i = readStart[frontier + 1]! - 1; i >= start; i--) {
        const rank = reads[i]!;
        if (invokedBefore[rank]! < invokedFrom) break;
        const readSlot = slotOf[rank]!;
        if (windows.has(settled, readSlot) || transitions.next(state, opOf[rank]!) === ILLEGAL) continue;
        settled = windows.add(settled, readSlot);
        this.read = true;
        if (rank === frontier) done = false;
      }
      if (done) break;
      invokedFrom = invokedBeforeReturn[frontier]!;
    }
    this.frontier = frontier;
    this.settled = settled;
    this.used = used;
  }

  /**
   * Whether a call waits for another of the same operation that is open and answered earlier.
   *
   * @param free Whether the call that may have to wait is settled.
   */
  private twinWaits(twin: number, settled: number, used: number, free: boolean): boolean {
    const { slotOf, updates, twins } = this.problem;
    for (let place = twin; place >= 0; place = twins[place]!) {
      const slot = slotOf[updates[place]!]!;
      // A free call is not used up in place of one that must take effect.
      if (!this.windows.has(used, slot) && (free || !this.windows.has(settled, slot))) return true;
    }
    return false;
  }

  /** Whether the settled configuration got further than any before. */
  private isFurther(): boolean {
    if (this.frontier !== this.bestFrontier) return this.frontier > this.bestFrontier;
    return this.windows.size(this.settled) > this.bestSettled;
  }

  /** Puts the settled configuration on the stack. False where there is no memory. */
  private push(state: number, strays: number, unread: number, choice: number): boolean {
    const { problem, frontier } = this;
    this.depth++;
    const top = this.depth * FRAME;
    if (top === this.stack.length) {
      if (!this.memory.take(this.stack.byteLength)) return false;
      const grown = new Int32Array(this.stack.length * 2);
      grown.set(this.stack);
      this.stack = grown;
    }
    const { stack } = this;
    stack[top + FRONTIER] = frontier;
    stack[top + SETTLED] = this.settled;
    stack[top + USED] = this.used;
    stack[top + STATE] = state;
    stack[top + STRAYS] = strays;
    stack[top + CURSOR] = problem.updateStart[frontier]!;
    if (this.windows.has(this.settled, problem.slotOf[frontier]!)) stack[top + TURN] = TURN_UNSEEN;
    else stack[top + TURN] = problem.opEffects[problem.opOf[frontier]!] === READS ? TURN_FITTING : TURN_ALL;
    stack[top + UNREAD] = unread;
    stack[top + CHOICE] = choice;
    if (this.isFurther()) {
      this.bestFrontier = frontier;
      this.bestSettled = this.windows.size(this.settled);
      this.bestDepth = this.depth;
    }
    return true;
  }

  /** Copies the choices that lead to the furthest configuration before it leaves the stack. */
  private keepFurthest(): void {
    if (this.bestDepth < 0) return;
    const { stack, furthest } = this;
    furthest.length = Math.min(furthest.length, this.shared);
    for (let depth = furthest.length + 1; depth <= this.bestDepth; depth++)
      furthest.push(stack[depth * FRAME + CHOICE]!);
    this.shared = furthest.length;
    this.bestDepth = -1;
  }
}
