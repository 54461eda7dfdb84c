import { unreachable } from "../../kernel/index.ts";
import type { ApiResponse } from "../../machinery/api.ts";
import { indexValues } from "../../machinery/client/indexers.ts";
import type { InformerEvent, InformerSpec } from "../../machinery/client/types.ts";
import { isDeleting, keyFor, keyOf } from "../../machinery/meta.ts";
import { isConflict, isNotFound, isSuccess } from "../../machinery/status.ts";
import { type Controller, DONE, NO_SETTINGS } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { bindAnswered, provisionAnswered, provisionedRead, syncClaim } from "./claims.ts";
import { note } from "./notes.ts";
import { unprotectClaim, unprotectVolume, usersListed } from "./protection.ts";
import type { Claim, Volume, VolumeOutcome, VolumeTask, VolumeTurn } from "./types.ts";
import { claimRead, reclaimRead, released, syncVolume } from "./volumes.ts";

export { NOTE_NAMES as VOLUME_BINDING_NOTES } from "./notes.ts";

const informer = (resource: string, indexes: InformerSpec["indexes"] = []): InformerSpec => ({
  resource,
  labelSelector: "",
  fieldSelector: "",
  indexes,
  resyncUs: 0,
});

/**
 * Binds claims to volumes, and keeps what is in use (kubernetes pkg/controller/volume/persistentvolume, pvcprotection,
 * pvprotection). Keys: `claim:`, `volume:`, `protect-claim:`, `protect-volume:`, with the object's key behind it.
 */
export const volumeBinding: Controller<null, VolumeTask, typeof NO_SETTINGS> = {
  name: "persistentvolume-binder",
  informers: [
    informer("persistentvolumeclaims"),
    informer("persistentvolumes"),
    informer("storageclasses"),
    informer("pods", ["byClaim"]),
  ],
  workers: 2,
  defaults: NO_SETTINGS,
  initial: null,
  observe,
  sync,
  answered,
};

function observe(turn: VolumeTurn, event: InformerEvent): void {
  const { resource, type, key, object } = event;
  switch (resource) {
    case "persistentvolumeclaims":
      claimChanged(turn, event);
      return;
    case "persistentvolumes": {
      const { claimRef } = (object as Volume).spec;
      if (claimRef?.name !== undefined) turn.enqueue(`claim:${keyFor(claimRef.namespace ?? "", claimRef.name)}`);
      if (type === "deleted") return;
      turn.enqueue(`volume:${key}`);
      if (isDeleting(object)) turn.enqueue(`protect-volume:${key}`);
      if (claimRef === undefined) enqueuePending(turn, (object as Volume).spec.storageClassName ?? "");
      return;
    }
    case "storageclasses":
      if (type !== "deleted") enqueuePending(turn, object.metadata.name);
      return;
    case "pods":
      for (const claim of indexValues("byClaim", object)) podChanged(turn, claim);
      return;
    default:
      return;
  }
}

function claimChanged(turn: VolumeTurn, { type, key, object }: InformerEvent): void {
  const { volumeName } = (object as Claim).spec;
  if (volumeName !== undefined && volumeName !== "") turn.enqueue(`volume:${volumeName}`);
  if (type === "deleted") {
    // Volumes that point to a claim that was never bound.
    for (const volume of turn.view<Volume>("persistentvolumes").list())
      if (volume.spec.claimRef?.uid === object.metadata.uid) turn.enqueue(`volume:${volume.metadata.name}`);
    return;
  }
  turn.enqueue(`claim:${key}`);
  if (isDeleting(object)) turn.enqueue(`protect-claim:${key}`);
}

/** A pod that uses a claim has come to a node, or has ended. */
function podChanged(turn: VolumeTurn, claimKey: string): void {
  const claim = turn.view<Claim>("persistentvolumeclaims").byKey(claimKey);
  if (claim === null) return;
  if (claim.status?.phase !== "Bound") turn.enqueue(`claim:${claimKey}`);
  if (isDeleting(claim)) turn.enqueue(`protect-claim:${claimKey}`);
}

/** The real one looks at all claims again each 15 s. */
function enqueuePending(turn: VolumeTurn, storageClass: string): void {
  for (const claim of turn.view<Claim>("persistentvolumeclaims").list())
    if (claim.status?.phase !== "Bound" && (claim.spec.storageClassName ?? "") === storageClass)
      turn.enqueue(`claim:${keyOf(claim)}`);
}

function sync(turn: VolumeTurn, key: string): VolumeOutcome {
  const colon = key.indexOf(":");
  const name = key.slice(colon + 1);
  switch (key.slice(0, colon)) {
    case "claim":
      return syncClaim(turn, name);
    case "volume":
      return syncVolume(turn, name);
    case "protect-claim":
      return unprotectClaim(turn, name);
    default:
      return unprotectVolume(turn, name);
  }
}

function answered(turn: VolumeTurn, _key: string, task: VolumeTask, response: ApiResponse | null): VolumeOutcome {
  switch (task.step) {
    case "bind":
      return bindAnswered(turn, task, response);
    case "provision":
      return provisionAnswered(turn, task.claim, response);
    case "provisioned":
      return provisionedRead(turn, task.claim, response);
    case "claimRead":
      return claimRead(turn, task.volume, response);
    case "release":
      return released(response);
    case "reclaimRead":
      return reclaimRead(turn, response);
    case "users":
      return usersListed(turn, task.claim, response);
    case "write":
      if (isConflict(response)) turn.note(note.bindConflict);
      return isSuccess(response) || isNotFound(response) ? DONE : retry(errorOf(response));
    default:
      return unreachable(task);
  }
}
