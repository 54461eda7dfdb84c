import type { Deployment, ReplicaSet } from "../../machinery/kinds/index.ts";
import {
  activeSets,
  availableCount,
  compareByCreation,
  maxUnavailableOf,
  newReplicas,
  replicaCount,
  type Scale,
  sizeOf,
  wantedOf,
} from "./replicas.ts";

/** What a rolling update does next with the old sets, and of what kind it is. */
export interface OldScales {
  /** Replicas that were not available anyway go first. */
  readonly unhealthy: readonly Scale[];
  readonly healthy: readonly Scale[];
}

const NO_SCALES: OldScales = { unhealthy: [], healthy: [] };

/** The size that the new set is to have now; null: it stays (rolling.go, reconcileNewReplicaSet). */
export function reconcileNew(deployment: Deployment, newSet: ReplicaSet, all: readonly ReplicaSet[]): Scale | null {
  const wanted = wantedOf(deployment);
  const size = sizeOf(newSet);
  if (size === wanted) return null;
  const { name } = newSet.metadata;
  if (size > wanted) return { name, size: wanted };
  const next = newReplicas(deployment, size, all);
  return next === size ? null : { name, size: next };
}

/**
 * Scales old sets down, as far as enough replicas stay available, those counted that the new set has not made available
 * yet (kubernetes pkg/controller/deployment/rolling.go, reconcileOldReplicaSets).
 */
export function reconcileOld(deployment: Deployment, newSet: ReplicaSet, old: readonly ReplicaSet[]): OldScales {
  const active = activeSets(old);
  if (replicaCount(active) === 0) return NO_SCALES;
  const minAvailable = wantedOf(deployment) - maxUnavailableOf(deployment);
  const newUnavailable = sizeOf(newSet) - (newSet.status?.availableReplicas ?? 0);
  const mostDown = replicaCount([...old, newSet]) - minAvailable - newUnavailable;
  if (mostDown <= 0) return NO_SCALES;
  const unhealthy = cleanupUnhealthy(active, mostDown);
  const rest = active.map((set) => scaled(set, unhealthy));
  return { unhealthy, healthy: scaleDownOld(rest, newSet, minAvailable) };
}

/** rolling.go, cleanupUnhealthyReplicas: oldest first. */
function cleanupUnhealthy(old: readonly ReplicaSet[], mostDown: number): readonly Scale[] {
  const scales: Scale[] = [];
  let down = 0;
  for (const set of old.toSorted(compareByCreation)) {
    if (down >= mostDown) break;
    const size = sizeOf(set);
    const unavailable = size - (set.status?.availableReplicas ?? 0);
    if (size === 0 || unavailable <= 0) continue;
    const count = Math.min(mostDown - down, unavailable);
    scales.push({ name: set.metadata.name, size: size - count });
    down += count;
  }
  return scales;
}

/** rolling.go, scaleDownOldReplicaSetsForRollingUpdate: oldest first, while enough are available. */
function scaleDownOld(old: readonly ReplicaSet[], newSet: ReplicaSet, minAvailable: number): readonly Scale[] {
  const spare = availableCount([...old, newSet]) - minAvailable;
  const scales: Scale[] = [];
  let down = 0;
  for (const set of old.toSorted(compareByCreation)) {
    if (down >= spare) break;
    const size = sizeOf(set);
    if (size === 0) continue;
    const count = Math.min(size, spare - down);
    scales.push({ name: set.metadata.name, size: size - count });
    down += count;
  }
  return scales;
}

function scaled(set: ReplicaSet, scales: readonly Scale[]): ReplicaSet {
  const scale = scales.find(({ name }) => name === set.metadata.name);
  return scale === undefined ? set : { ...set, spec: { ...set.spec, replicas: scale.size } };
}
