/** Sets of numbers below this are told by their bits. */
export const NARROW = 32;

/**
 * Sets of small numbers, as one number each: 0 for the empty set, the same for equal sets and different for others.
 *
 * Where all elements are below {@link NARROW}, a set is its bits. Else it is the number of a row of bits that is kept
 * here, once for each distinct set.
 */
export class BitSets {
  readonly narrow: boolean;
  private readonly words: number;
  private pool: Int32Array;
  private count = 1;
  /** Open addressing; 0 is free, else the number of a set. The empty set is not in it. */
  private table: Int32Array;

  /**
   * @param size What all elements are below.
   * @param narrow Up to which size a set is its bits: at most {@link NARROW}, less to test the others.
   */
  constructor(size: number, narrow: number) {
    this.narrow = size <= narrow;
    this.words = (size + 31) >>> 5;
    this.pool = new Int32Array(this.narrow ? 0 : this.words * 32);
    this.table = new Int32Array(this.narrow ? 0 : 64);
  }

  get bytes(): number {
    return this.pool.byteLength + this.table.byteLength;
  }

  has(set: number, element: number): boolean {
    const bits = this.narrow ? set : this.pool[set * this.words + (element >>> 5)]!;
    return ((bits >>> (element & 31)) & 1) === 1;
  }

  add(set: number, element: number): number {
    if (this.narrow) return set | (1 << element);
    return this.has(set, element) ? set : this.flip(set, element);
  }

  remove(set: number, element: number): number {
    if (this.narrow) return set & ~(1 << element);
    return this.has(set, element) ? this.flip(set, element) : set;
  }

  /** Whether all of a set is in another. */
  within(inner: number, outer: number): boolean {
    if (this.narrow) return (inner & ~outer) === 0;
    const { words, pool } = this;
    for (let i = 0; i < words; i++) if ((pool[inner * words + i]! & ~pool[outer * words + i]!) !== 0) return false;
    return true;
  }

  size(set: number): number {
    if (this.narrow) return bitCount(set);
    let size = 0;
    for (let i = 0; i < this.words; i++) size += bitCount(this.pool[set * this.words + i]!);
    return size;
  }

  /** The set with an element more, or one less. */
  private flip(set: number, element: number): number {
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

function bitCount(bits: number): number {
  let count = bits - ((bits >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
