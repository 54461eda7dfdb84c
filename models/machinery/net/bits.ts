/** A set of small whole numbers as an immutable value: words of 32 bits, without zeros at the end. Plain data. */
export interface Bits {
  readonly count: number;
  readonly words: readonly number[];
}

export const NO_BITS: Bits = Object.freeze({ count: 0, words: Object.freeze([]) as readonly number[] });

export function hasBit({ words }: Bits, at: number): boolean {
  return (((words[at >>> 5] ?? 0) >>> (at & 31)) & 1) === 1;
}

/** The set with the number in it; the same set where it was in it before. */
export function withBit(bits: Bits, at: number): Bits {
  return withBits(bits, at, at);
}

/** The set without the number; the same set where it was not in it. */
export function withoutBit(bits: Bits, at: number): Bits {
  return withoutBits(bits, at, at);
}

/** With all numbers from one to another, that one too. */
export function withBits(bits: Bits, from: number, to: number): Bits {
  return changed(bits, from, to, true);
}

export function withoutBits(bits: Bits, from: number, to: number): Bits {
  return changed(bits, from, to, false);
}

function changed(bits: Bits, from: number, to: number, areIn: boolean): Bits {
  let words: number[] | null = null;
  let { count } = bits;
  for (let at = from; at <= to; at++) {
    const place = at >>> 5;
    const mask = 1 << (at & 31);
    const word = (words ?? bits.words)[place] ?? 0;
    if (((word & mask) !== 0) === areIn) continue;
    words ??= bits.words.slice();
    while (words.length <= place) words.push(0);
    words[place] = (areIn ? word | mask : word & ~mask) >>> 0;
    count += areIn ? 1 : -1;
  }
  if (words === null) return bits;
  while (words.length > 0 && words[words.length - 1] === 0) words.pop();
  return { count, words };
}

/** The numbers, in their order. */
export function bitsOf({ words }: Bits): readonly number[] {
  const numbers: number[] = [];
  for (const [place, word] of words.entries())
    for (let bit = 0; bit < 32; bit++) if (((word >>> bit) & 1) === 1) numbers.push(place * 32 + bit);
  return numbers;
}

/** The first number from `start` on and round, of `from` up to and without `to`, that is not in the set; -1: all are. */
export function firstFree(bits: Bits, from: number, to: number, start: number): number {
  const size = to - from;
  for (let i = 0; i < size; i++) {
    const at = from + ((start - from + i) % size);
    if (!hasBit(bits, at)) return at;
  }
  return -1;
}
