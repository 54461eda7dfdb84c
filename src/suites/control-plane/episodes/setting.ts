import { type Arbitrary, fc } from "../../../harness/fast-check.ts";
import type { Episode } from "../../shared/episodes.ts";
import { resourceOf, type WorkloadKind, type WorkloadPlan } from "../manifests.ts";
import type { Cast, ControlPlaneOperation } from "../scenario.ts";

export type ClusterEpisode = Episode<ControlPlaneOperation>;

/** What episodes of a cluster are made of. */
export interface ClusterSetting {
  readonly cast: Cast;
  readonly chaosMs: number;
  /** How long a node may show no sign of life before it is taken for lost. */
  readonly graceMs: number;
  /** How long a lease of a leader lasts. */
  readonly leaseMs: number;
  readonly plans: readonly WorkloadPlan[];
}

/** Some of the workloads, of these kinds; null where there is none. */
export function workloadOf({ plans }: ClusterSetting, ...kinds: WorkloadKind[]): Arbitrary<WorkloadPlan> | null {
  const fitting = plans.filter(({ kind }) => kinds.includes(kind));
  return fitting.length === 0 ? null : fc.constantFrom(...fitting);
}

/** When an episode begins: when the first objects have had some time, and so that it has some as well. */
export function beginning({ chaosMs }: ClusterSetting, lastsMs = 5000): Arbitrary<number> {
  const latest = Math.max(Math.ceil(chaosMs / 2), chaosMs - lastsMs);
  return fc.integer({ min: Math.min(3000, latest), max: latest });
}

export function nodeOf({ cast }: ClusterSetting): Arbitrary<string> {
  return fc.constantFrom(...cast.nodes);
}

export function apiOf({ cast }: ClusterSetting): Arbitrary<string> {
  return fc.constantFrom(...cast.apiServers);
}

/** How an operation names a workload. */
export function naming({ kind, name, namespace }: WorkloadPlan) {
  return { resource: resourceOf(kind), namespace, name };
}

export const session = fc.integer({ min: 0, max: 3 });

/** An episode that the run has nothing for. */
export const NOTHING: Arbitrary<ClusterEpisode> = fc.constant({ faults: [], workload: [] });
