import type { MachineTypes, Micros } from "../../models/kernel/index.ts";
import type { Observer, ProcessView } from "../simulator/system.ts";

/**
 * What must hold in a run, as a value.
 *
 * - `always`: must hold at every step; its monitor calls {@link MonitorContext.violate}.
 * - `eventually`: must come to hold, and stay, once the faults have stopped; its monitor says what is
 *   {@link Monitor.pending}.
 * - `sometimes`: some run of a campaign must reach it, else the campaign has not tried what it was meant to try; its
 *   monitor calls {@link MonitorContext.reach}.
 */
export interface Property<T extends MachineTypes> {
  /** Its path below `properties/`: `raft/election-safety`. */
  readonly id: string;
  readonly kind: "always" | "eventually" | "sometimes";
  /** The paper's section or the system's document that demands it, in its words. */
  readonly source: string;
  /** A new monitor for one run. What it costs for an event must not grow with the length of the run. */
  monitor(context: MonitorContext<T>): Monitor<T>;
}

/** What a monitor may see and say. */
export interface MonitorContext<T extends MachineTypes> {
  readonly processes: readonly ProcessView<T>[];
  /** Virtual time. */
  readonly now: () => Micros;
  /** The property does not hold: why, in a sentence, and what shows it. Ends the run. Only the first call counts. */
  violate(explanation: string, evidence?: Evidence): void;
  /** A `sometimes` property was reached. */
  reach(): void;
  /**
   * The property cannot be decided in this run, and why. The run goes on, for it may still be violated; if it is not, it
   * does not pass: its verdict is `unknown`. Only the first call counts.
   */
  undecided(reason: string): void;
}

/** What shows a violation: plain data, small enough to be read. */
export type Evidence = Readonly<Record<string, unknown>>;

/** Watches one run for one property. */
export interface Monitor<T extends MachineTypes> extends Observer<T> {
  /** For `eventually`: what has not come to hold yet, and why, or null. Asked again and again after the heal. */
  pending?(): string | null;
  /** Called once when the run has settled, for checks of the whole run. */
  atEnd?(): void;
}
