/** Which volume suits a claim (component-helpers storage/volume/pv_helpers.go). */
import type { Node, PersistentVolume, PersistentVolumeClaim } from "../../machinery/kinds/index.ts";
import { value } from "../../machinery/quantity.ts";
import { matchesLabels, selectorOf } from "../../machinery/selectors.ts";
import { matchesNodeTerms, nodeTermsOf } from "../framework/node-affinity.ts";
import { classOfClaim, classOfVolume } from "./claims.ts";

/** CheckNodeAffinity: by the labels of a node alone. */
export function isVolumeUsableAt({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec.nodeAffinity?.required;
  return required === undefined || matchesNodeTerms(nodeTermsOf(required), node);
}

export function sizeOfClaim({ spec }: PersistentVolumeClaim): number {
  return value(spec.resources?.requests?.["storage"]);
}

/** IsVolumeBoundToClaim: by the names in its reference, and the UID where it has one. */
function isReservedFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const reference = spec.claimRef;
  if (reference === undefined || reference.name !== metadata.name || reference.namespace !== metadata.namespace)
    return false;
  return (reference.uid ?? "") === "" || metadata.uid === undefined || reference.uid === metadata.uid;
}

/** FindMatchingVolume: one that is reserved for the claim, or else the smallest that suits it at the node. */
export function matchingVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  node: Node,
  taken: ReadonlySet<string>,
): PersistentVolume | null {
  const wanted = sizeOfClaim(claim);
  const selector = claim.spec.selector === undefined ? null : selectorOf(claim.spec.selector);
  let best: PersistentVolume | null = null;
  let bestSize = 0;
  for (const volume of volumes) {
    const { spec, metadata } = volume;
    if (taken.has(metadata.name)) continue;
    const isReserved = isReservedFor(volume, claim);
    if (spec.claimRef !== undefined && !isReserved) continue;
    const size = value(spec.capacity?.["storage"]);
    if (size < wanted) continue;
    if ((claim.spec.volumeMode ?? "Filesystem") !== (spec.volumeMode ?? "Filesystem")) continue;
    if (metadata.deletionTimestamp !== undefined) continue;
    const isUsable = isVolumeUsableAt(volume, node);
    if (isReserved) return isUsable ? volume : null;
    if ((volume.status?.phase ?? "Available") !== "Available") continue;
    if (selector !== null && !matchesLabels(selector, metadata.labels)) continue;
    if (classOfVolume(volume) !== classOfClaim(claim) || !isUsable) continue;
    if (!(claim.spec.accessModes ?? []).every((mode) => spec.accessModes?.includes(mode))) continue;
    if (best !== null && bestSize <= size) continue;
    best = volume;
    bestSize = size;
  }
  return best;
}
