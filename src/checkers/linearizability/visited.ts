import type { BitSets } from "./bit-sets.ts";
import type { MemoryBudget } from "./memory.ts";

const WORDS = 5;
const FRONTIER = 0;
const WINDOW = 1;
const STATE = 2;
const STRAYS = 3;
const MORE = 4;
const LENGTH_MAX = 1 << 26;

/** What {@link Visited.add} found. */
export const ADDED = 0;
export const DOMINATED = 1;
export const FULL = 2;

/**
 * Configurations that the search has come to: frontier, window (the slots of open calls that have taken effect), state
 * and strays (the unanswered calls that have).
 *
 * As an unanswered call never has to take effect, a configuration is dominated by one that is equal but for fewer
 * strays: what can be done from the one can be done from the other. Of each frontier, window and state the smallest sets
 * of strays are kept.
 */
export class Visited {
  private readonly memory: MemoryBudget;
  /** Null where they are narrow. */
  private readonly strays: BitSets | null;
  /** Open addressing, {@link WORDS} each: frontier + 1, window, state, strays, and where more of these are. */
  private table: Int32Array;
  private mask: number;
  private count = 0;
  /** Further sets of strays, two words each: the set, and where the next one is. From 1 on; 0 ends. */
  private more: Int32Array;
  private moreCount = 1;

  constructor(memory: MemoryBudget, strays: BitSets | null, expected: number) {
    this.memory = memory;
    this.strays = strays;
    let length = 64;
    while (length < expected) length *= 2;
    this.mask = length - 1;
    this.table = new Int32Array(length * WORDS);
    this.more = new Int32Array(16);
    memory.take(this.bytes);
  }

  get bytes(): number {
    return this.table.byteLength + this.more.byteLength;
  }

  add(frontier: number, window: number, state: number, strays: number): number {
    const { table, mask } = this;
    let place = hashOf(frontier, window, state) & mask;
    for (;;) {
      const at = place * WORDS;
      const found = table[at + FRONTIER];
      if (found === 0) {
        if (this.count * 4 >= mask * 3) return this.grow() ? this.add(frontier, window, state, strays) : FULL;
        this.count++;
        table[at + FRONTIER] = frontier + 1;
        table[at + WINDOW] = window;
        table[at + STATE] = state;
        table[at + STRAYS] = strays;
        return ADDED;
      }
      if (found === frontier + 1 && table[at + WINDOW] === window && table[at + STATE] === state)
        return this.addStrays(at, strays);
      place = (place + 1) & mask;
    }
  }

  release(): void {
    this.memory.give(this.bytes);
    this.table = this.more = new Int32Array(0);
  }

  /** Adds a set of strays to those of a place, unless a smaller one is there. */
  private addStrays(at: number, strays: number): number {
    const { table, more } = this;
    const head = table[at + STRAYS]!;
    if (this.within(head, strays)) return DOMINATED;
    for (let i = table[at + MORE]!; i !== 0; i = more[i * 2 + 1]!)
      if (this.within(more[i * 2]!, strays)) return DOMINATED;
    if (this.within(strays, head)) {
      table[at + STRAYS] = strays;
      return ADDED;
    }
    for (let i = table[at + MORE]!; i !== 0; i = more[i * 2 + 1]!)
      if (this.within(strays, more[i * 2]!)) {
        more[i * 2] = strays;
        return ADDED;
      }
    if (this.moreCount * 2 === more.length) {
      if (!this.memory.take(more.byteLength)) return FULL;
      this.more = new Int32Array(more.length * 2);
      this.more.set(more);
    }
    this.more[this.moreCount * 2] = strays;
    this.more[this.moreCount * 2 + 1] = table[at + MORE]!;
    table[at + MORE] = this.moreCount++;
    return ADDED;
  }

  private within(inner: number, outer: number): boolean {
    return this.strays === null ? (inner & ~outer) === 0 : this.strays.within(inner, outer);
  }

  private grow(): boolean {
    const { table: old } = this;
    const length = (this.mask + 1) * 2;
    if (length > LENGTH_MAX || !this.memory.take(old.byteLength * 2)) return false;
    const table = new Int32Array(length * WORDS);
    const mask = length - 1;
    for (let from = 0; from < old.length; from += WORDS) {
      if (old[from] === 0) continue;
      let place = hashOf(old[from]! - 1, old[from + WINDOW]!, old[from + STATE]!) & mask;
      while (table[place * WORDS] !== 0) place = (place + 1) & mask;
      for (let i = 0; i < WORDS; i++) table[place * WORDS + i] = old[from + i]!;
    }
    this.table = table;
    this.mask = mask;
    this.memory.give(old.byteLength);
    return true;
  }
}

function hashOf(frontier: number, window: number, state: number): number {
  let hash = Math.imul(frontier, 0x9e3779b1) ^ Math.imul(window, 0x85ebca77) ^ Math.imul(state, 0xc2b2ae3d);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
