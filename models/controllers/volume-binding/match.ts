/** Which volume fits a claim (component-helpers storage/volume/pv_helpers.go, FindMatchingVolume). */

import { isDeleting } from "../../machinery/meta.ts";
import { value } from "../../machinery/quantity.ts";
import { matchesLabels, selectorOf } from "../../machinery/selectors.ts";
import type { Claim, Volume } from "./types.ts";

/** IsVolumeBoundToClaim: its reference is to this claim; one without a UID is to any of the name. */
export function pointsTo(volume: Volume, { metadata }: Claim): boolean {
  const { claimRef } = volume.spec;
  if (claimRef === undefined || claimRef.name !== metadata.name || claimRef.namespace !== metadata.namespace)
    return false;
  return claimRef.uid === undefined || claimRef.uid === "" || claimRef.uid === metadata.uid;
}

/**
 * The volume that points to the claim already; else the smallest that is large enough and fits. With `onlyReserved` nothing
 * but the first: the claim waits for its consumer.
 */
export function findMatch(claim: Claim, volumes: readonly Volume[], onlyReserved: boolean): Volume | null {
  const wanted = value(claim.spec.resources?.requests?.["storage"] ?? 0);
  let best: Volume | null = null;
  for (const volume of volumes) {
    if (isDeleting(volume) || (volume.spec.claimRef !== undefined && !pointsTo(volume, claim))) continue;
    if (sizeOf(volume) < wanted || modeOf(volume) !== modeOf(claim)) continue;
    if (pointsTo(volume, claim)) return volume;
    if (onlyReserved || volume.status?.phase !== "Available" || !fits(volume, claim)) continue;
    if (best === null || sizeOf(volume) < sizeOf(best)) best = volume;
  }
  return best;
}

export function sizeOf(volume: Volume): number {
  return value(volume.spec.capacity?.["storage"] ?? 0);
}

function modeOf({ spec }: Volume | Claim): string {
  return spec.volumeMode ?? "Filesystem";
}

function fits(volume: Volume, claim: Claim): boolean {
  const { selector, storageClassName = "", accessModes = [] } = claim.spec;
  if ((volume.spec.storageClassName ?? "") !== storageClassName) return false;
  if (selector !== undefined && !matchesLabels(selectorOf(selector), volume.metadata.labels)) return false;
  return accessModes.every((mode) => volume.spec.accessModes?.includes(mode) === true);
}

/** checkVolumeSatisfyClaim: of a volume that a person has named. */
export function satisfies(volume: Volume, claim: Claim): boolean {
  const wanted = value(claim.spec.resources?.requests?.["storage"] ?? 0);
  const { storageClassName = "", accessModes = [] } = claim.spec;
  return (
    sizeOf(volume) >= wanted &&
    (volume.spec.storageClassName ?? "") === storageClassName &&
    modeOf(volume) === modeOf(claim) &&
    accessModes.every((mode) => volume.spec.accessModes?.includes(mode) === true)
  );
}
