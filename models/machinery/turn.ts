import type { Effect, Input, MachineTypes, Micros, Note, ProcessId, TimerName } from "../kernel/index.ts";

/**
 * One step of a component in the making: its rules push effects in their order, and nobody keeps it. What is in states
 * and messages stays immutable.
 */
export class Turn<T extends MachineTypes> {
  /** The local monotonic clock, and the calendar. Microseconds. */
  readonly now: Micros;
  readonly wall: Micros;
  readonly effects: Effect<T>[] = [];

  constructor(clock: { readonly now: Micros; readonly wall: Micros }) {
    this.now = clock.now;
    this.wall = clock.wall;
  }

  note(noted: Note): void {
    this.effects.push(noted);
  }

  send(to: ProcessId, message: T["message"]): void {
    this.effects.push({ kind: "send", to, message });
  }

  persist(record: T["record"], sync: boolean): void {
    this.effects.push({ kind: "persist", record, sync });
  }

  setTimer(name: TimerName, minUs: Micros, maxUs: Micros = minUs): void {
    this.effects.push({ kind: "setTimer", name, minUs, maxUs });
  }

  cancelTimer(name: TimerName): void {
    this.effects.push({ kind: "cancelTimer", name });
  }

  reply(id: string, response: T["response"]): void {
    this.effects.push({ kind: "reply", id, response });
  }
}

export type { Input };
