/** The claims of a pod and what they are bound to (pkg/scheduler/framework/plugins/volumebinding/binder.go). */
import type { PersistentVolume, PersistentVolumeClaim, Pod } from "../../machinery/kinds/index.ts";
import { annotationOf, controllerOf } from "../../machinery/meta.ts";
import type { Listers } from "../framework/listers.ts";
import { claimNameOf } from "../framework/pod-info.ts";
import { type Status, unresolvable } from "../framework/status.ts";

/** component-helpers storage/volume, AnnSelectedNode: where a claim is to be provisioned. */
export const SELECTED_NODE = "volume.kubernetes.io/selected-node";
/** component-helpers storage/volume, AnnBindCompleted. */
export const BIND_COMPLETED = "pv.kubernetes.io/bind-completed";
const CLASS = "volume.beta.kubernetes.io/storage-class";

/** The claims of a pod, by what is to be done with them (binder.go, PodVolumeClaims). */
export interface PodClaims {
  readonly bound: readonly PersistentVolumeClaim[];
  /** They wait for their first consumer. */
  readonly delayed: readonly PersistentVolumeClaim[];
  /** Somebody else must bind them first. */
  readonly immediate: readonly PersistentVolumeClaim[];
}

/** What the API and its listers say of an object that is not there. */
export function notFound(resource: string, name: string): string {
  return `${resource} "${name}" not found`;
}

/** component-helpers storage/volume, GetPersistentVolumeClaimClass. */
export function classOfClaim(claim: PersistentVolumeClaim): string {
  return annotationOf(claim, CLASS) ?? claim.spec.storageClassName ?? "";
}

/** component-helpers storage/volume, GetPersistentVolumeClass. */
export function classOfVolume(volume: PersistentVolume): string {
  return annotationOf(volume, CLASS) ?? volume.spec.storageClassName ?? "";
}

/** binder.go, isPVCFullyBound; a claim of which only the phase says so counts too. */
export function isClaimBound(claim: PersistentVolumeClaim): boolean {
  const { volumeName = "" } = claim.spec;
  return volumeName !== "" && (annotationOf(claim, BIND_COMPLETED) !== null || claim.status?.phase === "Bound");
}

/** volume_binding.go, podHasPVCs: null: it has none; a status: why it can be nowhere yet. */
export function claimsFlaw(pod: Pod, { claims }: Listers): Status | null | "none" {
  let hasClaims = false;
  for (const volume of pod.spec.volumes ?? []) {
    const name = claimNameOf(pod.metadata.name, volume);
    if (name === null) continue;
    hasClaims = true;
    const claim = claims.get(pod.metadata.namespace ?? "", name);
    const isEphemeral = volume.persistentVolumeClaim === undefined;
    if (claim === null)
      return unresolvable(
        isEphemeral
          ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
          : notFound("persistentvolumeclaim", name),
      );
    if (claim.status?.phase === "Lost")
      return unresolvable(
        `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ""}"`,
      );
    if (claim.metadata.deletionTimestamp !== undefined)
      return unresolvable(`persistentvolumeclaim "${name}" is being deleted`);
    const flaw = isEphemeral ? ownershipFlaw(pod, claim) : null;
    if (flaw !== null) return unresolvable(flaw);
  }
  return hasClaims ? null : "none";
}

/** component-helpers storage/ephemeral, VolumeIsForPod: why the claim is not that of the pod's volume; else null. */
export function ownershipFlaw({ metadata }: Pod, claim: PersistentVolumeClaim): string | null {
  const { uid, namespace = "", name } = metadata;
  if (uid === undefined || controllerOf(claim)?.uid === uid) return null;
  return `PVC ${namespace}/${claim.metadata.name} was not created for pod ${namespace}/${name} (pod is not owner)`;
}

/** binder.go, GetPodVolumeClaims. A text: why they cannot be told. */
export function podClaimsOf(pod: Pod, { claims, classes }: Listers): PodClaims | string {
  const bound: PersistentVolumeClaim[] = [];
  const delayed: PersistentVolumeClaim[] = [];
  const immediate: PersistentVolumeClaim[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    const name = claimNameOf(pod.metadata.name, volume);
    if (name === null) continue;
    const claim = claims.get(pod.metadata.namespace ?? "", name);
    if (claim === null) return `error getting PVC "${pod.metadata.namespace ?? ""}/${name}": not found`;
    if (isClaimBound(claim)) {
      bound.push(claim);
      continue;
    }
    const className = classOfClaim(claim);
    const storageClass = className === "" ? null : classes.get("", className);
    if (className !== "" && storageClass === null) return notFound("storageclasses.storage.k8s.io", className);
    const isDelayed = storageClass?.volumeBindingMode === "WaitForFirstConsumer";
    // One that names its volume is bound by others.
    if (isDelayed && (claim.spec.volumeName ?? "") === "") delayed.push(claim);
    else immediate.push(claim);
  }
  return { bound, delayed, immediate };
}
