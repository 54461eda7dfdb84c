import type { OwnerReference, PersistentVolumeClaim, Pod, StatefulSet } from "../../machinery/kinds/index.ts";
import { withMeta, withoutMeta } from "../../machinery/meta.ts";
import { isInRange } from "./identity.ts";

/**
 * Who owns a claim of a pod: the set, where claims go with it; the pod, where they go when it is scaled away
 * (kubernetes pkg/controller/statefulset/stateful_set_utils.go, updateClaimOwnerRefForSetAndPod). The same claim where it is
 * so.
 */
export function ownedClaim(claim: PersistentVolumeClaim, set: StatefulSet, pod: Pod): PersistentVolumeClaim {
  const { whenScaled = "Retain", whenDeleted = "Retain" } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const isCondemned = !isInRange(set, pod);
  const byPod = whenScaled === "Delete" && isCondemned;
  const bySet = whenDeleted === "Delete" && !byPod;
  const references = claim.metadata.ownerReferences ?? [];
  const others = references.filter(({ uid }) => uid !== set.metadata.uid && uid !== pod.metadata.uid);
  const wanted: readonly OwnerReference[] = [
    ...others,
    ...(bySet ? [ownerOf(set)] : []),
    ...(byPod && pod.metadata.uid !== undefined ? [ownerOf(pod)] : []),
  ];
  if (wanted.length === references.length && wanted.every(({ uid }) => references.some((one) => one.uid === uid)))
    return claim;
  return wanted.length === 0 ? withoutMeta(claim, "ownerReferences") : withMeta(claim, { ownerReferences: wanted });
}

/** An owner that is not the controller: claims may have several. */
function ownerOf({ apiVersion, kind, metadata }: StatefulSet | Pod): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? "" };
}

/** It belongs to an earlier pod of that name, and will go with it (stateful_set_utils.go, hasStaleOwnerRef). */
export function isStaleClaim(claim: PersistentVolumeClaim, pod: Pod): boolean {
  return (claim.metadata.ownerReferences ?? []).some(
    ({ kind, name, uid }) => kind === "Pod" && name === pod.metadata.name && uid !== pod.metadata.uid,
  );
}
