import type { SequentialModel } from "../history.ts";
import { BitSets, bitCount, NARROW } from "./bit-sets.ts";
import type { MemoryBudget } from "./memory.ts";
import type { Problem } from "./problem.ts";
import { ILLEGAL, Transitions } from "./transitions.ts";
import { DOMINATED, FULL, Visited } from "./visited.ts";

/** What a search says after some steps. */
export type SearchProgress = "running" | "linearizable" | "notLinearizable" | "outOfMemory";

/** A frame of the stack is a configuration, and how far its successors were tried. */
const FRAME = 7;
const FRONTIER = 0;
const WINDOW = 1;
const STATE = 2;
const STRAYS = 3;
/** The next successor: a place in `problem.updates`, and behind them the strays. */
const CURSOR = 4;
/** The state before, where a stray was the last to take effect and nothing has read what it made; or -1. */
const UNREAD = 5;
/** What took effect last, before reads: a rank, or `~stray`. */
const CHOICE = 6;

/**
 * Looks for a linearization of the calls of one partition, depth first, and can be stopped and taken up again.
 *
 * A call may take effect when every call that was answered before its invocation has (Wing and Gong 1993); what the
 * search has been to, it does not search again (Lowe 2017). Beyond these:
 *
 * - A configuration is the first answered call that has not taken effect (the frontier), which ones that are open there
 *   have, which unanswered ones have, and the state: its size does not grow with the history.
 * - **Reads take effect as soon as they can.** Where a read is possible now and a linearization goes on with others
 *   before it, it can be taken from its place and put in front of them: it changes nothing there nor here, and no answer
 *   that it must wait for is missing.
 * - **An unanswered call never has to take effect**, so fewer of them are better ({@link Visited}). One that changes
 *   nothing need not be tried, nor a call after one when it comes to the same state without it.
 * - **Of calls with equal operations, the one whose answer comes first takes effect first**; unanswered ones in the order
 *   of their invocations. In a linearization, the two can change places.
 *
 * Each of these leaves out a configuration only where another one, at least as good and with no more calls to go, is
 * searched. So what has a linearization finds one: by induction on the calls to go.
 */
export class LinearizabilitySearch {
  readonly problem: Problem;
  /** Choices that lead to the configuration that got furthest; see {@link CHOICE}. Complete at the end. */
  readonly furthest: number[] = [];
  private readonly transitions: Transitions;
  private readonly memory: MemoryBudget;
  private readonly visited: Visited;
  /** Sets of slots, and of strays; null where they are narrow. */
  private readonly windows: BitSets | null;
  private readonly strays: BitSets | null;
  private stack: Int32Array;
  private depth = -1;
  /** The furthest configuration: by frontier, and how many calls of its window have taken effect. */
  private bestFrontier = -1;
  private bestOpen = -1;
  /** Where it is on the stack, or -1 where it is no more; and how much of `furthest` is still as on the stack. */
  private bestDepth = -1;
  private shared = 0;
  private steps = 0;
  private wideBytes = 0;

  /** @param narrow Sets of numbers up to this many are kept as bits: at most {@link NARROW}, less to test the others. */
  constructor(model: SequentialModel<unknown, unknown>, problem: Problem, memory: MemoryBudget, narrow = NARROW) {
    this.problem = problem;
    this.memory = memory;
    this.transitions = new Transitions(model, problem.ops, problem.opReads, memory);
    this.windows = problem.slots <= narrow ? null : new BitSets(problem.slots);
    const strays = problem.strayCallOf.length;
    this.strays = strays <= narrow ? null : new BitSets(strays);
    this.visited = new Visited(memory, this.strays, problem.ranks * 2);
    this.stack = new Int32Array(FRAME * 64);
  }

  /** Steps of the model so far, those included that were remembered. */
  get stepsTaken(): number {
    return this.steps;
  }

