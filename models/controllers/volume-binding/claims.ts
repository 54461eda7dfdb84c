/** Claims (kubernetes pkg/controller/volume/persistentvolume/pv_controller.go, syncClaim). */
import type { ApiResponse } from "../../machinery/api.ts";
import { createRequest, getRequest, updateRequest } from "../../machinery/client/requests.ts";
import type { KubeObject, Pod, StorageClass } from "../../machinery/kinds/index.ts";
import { annotationOf, isDeleting, keyOf, withMeta } from "../../machinery/meta.ts";
import { isPodTerminal } from "../../machinery/pods.ts";
import { isAlreadyExists, isConflict, objectOf } from "../../machinery/status.ts";
import { DONE } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { findMatch, pointsTo, satisfies } from "./match.ts";
import { note } from "./notes.ts";
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  type Claim,
  PROVISIONED_BY,
  SELECTED_NODE,
  VOLUME_PROTECTION,
  type Volume,
  type VolumeOutcome,
  type VolumeTurn,
} from "./types.ts";

export function syncClaim(turn: VolumeTurn, key: string): VolumeOutcome {
  const claim = turn.view<Claim>("persistentvolumeclaims").byKey(key);
  if (claim === null) return DONE;
  return annotationOf(claim, BIND_COMPLETED) === null ? syncUnbound(turn, claim) : syncBound(turn, claim);
}

// ---- Not bound yet

/** syncUnboundClaim. */
function syncUnbound(turn: VolumeTurn, claim: Claim): VolumeOutcome {
  if (isDeleting(claim)) return DONE;
  const volumes = turn.view<Volume>("persistentvolumes");
  const { volumeName = "" } = claim.spec;
  if (volumeName !== "") {
    // A person has asked for this one.
    const volume = volumes.get("", volumeName);
    if (volume === null) return pending(claim);
    if (volume.spec.claimRef === undefined)
      return satisfies(volume, claim) ? bind(turn, volume, claim) : pending(claim);
    return pointsTo(volume, claim) ? bind(turn, volume, claim) : pending(claim);
  }
  const waits = waitsForConsumer(turn, claim);
  const volume = findMatch(claim, volumes.list(), waits);
  if (volume !== null) return bind(turn, volume, claim);
  if (waits) {
    turn.note(note.waitsForConsumer);
    return pending(claim);
  }
  const storageClass = classOf(turn, claim);
  if (storageClass === null || storageClass.provisioner === "kubernetes.io/no-provisioner") {
    turn.note(note.noVolume);
    return pending(claim);
  }
  return provision(turn, claim, storageClass);
}

function classOf(turn: VolumeTurn, { spec }: Claim): StorageClass | null {
  return spec.storageClassName ? turn.view<StorageClass>("storageclasses").get("", spec.storageClassName) : null;
}

/**
 * IsDelayBindingMode: the scheduler picks the node first, and says so in an annotation. A consumer that has a node counts
 * as well, for schedulers that do not annotate.
 */
function waitsForConsumer(turn: VolumeTurn, claim: Claim): boolean {
  if (classOf(turn, claim)?.volumeBindingMode !== "WaitForFirstConsumer") return false;
  if (annotationOf(claim, SELECTED_NODE) !== null) return false;
  const consumers = turn.view<Pod>("pods").byIndex("byClaim", keyOf(claim));
  return !consumers.some((pod) => (pod.spec.nodeName ?? "") !== "" && !isPodTerminal(pod));
}

function pending(claim: Claim): VolumeOutcome {
  if (claim.status?.phase === "Pending") return DONE;
  return write({ ...claim, status: { ...claim.status, phase: "Pending" } }, "status");
}

function write(object: Claim | Volume, subresource: "" | "status"): VolumeOutcome {
  return { kind: "call", request: updateRequest(object, subresource), task: { step: "write" } };
}

// ---- Binding

/** The volume as it is when it points to the claim (GetBindVolumeToClaim). */
function claimed(volume: Volume, claim: Claim): Volume {
  const { name, namespace = "", uid = "", resourceVersion = "" } = claim.metadata;
  const claimRef = { kind: "PersistentVolumeClaim", apiVersion: "v1", namespace, name, uid, resourceVersion };
  const bound = { ...volume, spec: { ...volume.spec, claimRef } };
  // One that was reserved by a person is not unbound by the controller later.
  if (volume.spec.claimRef !== undefined) return bound;
  return withMeta(bound, { annotations: { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: "yes" } });
}

/**
 * bind: first the volume points to the claim, then the claim to the volume; each with the version that was looked at, so
 * that of two claims that want one volume one gets it. A crash in between is gone on from here.
 */
export function bind(turn: VolumeTurn, volume: Volume, claim: Claim): VolumeOutcome {
  const next = nextOfBinding(turn, volume, claim);
  if (next === null) return DONE;
  return { kind: "call", request: updateRequest(next.object, next.subresource), task: { step: "bind", volume, claim } };
}

