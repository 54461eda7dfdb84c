import type { PersistentVolume, PersistentVolumeClaim } from "../../machinery/kinds/index.ts";
import type { ControllerTurn, NO_SETTINGS, Outcome } from "../controller.ts";

export type Claim = PersistentVolumeClaim;
export type Volume = PersistentVolume;

export type VolumeTask =
  /** Of the two, one is written after the other, until they point to each other and say so. */
  | { readonly step: "bind"; readonly volume: Volume; readonly claim: Claim }
  | { readonly step: "provision"; readonly claim: Claim }
  /** The name of the volume that is to be provisioned is taken. */
  | { readonly step: "provisioned"; readonly claim: Claim }
  /** Whether the claim of a volume is really gone. */
  | { readonly step: "claimRead"; readonly volume: Volume }
  | { readonly step: "release"; readonly volume: Volume }
  | { readonly step: "reclaimRead" }
  /** Before a claim's finalizer goes, it is asked which pods there are. */
  | { readonly step: "users"; readonly claim: Claim }
  | { readonly step: "write" };

export type VolumeTurn = ControllerTurn<null, typeof NO_SETTINGS>;
export type VolumeOutcome = Outcome<VolumeTask>;

export const BIND_COMPLETED = "pv.kubernetes.io/bind-completed";
export const BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";
export const PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";
export const SELECTED_NODE = "volume.kubernetes.io/selected-node";
export const CLAIM_PROTECTION = "kubernetes.io/pvc-protection";
export const VOLUME_PROTECTION = "kubernetes.io/pv-protection";