  /** Searches on for about as many steps. */
  run(stepsMax: number): SearchProgress {
    const progress = this.search(this.steps + stepsMax);
    const wideBytes = (this.windows?.bytes ?? 0) + (this.strays?.bytes ?? 0);
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
    const { problem, transitions, windows, strays: wideStrays } = this;
    const { ranks, opOf, slotOf, updates, updateStart, twins, strayOpOf, strayTwins, straysAt } = problem;
    if (this.depth < 0 && this.steps === 0) {
      this.settle(0, 0, 0);
      if (this.settledFrontier === ranks) return "linearizable";
      this.push(0, 0, -1, 0);
    }
    let { stack, steps } = this;
    let top = this.depth * FRAME;
    while (top >= 0) {
      const frontier = stack[top + FRONTIER]!;
      const window = stack[top + WINDOW]!;
      const state = stack[top + STATE]!;
      const strays = stack[top + STRAYS]!;
      const unread = stack[top + UNREAD]!;
      const updatesEnd = updateStart[frontier + 1]!;
      const end = updatesEnd + straysAt[frontier]!;
      let cursor = stack[top + CURSOR]!;
      let pushed = false;
      while (cursor < end) {
        if (steps >= stepsEnd) {
          stack[top + CURSOR] = cursor;
          this.steps = steps;
          return "running";
        }
        let choice: number;
        let next: number;
        let strayed = strays;
        if (cursor < updatesEnd) {
          const rank = updates[cursor]!;
          const twin = twins[cursor++]!;
          const slot = slotOf[rank]!;
          if (windows === null ? ((window >>> slot) & 1) === 1 : windows.has(window, slot)) continue;
          if (twin >= 0 && this.twinWaits(twin, window)) continue;
          const op = opOf[rank]!;
          steps++;
          next = transitions.next(state, op);
          if (next === ILLEGAL || (unread >= 0 && transitions.next(unread, op) === next)) continue;
          choice = rank;
          const settled =
            rank === frontier ? window : windows === null ? window | (1 << slot) : windows.flip(window, slot);
          this.settle(rank === frontier ? frontier + 1 : frontier, settled, next);
        } else {
          const stray = cursor++ - updatesEnd;
          if (wideStrays === null ? ((strays >>> stray) & 1) === 1 : wideStrays.has(strays, stray)) continue;
          const twin = strayTwins[stray]!;
          if (twin >= 0 && !(wideStrays === null ? ((strays >>> twin) & 1) === 1 : wideStrays.has(strays, twin)))
            continue;
          const op = strayOpOf[stray]!;
          steps++;
          next = transitions.next(state, op);
          if (next === ILLEGAL || next === state) continue;
          if (unread >= 0 && transitions.next(unread, op) === next) continue;
          choice = ~stray;
          strayed = wideStrays === null ? strays | (1 << stray) : wideStrays.flip(strays, stray);
          this.settle(frontier, window, next);
        }
        if (this.settledFrontier === ranks) {
          this.steps = steps;
          return "linearizable";
        }
        const added = this.visited.add(this.settledFrontier, this.settledWindow, next, strayed);
        if (added === DOMINATED) continue;
        if (added === FULL) return "outOfMemory";
        stack[top + CURSOR] = cursor;
        if (!this.push(next, strayed, choice < 0 && !this.settledReads ? state : -1, choice)) return "outOfMemory";
        stack = this.stack;
        top += FRAME;
        pushed = true;
        break;
      }
      if (pushed) continue;
      this.keepFurthest();
      this.depth--;
      top -= FRAME;
      if (this.shared > this.depth) this.shared = Math.max(this.depth, 0);
    }
    this.steps = steps;
    return "notLinearizable";
  }

  private settledFrontier = 0;
  private settledWindow = 0;
  private settledReads = false;

  /**
   * Lets all reads take effect that can in a new state, and moves the frontier on. `frontier` may be a call that has just
   * taken effect's successor: calls that have are skipped.
   */
  private settle(frontier: number, window: number, state: number): void {
    const { transitions, windows } = this;
    const { ranks, opOf, slotOf, reads, readStart, invokedBefore, invokedBeforeReturn } = this.problem;
    let invokedFrom = 0;
    this.settledReads = false;
    while (frontier < ranks) {
      const slot = slotOf[frontier]!;
      if (windows === null ? ((window >>> slot) & 1) === 1 : windows.has(window, slot)) {
        window = windows === null ? window & ~(1 << slot) : windows.flip(window, slot);
        frontier++;
        continue;
      }
      const start = readStart[frontier]!;
      let more = false;
      // Backwards: those that were open at the frontier before have been tried in this state.
      for (let i = readStart[frontier + 1]! - 1; i >= start; i--) {
        const rank = reads[i]!;
        if (invokedBefore[rank]! < invokedFrom) break;
        const readSlot = slotOf[rank]!;
        if (windows === null ? ((window >>> readSlot) & 1) === 1 : windows.has(window, readSlot)) continue;
        if (transitions.next(state, opOf[rank]!) === ILLEGAL) continue;
        window = windows === null ? window | (1 << readSlot) : windows.flip(window, readSlot);
        more ||= rank === frontier;
        this.settledReads = true;
      }
      if (!more) break;
      invokedFrom = invokedBeforeReturn[frontier]!;
    }
    this.settledFrontier = frontier;
    this.settledWindow = window;
  }

  /** Whether a call of the same operation, open and answered earlier, has not taken effect. */
  private twinWaits(twin: number, window: number): boolean {
    const { slotOf, updates, twins } = this.problem;
    for (let place = twin; place >= 0; place = twins[place]!) {
      const slot = slotOf[updates[place]!]!;
      if (!(this.windows === null ? ((window >>> slot) & 1) === 1 : this.windows.has(window, slot))) return true;
    }
    return false;
  }

  /** Puts the settled configuration on the stack. False where there is no memory. */
  private push(state: number, strays: number, unread: number, choice: number): boolean {
    const frontier = this.settledFrontier;
    const window = this.settledWindow;
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
    stack[top + WINDOW] = window;
    stack[top + STATE] = state;
    stack[top + STRAYS] = strays;
    stack[top + CURSOR] = this.problem.updateStart[frontier]!;
    stack[top + UNREAD] = unread;
    stack[top + CHOICE] = choice;
    if (frontier < this.bestFrontier) return true;
    const open = this.windows === null ? bitCount(window) : this.windows.size(window);
    if (frontier === this.bestFrontier && open <= this.bestOpen) return true;
    this.bestFrontier = frontier;
    this.bestOpen = open;
    this.bestDepth = this.depth;
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
