/**
 * What belongs to some texts: to those asked for last, at least so many and at most twice as many.
 *
 * The values are shared: whoever gets one must not change it.
 */
export class Remembered<V> {
  readonly #keep: number;
  #recent = new Map<string, V>();
  #older = new Map<string, V>();

  /** @param keep at least as many */
  constructor(keep: number) {
    this.#keep = keep;
  }

  get(text: string): V | undefined {
    const recent = this.#recent.get(text);
    if (recent !== undefined) return recent;
    const older = this.#older.get(text);
    if (older !== undefined) this.set(text, older);
    return older;
  }

  set(text: string, value: V): void {
    if (this.#recent.size >= this.#keep) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(text, value);
  }
}
