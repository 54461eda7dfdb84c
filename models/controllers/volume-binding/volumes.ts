/** Volumes (kubernetes pkg/controller/volume/persistentvolume/pv_controller.go, syncVolume). */
import type { ApiResponse } from "../../machinery/api.ts";
import { deleteRequest, getRequest, updateRequest } from "../../machinery/client/requests.ts";
import { annotationOf, keyFor } from "../../machinery/meta.ts";
import { isNotFound, objectOf } from "../../machinery/status.ts";
import { DONE } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { note } from "./notes.ts";
import {
  BOUND_BY_CONTROLLER,
  type Claim,
  PROVISIONED_BY,
  type Volume,
  type VolumeOutcome,
  type VolumeTurn,
} from "./types.ts";

type Phase = NonNullable<NonNullable<Volume["status"]>["phase"]>;

export function syncVolume(turn: VolumeTurn, name: string): VolumeOutcome {
  const volume = turn.view<Volume>("persistentvolumes").get("", name);
  if (volume === null) return DONE;
  const { claimRef } = volume.spec;
  // Nobody's, or reserved by name for a claim that is not bound yet.
  if (claimRef === undefined || claimRef.uid === undefined || claimRef.uid === "") {
    if (volume.status?.phase !== "Available") turn.note(note.available);
    return phase(volume, "Available");
  }
  const { namespace = "", name: claimName = "" } = claimRef;
  const claim = turn.view<Claim>("persistentvolumeclaims").get(namespace, claimName);
  if (claim !== null && claim.metadata.uid === claimRef.uid) return withClaim(turn, volume, claim);
  // The cache may be old: before data is given up, the API is asked.
  const request = getRequest("persistentvolumeclaims", namespace, claimName);
  return { kind: "call", request, task: { step: "claimRead", volume } };
}

export function claimRead(turn: VolumeTurn, volume: Volume, response: ApiResponse | null): VolumeOutcome {
  const claim = objectOf<Claim>(response);
  if (claim === null && !isNotFound(response)) return retry(errorOf(response));
  if (claim !== null && claim.metadata.uid === volume.spec.claimRef?.uid) return withClaim(turn, volume, claim);
  return release(turn, volume);
}

function withClaim(turn: VolumeTurn, volume: Volume, claim: Claim): VolumeOutcome {
  const { volumeName = "" } = claim.spec;
  if (volumeName === "") {
    // The binding is not complete: the claim goes on with it.
    turn.enqueue(`claim:${keyFor(claim.metadata.namespace ?? "", claim.metadata.name)}`);
    return DONE;
  }
  if (volumeName === volume.metadata.name) return phase(volume, "Bound");
  // The claim has been bound to another volume meanwhile.
  if (annotationOf(volume, PROVISIONED_BY) !== null && volume.spec.persistentVolumeReclaimPolicy === "Delete")
    return release(turn, volume);
  return unbind(turn, volume);
}

/** unbindVolume: what the controller has written it takes back; what a person has reserved stays reserved. */
function unbind(turn: VolumeTurn, volume: Volume): VolumeOutcome {
  turn.note(note.unbound);
  const { claimRef, ...spec } = volume.spec;
  if (annotationOf(volume, BOUND_BY_CONTROLLER) === null) {
    const { uid: _, resourceVersion: __, ...reserved } = claimRef ?? {};
    return write({ ...volume, spec: { ...spec, claimRef: reserved } }, "");
  }
  const { [BOUND_BY_CONTROLLER]: _, ...annotations } = volume.metadata.annotations ?? {};
  return write({ ...volume, metadata: { ...volume.metadata, annotations }, spec }, "");
}

/** The claim is gone: the volume is released, and then reclaimed. A failure stays to be seen. */
function release(turn: VolumeTurn, volume: Volume): VolumeOutcome {
  const { phase: now } = volume.status ?? {};
  if (now === "Released" || now === "Failed") return reclaim(volume);
  turn.note(note.released);
  const released: Volume = { ...volume, status: { phase: "Released" } };
  return { kind: "call", request: updateRequest(released, "status"), task: { step: "release", volume: released } };
}

export function released(response: ApiResponse | null): VolumeOutcome {
  const volume = objectOf<Volume>(response);
  return volume === null ? retry(errorOf(response)) : reclaim(volume);
}

/** reclaimVolume: kept with Retain; with Delete it is looked at once more, and goes. */
function reclaim(volume: Volume): VolumeOutcome {
  if (volume.spec.persistentVolumeReclaimPolicy !== "Delete") return DONE;
  if (volume.metadata.deletionTimestamp !== undefined) return DONE;
  const request = getRequest("persistentvolumes", "", volume.metadata.name);
  return { kind: "call", request, task: { step: "reclaimRead" } };
}

/** isVolumeReleased: still without its claim. */
export function reclaimRead(turn: VolumeTurn, response: ApiResponse | null): VolumeOutcome {
  const volume = objectOf<Volume>(response);
  if (isNotFound(response)) return DONE;
  if (volume === null) return retry(errorOf(response));
  if (volume.status?.phase !== "Released" && volume.status?.phase !== "Failed") return DONE;
  turn.note(note.reclaimed);
  const { name, uid = "" } = volume.metadata;
  return {
    kind: "call",
    request: deleteRequest("persistentvolumes", "", name, { preconditions: { uid } }),
    task: { step: "write" },
  };
}

function phase(volume: Volume, wanted: Phase): VolumeOutcome {
  if (volume.status?.phase === wanted) return DONE;
  return write({ ...volume, status: { phase: wanted } }, "status");
}

function write(volume: Volume, subresource: "" | "status"): VolumeOutcome {
  return { kind: "call", request: updateRequest(volume, subresource), task: { step: "write" } };
}
