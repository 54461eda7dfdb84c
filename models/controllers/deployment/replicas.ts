import { scaledValue } from "../../machinery/int-or-string.ts";
import type { Deployment, IntOrString, ReplicaSet } from "../../machinery/kinds/index.ts";

const DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
const MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";

/** How a set of replicas is to be changed. */
export interface Scale {
  readonly name: string;
  readonly size: number;
}

export function wantedOf({ spec }: Deployment): number {
  return spec.replicas ?? 1;
}

export function sizeOf({ spec }: ReplicaSet): number {
  return spec.replicas ?? 1;
}

export function isRollingUpdate({ spec }: Deployment): boolean {
  return (spec.strategy?.type ?? "RollingUpdate") === "RollingUpdate";
}

/**
 * How many more and how many fewer there may be: surge rounds up, unavailable down; both 0 would leave no way, and means
 * one unavailable (kubernetes pkg/controller/deployment/util/deployment_util.go, ResolveFenceposts).
 */
export function resolveFenceposts(
  maxSurge: IntOrString,
  maxUnavailable: IntOrString,
  wanted: number,
): readonly [surge: number, unavailable: number] {
  const surge = scaledValue(maxSurge, wanted, true);
  const unavailable = scaledValue(maxUnavailable, wanted, false);
  return surge === 0 && unavailable === 0 ? [0, 1] : [surge, unavailable];
}

function fenceposts(deployment: Deployment): readonly [number, number] {
  if (!isRollingUpdate(deployment)) return [0, 0];
  const { maxSurge = "25%", maxUnavailable = "25%" } = deployment.spec.strategy?.rollingUpdate ?? {};
  return resolveFenceposts(maxSurge, maxUnavailable, wantedOf(deployment));
}

/** deployment_util.go, MaxSurge. */
export function maxSurgeOf(deployment: Deployment): number {
  return fenceposts(deployment)[0];
}

/** deployment_util.go, MaxUnavailable: never more than there are. */
export function maxUnavailableOf(deployment: Deployment): number {
  const wanted = wantedOf(deployment);
  if (!isRollingUpdate(deployment) || wanted === 0) return 0;
  return Math.min(fenceposts(deployment)[1], wanted);
}

export function replicaCount(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + sizeOf(set), 0);
}

/** As the sets themselves report. */
export function actualCount(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { status }) => sum + (status?.replicas ?? 0), 0);
}

export function availableCount(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);
}

export function readyCount(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { status }) => sum + (status?.readyReplicas ?? 0), 0);
}

export function terminatingCount(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { status }) => sum + (status?.terminatingReplicas ?? 0), 0);
}

/** Those that ask for pods (controller_utils.go, FilterActiveReplicaSets). */
export function activeSets(sets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  return sets.filter((set) => sizeOf(set) > 0);
}

/** Old before new, then by name (controller_utils.go, ReplicaSetsByCreationTimestamp). */
export function compareByCreation(one: ReplicaSet, two: ReplicaSet): number {
  const created = [one.metadata.creationTimestamp ?? "", two.metadata.creationTimestamp ?? ""] as const;
  if (created[0] !== created[1]) return created[0] < created[1] ? -1 : 1;
  return one.metadata.name < two.metadata.name ? -1 : 1;
}

/**
 * How many replicas the new set may have now: no more in all than are wanted and may be above (deployment_util.go,
 * NewRSNewReplicas).
 */
export function newReplicas(deployment: Deployment, size: number, all: readonly ReplicaSet[]): number {
  const wanted = wantedOf(deployment);
  if (!isRollingUpdate(deployment)) return wanted;
  const most = wanted + maxSurgeOf(deployment);
  const current = replicaCount(all);
  if (current >= most) return size;
  return size + Math.min(most - current, wanted - size);
}

// ---- Annotations on sets of replicas: for how large a deployment their size was meant

export function desiredAnnotation(set: ReplicaSet): number | null {
  return integerOf(set.metadata.annotations?.[DESIRED_REPLICAS]);
}

