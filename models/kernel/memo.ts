/**
 * A pure function of a text that remembers what it made of the last texts. Nothing but time tells that it does, as long as
 * nobody changes a value, or goes by whether two values of one text are the same object.
 */
export class Memo<V> {
  readonly #of: (text: string) => V;
  readonly #atLeast: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  /** @param atLeast how many of the last texts it remembers; up to twice as many */
  constructor(of: (text: string) => V, atLeast: number) {
    this.#of = of;
    this.#atLeast = atLeast;
  }

  get(text: string): V {
    const known = this.#young.get(text);
    if (known !== undefined) return known;
    const value = this.#old.get(text) ?? this.#of(text);
    this.set(text, value);
    return value;
  }

  /** What the function gives for a text, where that is known without it. */
  set(text: string, value: V): void {
    if (this.#young.size >= this.#atLeast) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, value);
  }
}

const PARSED = new Memo<unknown>((text) => JSON.parse(text) as unknown, 256);

/**
 * JSON.parse of texts that several processes read: each member applies the same command, and each server caches the same
 * value. What it gives is shared, and not to be changed.
 */
export function parsedOnce(text: string): unknown {
  return PARSED.get(text);
}
