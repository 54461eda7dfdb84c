import type { Micros } from "../../models/kernel/index.ts";

/** What numbers each key has had within a time before now, and the last one from before that. */
export class RecentNumbers {
  readonly #windowUs: Micros;
  readonly #values = new Map<string, { readonly atUs: Micros; readonly value: number }[]>();

  constructor(windowUs: Micros) {
    this.#windowUs = windowUs;
  }

  /** The key has this value from now on. */
  set(key: string, value: number, now: Micros): void {
    const values = this.#values.get(key);
    if (values === undefined) {
      this.#values.set(key, [{ atUs: now, value }]);
      return;
    }
    if (values.at(-1)!.value !== value) values.push({ atUs: now, value });
    // A value holds until the next one, so that the one before the window begins is still in it.
    while (values.length > 1 && values[1]!.atUs < now - this.#windowUs) values.shift();
  }

  forget(key: string): void {
    this.#values.delete(key);
  }

  /** The highest value that the key had within the window; undefined: it has none. */
  max(key: string, now: Micros): number | undefined {
    return this.#within(key, now)?.reduce((one, two) => Math.max(one, two));
  }

  min(key: string, now: Micros): number | undefined {
    return this.#within(key, now)?.reduce((one, two) => Math.min(one, two));
  }

  /** Whether the key had one value alone within the window. */
  isSteady(key: string, now: Micros): boolean {
    return this.#within(key, now)?.length === 1;
  }

  #within(key: string, now: Micros): readonly number[] | undefined {
    const values = this.#values.get(key);
    return values
      ?.filter((_value, i) => i === values.length - 1 || values[i + 1]!.atUs >= now - this.#windowUs)
      .map(({ value }) => value);
  }
}