function integerOf(text: string | undefined): number | null {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : null;
}

/** deployment_util.go, SetReplicasAnnotations. */
export function replicasAnnotations(deployment: Deployment): Readonly<Record<string, string>> {
  const wanted = wantedOf(deployment);
  return { [DESIRED_REPLICAS]: String(wanted), [MAX_REPLICAS]: String(wanted + maxSurgeOf(deployment)) };
}

/** deployment_util.go, ReplicasAnnotationsNeedUpdate. */
export function needsReplicasAnnotations(set: ReplicaSet, deployment: Deployment): boolean {
  const annotations = set.metadata.annotations ?? {};
  const wanted = replicasAnnotations(deployment);
  return [DESIRED_REPLICAS, MAX_REPLICAS].some((name) => annotations[name] !== wanted[name]);
}

// ---- Scaling in the middle of a rollout

/** deployment_util.go, IsSaturated: the new set is all there, and was meant to be. */
export function isSaturated(deployment: Deployment, set: ReplicaSet | null): boolean {
  if (set === null) return false;
  const wanted = wantedOf(deployment);
  return sizeOf(set) === wanted && desiredAnnotation(set) === wanted && (set.status?.availableReplicas ?? 0) === wanted;
}

/** The only active set, or the newest where none is; null where there are several (deployment_util.go, FindActiveOrLatest). */
export function activeOrLatest(newSet: ReplicaSet | null, old: readonly ReplicaSet[]): ReplicaSet | null {
  const active = activeSets(newSet === null ? old : [...old, newSet]);
  if (active.length === 1) return active[0]!;
  if (active.length > 1) return null;
  return newSet ?? old.toSorted(compareByCreation).at(-1) ?? null;
}

/**
 * Spreads a change of size over all active sets in proportion, and gives what is left over by rounding to the largest
 * (kubernetes pkg/controller/deployment/sync.go, scale).
 */
export function proportionalScales(deployment: Deployment, active: readonly ReplicaSet[]): readonly Scale[] {
  const wanted = wantedOf(deployment);
  const allowed = wanted > 0 ? wanted + maxSurgeOf(deployment) : 0;
  const toAdd = allowed - replicaCount(active);
  // Larger first; of equal ones the newer when there are to be more, the older when fewer.
  const order = active.toSorted(
    (one, two) => sizeOf(two) - sizeOf(one) || (toAdd > 0 ? compareByCreation(two, one) : compareByCreation(one, two)),
  );
  let added = 0;
  const sizes: number[] = [];
  for (const set of order) {
    const share = toAdd === 0 ? 0 : proportionOf(set, deployment, toAdd, added);
    sizes.push(sizeOf(set) + share);
    added += share;
  }
  if (toAdd !== 0 && sizes.length > 0) sizes[0] = Math.max(0, sizes[0]! + toAdd - added);
  return order.map(({ metadata }, at) => ({ name: metadata.name, size: sizes[at]! }));
}

/** deployment_util.go, GetReplicaSetProportion. */
function proportionOf(set: ReplicaSet, deployment: Deployment, toAdd: number, added: number): number {
  if (sizeOf(set) === 0 || toAdd === 0 || toAdd === added) return 0;
  const fraction = fractionOf(set, deployment);
  const allowed = toAdd - added;
  return toAdd > 0 ? Math.min(fraction, allowed) : Math.max(fraction, allowed);
}

/** deployment_util.go, getReplicaSetFraction: how much a set's share of the largest size allowed grows or shrinks. */
function fractionOf(set: ReplicaSet, deployment: Deployment): number {
  const wanted = wantedOf(deployment);
  const size = sizeOf(set);
  if (wanted === 0) return -size;
  const most = wanted + maxSurgeOf(deployment);
  const before = integerOf(set.metadata.annotations?.[MAX_REPLICAS]) || (deployment.status?.replicas ?? 0);
  if (before === 0) return 0;
  return Math.floor((2 * size * most + before) / (2 * before)) - size;
}
