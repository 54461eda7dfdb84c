import type { Effect, MachineTypes, ProcessId } from "../../models/kernel/index.ts";

/** A place in a process's work at which a fault strikes: before or after the n-th effect of a kind. */
export interface FaultPoint {
  /** null: whichever process gets there first. */
  readonly process: ProcessId | null;
  readonly effect: Effect<MachineTypes>["kind"];
  /** The kind of the message or record, or what the system calls the message, or the name of the timer or note. null: any. */
  readonly detail: string | null;
  /** Counts from 1, from when the point was armed. */
  readonly nth: number;
  readonly edge: "before" | "after";
  readonly fire: (process: ProcessId) => void;
}

/** The points that faults wait for. */
export class FaultPoints {
  #armed: { readonly point: FaultPoint; left: number }[] = [];
  readonly #messageDetail: (message: unknown) => string;

  /** @param messageDetail what the system calls a message, beside its kind */
  constructor(messageDetail: (message: unknown) => string = kindOf) {
    this.#messageDetail = messageDetail;
  }

  /** Whether any fault waits: if not, effects need not be looked at. */
  get any(): boolean {
    return this.#armed.length > 0;
  }

  arm(point: FaultPoint): void {
    this.#armed.push({ point, left: point.nth });
  }

  disarmAll(): void {
    this.#armed = [];
  }

  /** A process is at the edge of an effect: the faults that wait there strike. */
  reach(process: ProcessId, effect: Effect<MachineTypes>, edge: "before" | "after"): void {
    for (const armed of [...this.#armed]) {
      const { point } = armed;
      if (point.edge !== edge || point.effect !== effect.kind) continue;
      if (point.process !== null && point.process !== process) continue;
      if (point.detail !== null && !this.#isCalled(effect, point.detail)) continue;
      if (--armed.left > 0) continue;
      this.#armed = this.#armed.filter((other) => other !== armed);
      point.fire(process);
    }
  }

  #isCalled(effect: Effect<MachineTypes>, detail: string): boolean {
    if (detailOf(effect) === detail) return true;
    return effect.kind === "send" && this.#messageDetail(effect.message) === detail;
  }
}

function detailOf(effect: Effect<MachineTypes>): string {
  switch (effect.kind) {
    case "send":
      return kindOf(effect.message);
    case "persist":
      return kindOf(effect.record);
    case "reply":
      return kindOf(effect.response);
    default:
      return effect.name;
  }
}

/** The kind of a message, record or response: unions have one. */
function kindOf(value: unknown): string {
  return (value as { readonly kind?: string } | null)?.kind ?? "";
}
