import type { MachineTypes } from "../../models/kernel/index.ts";
import type { Observer, System } from "./system.ts";

/** Who is told of what: the observers of each hook, in their order, by what concerns them. */
export class Dispatch<T extends MachineTypes> {
  readonly all: readonly Observer<T>[];
  /** Those that have the hook at all. */
  readonly boots: readonly Observer<T>[];
  readonly crashes: readonly Observer<T>[];
  readonly requests: readonly Observer<T>[];
  readonly requestsLost: readonly Observer<T>[];
  readonly replies: readonly Observer<T>[];
  readonly faults: readonly Observer<T>[];
  readonly #system: System<T>;
  /** By the mask of changed fields. Filled as masks come up. */
  readonly #steps: (readonly Observer<T>[] | undefined)[] = [];
  readonly #sends = new Map<string, readonly Observer<T>[]>();
  readonly #notes = new Map<string, readonly Observer<T>[]>();

  constructor(system: System<T>, observers: readonly Observer<T>[]) {
    this.#system = system;
    this.all = observers;
    this.boots = observers.filter(({ onBoot }) => onBoot !== undefined);
    this.crashes = observers.filter(({ onCrash }) => onCrash !== undefined);
    this.requests = observers.filter(({ onRequest }) => onRequest !== undefined);
    this.requestsLost = observers.filter(({ onRequestLost }) => onRequestLost !== undefined);
    this.replies = observers.filter(({ onReply }) => onReply !== undefined);
    this.faults = observers.filter(({ onFault }) => onFault !== undefined);
  }

  /** Those whom a step concerns. */
  ofStep(before: T["state"], after: T["state"]): readonly Observer<T>[] {
    const { changed } = this.#system;
    const mask = changed === undefined ? 0 : changed(before, after);
    return this.#steps[mask] ?? this.#fillSteps(mask);
  }

  /** Those whom a message of this kind concerns. */
  ofSend(kind: string): readonly Observer<T>[] {
    const known = this.#sends.get(kind);
    if (known !== undefined) return known;
    const found = this.all.filter(({ onSend, concerns }) => onSend && (concerns?.messages?.includes(kind) ?? true));
    this.#sends.set(kind, found);
    return found;
  }

  /** Those whom a note of this name concerns. */
  ofNote(name: string): readonly Observer<T>[] {
    const known = this.#notes.get(name);
    if (known !== undefined) return known;
    const found = this.all.filter(({ onNote, concerns }) => onNote && (concerns?.notes?.includes(name) ?? true));
    this.#notes.set(name, found);
    return found;
  }

  #fillSteps(mask: number): readonly Observer<T>[] {
    const { fields, changed } = this.#system;
    const known = changed === undefined ? undefined : fields;
    const found = this.all.filter(({ onStep, concerns }) => {
      if (onStep === undefined || known === undefined || concerns?.changes === undefined) return onStep !== undefined;
      return concerns.changes.some((field) => {
        const bit = known.indexOf(field);
        // A field that the system does not compare may have changed.
        return bit < 0 || (mask & (1 << bit)) !== 0;
      });
    });
    this.#steps[mask] = found;
    return found;
  }
}
