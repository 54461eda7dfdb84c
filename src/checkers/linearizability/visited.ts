import type { BitSets } from "./bit-sets.ts";
import type { MemoryBudget } from "./memory.ts";

const WORDS = 6;
const FRONTIER = 0;
const SETTLED = 1;
const STATE = 2;
const USED = 3;
const STRAYS = 4;
const MORE = 5;
/** Words of a further pair: used, strays, and where the next one is. */
const PAIR = 3;
const LENGTH_MAX = 1 << 26;

/** What {@link Visited.add} did: nothing where there is no memory. */
export const ADDED = 0;
export const DOMINATED = 1;
export const FULL = 2;

/**
 * Configurations that the search has come to: frontier, settled, used, strays and state (see `search.ts`).
 *
 * One is dominated by another that is equal but for fewer calls that are used up: what can be done from the one can be
 * done from the other. Of each frontier, settled and state the smallest pairs of used and strays are kept.
 */
export class Visited {
  private readonly memory: MemoryBudget;
  private readonly windows: BitSets;
  private readonly strays: BitSets;
  /** Open addressing, {@link WORDS} each: frontier + 1, settled, state, used, strays, and where more pairs are. */
  private table: Int32Array;
  private mask: number;
  private count = 0;
  /** Further pairs of used and strays, from number 1 on; 0 ends a chain. */
  private more: Int32Array;
  private moreCount = 1;

  /** @param expected How many configurations there may well be. */
  constructor(memory: MemoryBudget, windows: BitSets, strays: BitSets, expected: number) {
    this.memory = memory;
    this.windows = windows;
    this.strays = strays;
    let length = 64;
    while (length < expected) length *= 2;
    this.mask = length - 1;
    this.table = new Int32Array(length * WORDS);
    this.more = new Int32Array(PAIR * 4);
    memory.take(this.bytes);
  }

  get bytes(): number {
    return this.table.byteLength + this.more.byteLength;
  }

  add(frontier: number, settled: number, used: number, state: number, strays: number): number {
    const { table, mask } = this;
    let place = hashOf(frontier, settled, state) & mask;
    for (;;) {
      const at = place * WORDS;
      const found = table[at + FRONTIER];
      if (found === 0) {
        if (this.count * 4 >= mask * 3) return this.grow() ? this.add(frontier, settled, used, state, strays) : FULL;
        this.count++;
        table[at + FRONTIER] = frontier + 1;
        table[at + SETTLED] = settled;
        table[at + STATE] = state;
        table[at + USED] = used;
        table[at + STRAYS] = strays;
        return ADDED;
      }
      if (found === frontier + 1 && table[at + SETTLED] === settled && table[at + STATE] === state)
        return this.addPair(at, used, strays);
      place = (place + 1) & mask;
    }
  }

  release(): void {
    this.memory.give(this.bytes);
    this.table = this.more = new Int32Array(0);
  }

  /** Adds a pair to those of a place, unless a smaller one is there. It takes the place of a greater one. */
  private addPair(at: number, used: number, strays: number): number {
    const { table, more } = this;
    if (this.within(table[at + USED]!, table[at + STRAYS]!, used, strays)) return DOMINATED;
    const first = table[at + MORE]!;
    for (let i = first; i !== 0; i = more[i * PAIR + 2]!)
      if (this.within(more[i * PAIR]!, more[i * PAIR + 1]!, used, strays)) return DOMINATED;
    if (this.within(used, strays, table[at + USED]!, table[at + STRAYS]!)) {
      table[at + USED] = used;
      table[at + STRAYS] = strays;
      return ADDED;
    }
    for (let i = first; i !== 0; i = more[i * PAIR + 2]!) {
      if (!this.within(used, strays, more[i * PAIR]!, more[i * PAIR + 1]!)) continue;
      more[i * PAIR] = used;
      more[i * PAIR + 1] = strays;
      return ADDED;
    }
    const last = this.moreCount * PAIR;
    if (last === more.length) {
      if (!this.memory.take(more.byteLength)) return FULL;
      this.more = new Int32Array(more.length * 2);
      this.more.set(more);
    }
    this.more[last] = used;
    this.more[last + 1] = strays;
    this.more[last + 2] = first;
    table[at + MORE] = this.moreCount++;
    return ADDED;
  }

  /** Whether one pair has nothing that another has not. */
  private within(used: number, strays: number, otherUsed: number, otherStrays: number): boolean {
    return this.windows.within(used, otherUsed) && this.strays.within(strays, otherStrays);
  }

  private grow(): boolean {
    const { table: old } = this;
    const length = (this.mask + 1) * 2;
    if (length > LENGTH_MAX || !this.memory.take(old.byteLength * 2)) return false;
    const table = new Int32Array(length * WORDS);
    const mask = length - 1;
    for (let from = 0; from < old.length; from += WORDS) {
      if (old[from] === 0) continue;
      let place = hashOf(old[from]! - 1, old[from + SETTLED]!, old[from + STATE]!) & mask;
      while (table[place * WORDS] !== 0) place = (place + 1) & mask;
      for (let i = 0; i < WORDS; i++) table[place * WORDS + i] = old[from + i]!;
    }
    this.table = table;
    this.mask = mask;
    this.memory.give(old.byteLength);
    return true;
  }
}

function hashOf(frontier: number, settled: number, state: number): number {
  let hash = Math.imul(frontier, 0x9e3779b1) ^ Math.imul(settled, 0x85ebca77) ^ Math.imul(state, 0xc2b2ae3d);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
