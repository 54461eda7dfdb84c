/**
 * A set that only grows, as its clients see it: what was added and acknowledged is in every later read, and nothing is in
 * a read that nobody has added.
 */
export class SetChecker {
  /** How many additions of an element may have happened, or may still. */
  readonly #possible = new Map<string, number>();
  /** In the order of their acknowledgements. */
  readonly #acknowledged: string[] = [];
  /** By read under way: how many had been acknowledged when it began. */
  readonly #reads = new Map<string, number>();

  /** Somebody begins to add an element. */
  add(element: string): void {
    this.#possible.set(element, (this.#possible.get(element) ?? 0) + 1);
  }

  /** An addition is acknowledged. */
  acknowledge(element: string): void {
    this.#acknowledged.push(element);
  }

  /** An addition has not happened, and will not. */
  refuse(element: string): void {
    this.#possible.set(element, (this.#possible.get(element) ?? 0) - 1);
  }

  /** Somebody begins to read. */
  beginRead(id: string): void {
    this.#reads.set(id, this.#acknowledged.length);
  }

  /** A read has found these. Gives what is wrong with that, or null. */
  endRead(id: string, elements: readonly string[]): string | null {
    const count = this.#reads.get(id);
    this.#reads.delete(id);
    return count === undefined ? null : this.#wrong(elements, count);
  }

  /** These are in the set at the end. Gives what is wrong with that, or null. */
  end(elements: readonly string[]): string | null {
    return this.#wrong(elements, this.#acknowledged.length);
  }

  #wrong(elements: readonly string[], acknowledged: number): string | null {
    const found = new Set(elements);
    for (const element of elements)
      if ((this.#possible.get(element) ?? 0) <= 0) return `${element} is in it, which nobody has added`;
    for (let i = 0; i < acknowledged; i++)
      if (!found.has(this.#acknowledged[i]!))
        return `${this.#acknowledged[i]} is not in it, though its addition was acknowledged`;
    return found.size === elements.length ? null : "an element is in it twice";
  }
}
