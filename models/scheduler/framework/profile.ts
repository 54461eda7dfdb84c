/** The plugins of a scheduler, by the points at which they are asked (kubernetes pkg/scheduler/framework/runtime/framework.go). */
import type { Plugin } from "./plugin.ts";

/** The points at which the models ask plugins. */
export const POINTS = ["preEnqueue", "preFilter", "filter", "postFilter", "preScore", "score", "reserve"] as const;
export type Point = (typeof POINTS)[number];

export interface ScoringPlugin {
  readonly plugin: Plugin;
  readonly weight: number;
  /** Whether its preScore is asked too. */
  readonly prepares: boolean;
}

/** DefaultPreemptionArgs. */
export interface PreemptionArgs {
  readonly minCandidateNodesPercentage: number;
  readonly minCandidateNodesAbsolute: number;
}

export interface Profile {
  readonly schedulerName: string;
  /** 0: as many as the number of nodes suggests. */
  readonly percentageOfNodesToScore: number;
  readonly preEnqueue: readonly Plugin[];
  readonly preFilters: readonly Plugin[];
  readonly filters: readonly Plugin[];
  readonly scores: readonly ScoringPlugin[];
  readonly reserves: readonly Plugin[];
  /** Null: pods do not preempt others. */
  readonly preemption: PreemptionArgs | null;
}
