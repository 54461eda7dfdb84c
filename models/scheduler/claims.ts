/**
 * The claims of a pod (kubernetes pkg/scheduler/framework/plugins/volumebinding): those that are bound say where it can
 * be, those that wait for their first consumer are told its node, all others must be bound before it is scheduled.
 */
import type { View } from "../machinery/client/api.ts";
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from "../machinery/kinds/index.ts";
import { annotationOf } from "../machinery/meta.ts";
import { matchesNodeSelector } from "./filters.ts";

/** Where a claim that waits for its first consumer is to be provisioned (component-helpers storage/volume, AnnSelectedNode). */
export const SELECTED_NODE = "volume.kubernetes.io/selected-node";

/** The views that a decision on claims needs. */
export interface StorageViews {
  readonly claims: View<PersistentVolumeClaim>;
  readonly volumes: View<PersistentVolume>;
  readonly classes: View<StorageClass>;
}

/** What the claims of a pod mean for it. `refusal`: why it can be nowhere. */
export type PodClaims =
  | { readonly kind: "refusal"; readonly message: string; readonly missing: boolean }
  | {
      readonly kind: "usable";
      readonly bound: readonly PersistentVolume[];
      readonly delayed: readonly PersistentVolumeClaim[];
    };

const NO_CLAIMS: PodClaims = Object.freeze({ kind: "usable", bound: Object.freeze([]), delayed: Object.freeze([]) });

/** The names of a pod's claims; that of an ephemeral volume is made of the pod's and the volume's. */
export function claimNames(pod: Pod): readonly string[] {
  const { volumes } = pod.spec;
  if (volumes === undefined) return [];
  const names: string[] = [];
  for (const volume of volumes)
    if (volume.persistentVolumeClaim !== undefined) names.push(volume.persistentVolumeClaim.claimName);
    else if (volume.ephemeral !== undefined) names.push(`${pod.metadata.name}-${volume.name}`);
  return names;
}

/** volume_binding.go, PreFilter, and binder.go, GetPodVolumeClaims. */
export function claimsOf(pod: Pod, views: StorageViews): PodClaims {
  const names = claimNames(pod);
  if (names.length === 0) return NO_CLAIMS;
  const bound: PersistentVolume[] = [];
  const delayed: PersistentVolumeClaim[] = [];
  for (const name of names) {
    const claim = views.claims.get(pod.metadata.namespace ?? "", name);
    if (claim === null || claim.metadata.deletionTimestamp !== undefined)
      return { kind: "refusal", message: `persistentvolumeclaim "${name}" not found`, missing: true };
    if (isBound(claim)) {
      const volume = views.volumes.get("", claim.spec.volumeName!);
      if (volume !== null) bound.push(volume);
    } else if (waitsForConsumer(claim, views)) delayed.push(claim);
    else return { kind: "refusal", message: "pod has unbound immediate PersistentVolumeClaims", missing: false };
  }
  return { kind: "usable", bound, delayed };
}

/** binder.go, isPVCBound: it has a volume, and the volume controller has said so. */
export function isBound(claim: PersistentVolumeClaim): boolean {
  const { volumeName } = claim.spec;
  return volumeName !== undefined && volumeName !== "" && claim.status?.phase === "Bound";
}

/** component-helpers storage/volume, IsDelayBindingMode. */
function waitsForConsumer(claim: PersistentVolumeClaim, { classes }: StorageViews): boolean {
  const name = claim.spec.storageClassName ?? "";
  return name !== "" && classes.get("", name)?.volumeBindingMode === "WaitForFirstConsumer";
}

/** binder.go, FindPodVolumes: the volumes can be used there, and no claim was promised to another node. */
export function claimsAgainst(claims: PodClaims, node: Node): string | null {
  if (claims.kind === "refusal") return claims.message;
  for (const { spec } of claims.bound) {
    const required = spec.nodeAffinity?.required;
    if (required !== undefined && !matchesNodeSelector(required, node))
      return "node(s) had volume node affinity conflict";
  }
  for (const claim of claims.delayed) {
    const selected = annotationOf(claim, SELECTED_NODE);
    if (selected !== null && selected !== node.metadata.name)
      return "node(s) didn't find available persistent volumes to bind";
  }
  return null;
}
