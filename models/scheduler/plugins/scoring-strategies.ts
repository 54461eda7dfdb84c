/** How NodeResourcesFit scores (plugins/noderesources/least_allocated.go, most_allocated.go, requested_to_capacity_ratio.go). */
import { multipliedAndDivided, quotient, rounded } from "../framework/arithmetic.ts";
import type { NodeInfo } from "../framework/node-info.ts";
import { SCORE_MAX } from "../framework/plugin.ts";
import { capacityOf, type ResourceSpec, usedOf, type WantedResource } from "./resource-allocation.ts";

/** `score` 0 to 10 at a `utilization` of 0 to 100. */
export interface ShapePoint {
  readonly utilization: number;
  readonly score: number;
}

export interface ScoringStrategy {
  readonly type: "LeastAllocated" | "MostAllocated" | "RequestedToCapacityRatio";
  readonly resources: readonly ResourceSpec[];
  readonly requestedToCapacityRatio?: { readonly shape: readonly ShapePoint[] };
}

/** The score of a node for what a pod counts for. */
export type Scorer = (info: NodeInfo, wanted: readonly WantedResource[]) => number;

/** Scores of a shape are given up to 10. */
const SHAPE_SCORE_MAX = 10;
const UTILIZATION_MAX = 100;

export function scorerOf({ type, requestedToCapacityRatio }: ScoringStrategy): Scorer {
  switch (type) {
    case "LeastAllocated":
      return weightedMean(leastRequestedScore);
    case "MostAllocated":
      return weightedMean(mostRequestedScore);
    case "RequestedToCapacityRatio":
      return ratioScorer(requestedToCapacityRatio?.shape ?? []);
  }
}

function weightedMean(score: (requested: number, capacity: number) => number): Scorer {
  return (info, wanted) => {
    let sum = 0;
    let weights = 0;
    for (let i = 0; i < wanted.length; i++) {
      const { name, weight, amount } = wanted[i]!;
      const capacity = capacityOf(info, name);
      if (capacity === 0) continue;
      sum += score(usedOf(info, name, "nonzero") + amount, capacity) * weight;
      weights += weight;
    }
    return weights === 0 ? 0 : quotient(sum, weights);
  };
}

/** least_allocated.go, leastRequestedScore. */
export function leastRequestedScore(requested: number, capacity: number): number {
  if (capacity === 0 || requested > capacity) return 0;
  return multipliedAndDivided(capacity - requested, SCORE_MAX, capacity);
}

/** most_allocated.go, mostRequestedScore: pods that ask for nothing count for something, so that more than all can be requested. */
export function mostRequestedScore(requested: number, capacity: number): number {
  if (capacity === 0) return 0;
  return multipliedAndDivided(Math.min(requested, capacity), SCORE_MAX, capacity);
}

/** requested_to_capacity_ratio.go, buildRequestedToCapacityRatioScorerFunction: a resource that scores 0 has no weight. */
function ratioScorer(shape: readonly ShapePoint[]): Scorer {
  const points = shape.map(({ utilization, score }) => ({
    utilization,
    score: score * (SCORE_MAX / SHAPE_SCORE_MAX),
  }));
  return (info, wanted) => {
    let sum = 0;
    let weights = 0;
    for (const { name, weight, amount } of wanted) {
      const capacity = capacityOf(info, name);
      if (capacity === 0) continue;
      const used = usedOf(info, name, "nonzero") + amount;
      const utilization = used > capacity ? UTILIZATION_MAX : multipliedAndDivided(used, UTILIZATION_MAX, capacity);
      const score = brokenLinear(points, utilization);
      if (score <= 0) continue;
      sum += score * weight;
      weights += weight;
    }
    return weights === 0 ? 0 : rounded(sum / weights);
  };
}

/** plugins/helper/shape_score.go, BuildBrokenLinearFunction. */
export function brokenLinear(points: readonly ShapePoint[], at: number): number {
  for (let i = 0; i < points.length; i++) {
    const point = points[i]!;
    if (at > point.utilization) continue;
    if (i === 0) return point.score;
    const before = points[i - 1]!;
    const rise = (point.score - before.score) * (at - before.utilization);
    return before.score + quotient(rise, point.utilization - before.utilization);
  }
  return points.at(-1)?.score ?? 0;
}
