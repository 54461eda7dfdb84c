import type { Fault, FaultPointSpec } from "../../simulator/faults.ts";

/** What contradicts itself in a scenario, and where. */
export interface Contradiction {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Tells which names a scenario may not use. */
export class Names {
  readonly #known: ReadonlySet<string>;

  /** @param known ids of processes, and roles */
  constructor(known: Iterable<string>) {
    this.#known = new Set(known);
  }

  /** A name that nobody has; `self` is one where an action waits for a process. */
  unknown(path: readonly (string | number)[], name: string | undefined, self = false): Contradiction | null {
    if (name === undefined || this.#known.has(name) || (self && name === "self")) return null;
    return { path, message: `Expected one of ${[...this.#known, ...(self ? ["self"] : [])].join(", ")}, not ${name}` };
  }

  /** The first unknown name of an operation: in some of its fields, or in the point that it waits for. */
  unknownInOperation(
    operation: { readonly on?: FaultPointSpec | undefined },
    index: number,
    named: readonly (readonly [field: string, name: string | undefined])[],
  ): Contradiction | null {
    for (const [field, name] of named) {
      const found = this.unknown(["workload", index, field], name, operation.on !== undefined);
      if (found !== null) return found;
    }
    return this.unknown(["workload", index, "on", "process"], operation.on?.process);
  }

  /** The first unknown name of the faults. */
  unknownInFaults(faults: readonly Fault[]): Contradiction | null {
    for (const [i, fault] of faults.entries()) {
      const named: [(string | number)[], string][] = [];
      if ("target" in fault) named.push([["target"], fault.target]);
      if ("from" in fault) named.push([["from"], fault.from], [["to"], fault.to]);
      if ("side" in fault) for (const [j, name] of fault.side.entries()) named.push([["side", j], name]);
      for (const [path, name] of named) {
        const found = this.unknown(["faults", i, ...path], name, fault.on !== undefined);
        if (found !== null) return found;
      }
      const at = this.unknown(["faults", i, "on", "process"], fault.on?.process);
      if (at !== null) return at;
    }
    return null;
  }

  /** The first unknown name in a list, such as those that stay down. */
  unknownInList(path: readonly (string | number)[], list: readonly string[]): Contradiction | null {
    for (const [i, name] of list.entries()) {
      const found = this.unknown([...path, i], name);
      if (found !== null) return found;
    }
    return null;
  }
}
