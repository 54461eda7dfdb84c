/**
 * Which rules met which faults: a table of counts. A row is a message kind that was delivered or a rule that a machine
 * noted; a column is a kind of fault that was active at the time, the first one being `none`.
 */
export class RuleCoverage {
  readonly columns: readonly string[];
  readonly #rows = new Map<string, Float64Array>();
  readonly #columnOf = new Map<string, number>();
  readonly #active: number[];
  /** Columns that are active now. */
  #mask: number[] = [0];

  /** @param faultKinds the columns beside `none` */
  constructor(faultKinds: readonly string[]) {
    this.columns = ["none", ...faultKinds];
    for (const [column, name] of this.columns.entries()) this.#columnOf.set(name, column);
    this.#active = this.columns.map(() => 0);
  }

  /** A fault of a kind begins or ends. Several of one kind may be active. */
  change(kind: string, by: 1 | -1): void {
    const column = this.#columnOf.get(kind);
    if (column === undefined) return;
    this.#active[column]! += by;
    const mask: number[] = [];
    for (let i = 1; i < this.#active.length; i++) if (this.#active[i]! > 0) mask.push(i);
    this.#mask = mask.length === 0 ? [0] : mask;
  }

  /** A rule was taken. */
  hit(row: string): void {
    let counts = this.#rows.get(row);
    if (counts === undefined) {
      counts = new Float64Array(this.columns.length);
      this.#rows.set(row, counts);
    }
    const mask = this.#mask;
    for (let i = 0; i < mask.length; i++) counts[mask[i]!]!++;
  }

  /** The counts of each row, in the order of the columns. */
  table(): Record<string, number[]> {
    const table: Record<string, number[]> = {};
    for (const row of [...this.#rows.keys()].sort()) table[row] = [...this.#rows.get(row)!];
    return table;
  }
}
