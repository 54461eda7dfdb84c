import type { Micros } from "../../kernel/index.ts";
import type { ControllerTurn } from "../controller.ts";

/** Durations in microseconds; in brackets, the values of kubernetes pkg/controller/disruption. */
export interface DisruptionConfig {
  /** An eviction that has not been seen after this did not happen [DeletionTimeout, 2 min]. */
  readonly deletionTimeoutUs: Micros;
  /** A pod that was to be disrupted and is not being deleted after this is no target any more [2 min]. */
  readonly staleTargetUs: Micros;
}

export const DISRUPTION_DEFAULTS: DisruptionConfig = Object.freeze({
  deletionTimeoutUs: 120_000_000,
  staleTargetUs: 120_000_000,
});

export interface DisruptionTask {
  readonly step: "status" | "failSafe" | "staleTarget";
  /** When the budget is to be looked at again; 0: only when something changes. */
  readonly againUs: Micros;
}

export type DisruptionTurn = ControllerTurn<null, DisruptionConfig>;
