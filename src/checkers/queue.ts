interface Counts {
  /** Additions that may have happened, or may still. */
  possible: number;
  acknowledged: number;
  /** Came out, as clients were told. */
  out: number;
  /** May have come out. */
  maybeOut: number;
}

/**
 * A queue as its clients see it, whatever its order: what comes out was put in, and comes out no more often than that; what
 * was put in and acknowledged comes out, or is still in at the end.
 */
export class QueueChecker {
  readonly #values = new Map<string, Counts>();
  /** Values that may have come out, and nobody knows which. */
  #maybeOutAny = 0;

  /** Somebody begins to put a value in. */
  add(value: string): void {
    this.#of(value).possible++;
  }

  acknowledge(value: string): void {
    this.#of(value).acknowledged++;
  }

  /** It was not put in, and will not be. */
  refuse(value: string): void {
    this.#of(value).possible--;
  }

  /** A value came out. Gives what is wrong with that, or null. */
  takeOut(value: string): string | null {
    const counts = this.#of(value);
    counts.out++;
    if (counts.possible <= 0) return `${value} comes out, which nobody has put in`;
    return counts.out > counts.possible ? `${value} comes out ${counts.out} times, put in ${counts.possible}` : null;
  }

  /** A value may have come out: this one, or null where it is not known which. */
  maybeTakeOut(value: string | null): void {
    if (value === null) this.#maybeOutAny++;
    else this.#of(value).maybeOut++;
  }

  /** These are still in at the end. Gives what is wrong with that, or null. */
  end(remaining: readonly string[]): string | null {
    const inside = new Map<string, number>();
    for (const value of remaining) inside.set(value, (inside.get(value) ?? 0) + 1);
    for (const [value, count] of inside) {
      const { possible, out } = this.#of(value);
      if (count + out > possible)
        return possible <= 0
          ? `${value} is in it, which nobody has put in`
          : `${value} is in it ${count} times and came out ${out} times, put in ${possible}`;
    }
    let unknown = this.#maybeOutAny;
    for (const [value, { acknowledged, out, maybeOut }] of this.#values) {
      const missing = acknowledged - out - maybeOut - (inside.get(value) ?? 0);
      if (missing <= 0) continue;
      unknown -= missing;
      if (unknown < 0) return `${value} is lost: acknowledged ${acknowledged} times, came out ${out}`;
    }
    return null;
  }

  #of(value: string): Counts {
    const known = this.#values.get(value);
    if (known !== undefined) return known;
    const counts = { possible: 0, acknowledged: 0, out: 0, maybeOut: 0 };
    this.#values.set(value, counts);
    return counts;
  }
}
