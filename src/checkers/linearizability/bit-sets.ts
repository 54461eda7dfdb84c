/**
 * Sets of small numbers, each distinct set once and known by a number of its own.
 *
 * Sets of numbers below 32 are numbers already, their bits, and need none of this ({@link NARROW}).
 */
export class BitSets {
  private readonly words: number;
  private pool: Int32Array;
  private count = 1;
  /** Open addressing; 0 is free, else the number of a set. The empty set, number 0, is not in it. */
  private table = new Int32Array(64);

  /** For sets of numbers below `size`. */
  constructor(size: number) {
    this.words = (size + 31) >>> 5;
    this.pool = new Int32Array(this.words * 32);
  }

  get bytes(): number {
    return this.pool.byteLength + this.table.byteLength;
  }

  has(set: number, element: number): boolean {
    return ((this.pool[set * this.words + (element >>> 5)]! >>> (element & 31)) & 1) === 1;
  }

  /** The set with an element more, or without one that it has. */
  flip(set: number, element: number): number {
    const { words } = this;
    if ((this.count + 1) * words > this.pool.length) {
      const grown = new Int32Array(this.pool.length * 2);
      grown.set(this.pool);
      this.pool = grown;
    }
    const from = set * words;
    const to = this.count * words;
    for (let i = 0; i < words; i++) this.pool[to + i] = this.pool[from + i]!;
    this.pool[to + (element >>> 5)]! ^= 1 << (element & 31);
    return this.numberOfLast();
  }

  /** Whether all of a set is in another. */
  within(inner: number, outer: number): boolean {
    const { words, pool } = this;
    for (let i = 0; i < words; i++) if ((pool[inner * words + i]! & ~pool[outer * words + i]!) !== 0) return false;
    return true;
  }

  size(set: number): number {
    let size = 0;
    for (let i = 0; i < this.words; i++) size += bitCount(this.pool[set * this.words + i]!);
    return size;
  }

  /** The number of the set behind the last one in the pool, which becomes the last one where it is new. */
  private numberOfLast(): number {
    const { words, pool } = this;
    const last = this.count * words;
    const hash = this.hash(this.count);
    if (hash === 0 && this.isEmpty(last)) return 0;
    const mask = this.table.length - 1;
    let place = hash & mask;
    for (;;) {
      const set = this.table[place]!;
      if (set === 0) break;
      let i = 0;
      while (i < words && pool[set * words + i] === pool[last + i]) i++;
      if (i === words) return set;
      place = (place + 1) & mask;
    }
    this.table[place] = this.count++;
    if (this.count * 2 > this.table.length) this.rehash();
    return this.count - 1;
  }

  private isEmpty(at: number): boolean {
    for (let i = 0; i < this.words; i++) if (this.pool[at + i] !== 0) return false;
    return true;
  }

  /** 0 for the empty set. */
  private hash(set: number): number {
    let hash = 0;
    for (let i = 0; i < this.words; i++) {
      hash = Math.imul(hash ^ this.pool[set * this.words + i]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash;
  }

  private rehash(): void {
    const table = new Int32Array(this.table.length * 2);
    const mask = table.length - 1;
    for (let set = 1; set < this.count; set++) {
      let place = this.hash(set) & mask;
      while (table[place] !== 0) place = (place + 1) & mask;
      table[place] = set;
    }
    this.table = table;
  }
}

/** Sets of numbers below this are told by their bits. */
export const NARROW = 32;

export function bitCount(bits: number): number {
  let count = bits - ((bits >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
