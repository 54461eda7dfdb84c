import type { SequentialModel } from "../history.ts";
import { OVERWRITES, READS, TOTAL } from "./effects.ts";
import type { MemoryBudget } from "./memory.ts";

/** There is no state after it. */
export const ILLEGAL = -1;

/** Bytes that a state takes here, about, beside its identity. */
const STATE_BYTES = 160;
const CACHE_LENGTH_MAX = 1 << 18;

/** The states of a model by number, and what operations make of them. The model is asked once for most pairs. */
export class Transitions {
  private readonly model: SequentialModel<unknown, unknown>;
  private readonly ops: readonly unknown[];
  private readonly opEffects: Uint8Array;
  private readonly memory: MemoryBudget;
  private readonly states: unknown[] = [];
  /** By operation: what it makes of all states, where it overwrites. */
  private readonly written: number[] = [];
  private readonly numbers = new Map<string | number, number>();
  /** Three words each: state + 1, operation, the next state. What comes to the same place replaces what was there. */
  private cache: Int32Array;
  private misses = 0;
  private bytes: number;
  /** Whether states take more memory than there is. */
  full = false;

  constructor(
    model: SequentialModel<unknown, unknown>,
    ops: readonly unknown[],
    opEffects: Uint8Array,
    memory: MemoryBudget,
  ) {
    this.model = model;
    this.ops = ops;
    this.opEffects = opEffects;
    this.memory = memory;
    let length = 64;
    while (length < ops.length * 4 && length < CACHE_LENGTH_MAX) length *= 2;
    this.cache = new Int32Array(length * 3);
    this.bytes = this.cache.byteLength;
    memory.take(this.bytes);
    this.numberOf(model.initial);
  }

  /** The number of the state after an operation, or {@link ILLEGAL}. The initial state is number 0. */
  next(state: number, op: number): number {
    const { cache } = this;
    // Without gaps between states, so that nothing is replaced while there is room for all pairs.
    const place = ((Math.imul(state, this.ops.length) + op) & (cache.length / 3 - 1)) * 3;
    if (cache[place] === state + 1 && cache[place + 1] === op) return cache[place + 2]!;
    const next = this.compute(state, op);
    if (++this.misses > cache.length / 3 && this.growCache()) return next;
    cache[place] = state + 1;
    cache[place + 1] = op;
    cache[place + 2] = next;
    return next;
  }

  /** The state of a number. */
  stateOf(number: number): unknown {
    return this.states[number];
  }

  release(): void {
    this.memory.give(this.bytes);
    this.bytes = 0;
  }

  private compute(state: number, op: number): number {
    const before = this.states[state];
    const after = this.model.step(before, this.ops[op]);
    const effect = this.opEffects[op]!;
    if (after === undefined) {
      if (effect >= TOTAL) this.refuse(op, "is possible in every state, and is not");
      return ILLEGAL;
    }
    const next = after === before ? state : this.numberOf(after);
    if (effect === READS && next !== state) this.refuse(op, "only reads, and changes the state");
    if (effect === OVERWRITES) {
      this.written[op] ??= next;
      if (this.written[op] !== next) this.refuse(op, "overwrites all, and makes different states");
    }
    return next;
  }

  private refuse(op: number, why: string): never {
    throw new Error(`model ${this.model.name} says that ${this.model.describe(this.ops[op])} ${why}`);
  }

  /** The number of a state. */
  numberOf(state: unknown): number {
    const identity = this.model.identity(state);
    let number = this.numbers.get(identity);
    if (number === undefined) {
      number = this.states.length;
      this.states.push(state);
      this.numbers.set(identity, number);
      const bytes = STATE_BYTES + (typeof identity === "string" ? 2 * identity.length : 0);
      if (this.memory.take(bytes)) this.bytes += bytes;
      else this.full = true;
    }
    return number;
  }

  /** Starts with a larger one, unless it is large enough. What was remembered is soon remembered again. */
  private growCache(): boolean {
    const { length, byteLength } = this.cache;
    if (length / 3 >= CACHE_LENGTH_MAX || !this.memory.take(3 * byteLength)) return false;
    this.bytes += 3 * byteLength;
    this.cache = new Int32Array(length * 4);
    this.misses = 0;
    return true;
  }
}
