/** Something that is wrong in a field: `profiles[0].schedulerName`. */
export interface FieldFlaw {
  readonly field: string;
  readonly message: string;
}

/**
 * Reads the fields of a mapping; what is wrong is noted, and something usable returned. Short-lived: it belongs to who
 * reads.
 */
export class Fields {
  readonly path: string;
  readonly flaws: FieldFlaw[];
  readonly #value: Readonly<Record<string, unknown>>;

  constructor(value: unknown, path: string, flaws: FieldFlaw[]) {
    this.path = path;
    this.flaws = flaws;
    const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
    if (!isMapping) flaws.push({ field: path, message: `expected a mapping, not ${JSON.stringify(value)}` });
    this.#value = isMapping ? (value as Readonly<Record<string, unknown>>) : {};
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#value, name) && this.#value[name] !== null;
  }

  /** The value as it is; undefined where there is none. */
  raw(name: string): unknown {
    return this.has(name) ? this.#value[name] : undefined;
  }

  /** Any other field is unknown (strict decoding). */
  only(...names: readonly string[]): void {
    for (const name of Object.keys(this.#value))
      if (!names.includes(name))
        this.flaw(name, `unknown field "${this.#at(name)}": expected one of ${names.toSorted().join(", ")}`);
  }

  text(name: string, otherwise: string): string {
    return this.#typed(name, otherwise, "a text", (value) => typeof value === "string");
  }

  integer(name: string, otherwise: number): number {
    return this.#typed(name, otherwise, "an integer", Number.isInteger);
  }

  flag(name: string, otherwise: boolean): boolean {
    return this.#typed(name, otherwise, "true or false", (value) => typeof value === "boolean");
  }

  texts(name: string, otherwise: readonly string[]): readonly string[] {
    const isTexts = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === "string");
    return this.#typed(name, otherwise, "a list of texts", isTexts);
  }

  mapping(name: string): Fields {
    return new Fields(this.raw(name) ?? {}, this.#at(name), this.flaws);
  }

  list(name: string): readonly Fields[] {
    const isList = (value: unknown) => Array.isArray(value);
    const items = this.#typed<readonly unknown[]>(name, [], "a list", isList);
    return items.map((item, i) => new Fields(item, `${this.#at(name)}[${i}]`, this.flaws));
  }

  flaw(name: string, message: string): void {
    this.flaws.push({ field: this.#at(name), message });
  }

  #typed<T>(name: string, otherwise: T, expected: string, isRight: (value: unknown) => boolean): T {
    const value = this.raw(name);
    if (value === undefined) return otherwise;
    if (isRight(value)) return value as T;
    this.flaw(name, `Invalid value: ${JSON.stringify(value)}: expected ${expected}`);
    return otherwise;
  }

  #at(name: string): string {
    if (name === "") return this.path;
    return this.path === "" ? name : `${this.path}.${name}`;
  }
}
