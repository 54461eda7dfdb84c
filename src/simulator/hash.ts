/** A rolling hash of 64 bits in two lanes. Order matters; numbers are taken modulo 2^32. */
export class RollingHash {
  #a = 0x243f6a88;
  #b = 0x13198a2e;

  /** Take in one whole number. */
  add(value: number): void {
    const v = value | 0;
    const a = Math.imul(this.#a ^ v, 0x9e3779b1);
    this.#a = (a << 13) | (a >>> 19);
    const b = Math.imul(this.#b, 0x85ebca77) + v;
    this.#b = b ^ (b >>> 15);
  }

  /** Take in a point in time: a whole number below 2^53. */
  addTime(value: number): void {
    this.add(value);
    if (value > 0xffffffff) this.add(Math.floor(value / 0x1_0000_0000));
  }

  /** The low 32 bits, for a cheap fingerprint of one event. */
  get low(): number {
    return (this.#a ^ this.#b) >>> 0;
  }

  /** 16 hexadecimal digits. */
  digest(): string {
    return hex(finish(this.#a)) + hex(finish(this.#b ^ this.#a));
  }
}

/** A hash of 32 bits of a text: FNV-1a, then mixed. */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return finish(h);
}

/** The hash of an ordered list of texts, 16 hexadecimal digits. */
export function hashTexts(texts: Iterable<string>): string {
  const hash = new RollingHash();
  for (const text of texts) hash.add(hashText(text));
  return hash.digest();
}

function finish(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