function nextOfBinding(turn: VolumeTurn, volume: Volume, claim: Claim) {
  if (volume.spec.claimRef?.uid !== claim.metadata.uid || !pointsTo(volume, claim)) {
    turn.note(note.claimedFirst);
    return { object: claimed(volume, claim), subresource: "" } as const;
  }
  if (volume.status?.phase !== "Bound") {
    const bound: Volume = { ...volume, status: { phase: "Bound" } };
    return { object: bound, subresource: "status" } as const;
  }
  if (claim.spec.volumeName !== volume.metadata.name || annotationOf(claim, BIND_COMPLETED) === null) {
    turn.note(note.boundSecond);
    const annotations = {
      ...claim.metadata.annotations,
      [BIND_COMPLETED]: "yes",
      ...(claim.spec.volumeName === volume.metadata.name ? {} : { [BOUND_BY_CONTROLLER]: "yes" }),
    };
    const bound: Claim = { ...claim, spec: { ...claim.spec, volumeName: volume.metadata.name } };
    return { object: withMeta(bound, { annotations }), subresource: "" } as const;
  }
  if (claim.status?.phase !== "Bound") {
    const { accessModes = [], capacity = {} } = volume.spec;
    const bound: Claim = { ...claim, status: { ...claim.status, phase: "Bound", accessModes, capacity } };
    return { object: bound, subresource: "status" } as const;
  }
  return null;
}

export function bindAnswered(
  turn: VolumeTurn,
  { volume, claim }: { readonly volume: Volume; readonly claim: Claim },
  response: ApiResponse | null,
): VolumeOutcome {
  const written = objectOf<KubeObject>(response);
  if (isConflict(response)) turn.note(note.bindConflict);
  if (written === null) return retry(errorOf(response));
  return written.kind === "PersistentVolume"
    ? bind(turn, written as Volume, claim)
    : bind(turn, volume, written as Claim);
}

// ---- Bound

/** syncBoundClaim. */
function syncBound(turn: VolumeTurn, claim: Claim): VolumeOutcome {
  const { volumeName = "" } = claim.spec;
  const volume = volumeName === "" ? null : turn.view<Volume>("persistentvolumes").get("", volumeName);
  // "Claim is bound but volume has come unbound": it may also be that the volume of the cache is old.
  if (volume !== null && (volume.spec.claimRef === undefined || volume.spec.claimRef.uid === claim.metadata.uid))
    return isDeleting(claim) ? DONE : bind(turn, volume, claim);
  if (claim.status?.phase === "Lost") return DONE;
  turn.note(note.lost);
  return write({ ...claim, status: { ...claim.status, phase: "Lost" } }, "status");
}

// ---- Provisioning

/**
 * What an external provisioner would do (sig-storage-lib-external-provisioner, provisionClaimOperation): a volume that is
 * named after the claim's UID, so that it is made once, and that points to the claim.
 */
function provision(turn: VolumeTurn, claim: Claim, storageClass: StorageClass): VolumeOutcome {
  turn.note(note.provisioned);
  const { name, namespace = "", uid = "" } = claim.metadata;
  const { accessModes = [], resources, volumeMode } = claim.spec;
  const volume: Volume = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: {
      name: `pvc-${uid}`,
      annotations: { [PROVISIONED_BY]: storageClass.provisioner },
      finalizers: [VOLUME_PROTECTION],
    },
    spec: {
      capacity: { storage: resources?.requests?.["storage"] ?? 0 },
      accessModes,
      claimRef: { kind: "PersistentVolumeClaim", apiVersion: "v1", namespace, name, uid },
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? "Delete",
      storageClassName: storageClass.metadata.name,
      ...(volumeMode === undefined ? {} : { volumeMode }),
      csi: { driver: storageClass.provisioner, volumeHandle: uid },
    },
  };
  return { kind: "call", request: createRequest(volume), task: { step: "provision", claim } };
}

export function provisionAnswered(turn: VolumeTurn, claim: Claim, response: ApiResponse | null): VolumeOutcome {
  const volume = objectOf<Volume>(response);
  if (volume !== null) return bind(turn, volume, claim);
  if (!isAlreadyExists(response)) return retry(errorOf(response));
  const request = getRequest("persistentvolumes", "", `pvc-${claim.metadata.uid ?? ""}`);
  return { kind: "call", request, task: { step: "provisioned", claim } };
}

export function provisionedRead(turn: VolumeTurn, claim: Claim, response: ApiResponse | null): VolumeOutcome {
  const volume = objectOf<Volume>(response);
  return volume === null || !pointsTo(volume, claim) ? retry(errorOf(response)) : bind(turn, volume, claim);
}
