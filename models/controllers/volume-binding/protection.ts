/** Finalizers of what is in use (kubernetes pkg/controller/volume/pvcprotection, pvprotection). */
import type { ApiResponse } from "../../machinery/api.ts";
import { listRequest, updateRequest } from "../../machinery/client/requests.ts";
import type { Pod } from "../../machinery/kinds/index.ts";
import { hasFinalizer, isDeleting, keyOf, withoutFinalizer } from "../../machinery/meta.ts";
import { isPodTerminal } from "../../machinery/pods.ts";
import { DONE } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { note } from "./notes.ts";
import {
  CLAIM_PROTECTION,
  type Claim,
  VOLUME_PROTECTION,
  type Volume,
  type VolumeOutcome,
  type VolumeTurn,
} from "./types.ts";

/** podUsesPVC: only pods that have a node, and have not ended; a kubelet starts none on a claim that is being deleted. */
function uses(pod: Pod, claim: Claim): boolean {
  if ((pod.spec.nodeName ?? "") === "" || isPodTerminal(pod)) return false;
  return (pod.spec.volumes ?? []).some((volume) => {
    if (volume.persistentVolumeClaim !== undefined)
      return volume.persistentVolumeClaim.claimName === claim.metadata.name;
    return volume.ephemeral !== undefined && `${pod.metadata.name}-${volume.name}` === claim.metadata.name;
  });
}

export function unprotectClaim(turn: VolumeTurn, key: string): VolumeOutcome {
  const claim = turn.view<Claim>("persistentvolumeclaims").byKey(key);
  if (claim === null || !isDeleting(claim) || !hasFinalizer(claim, CLAIM_PROTECTION)) return DONE;
  if (
    turn
      .view<Pod>("pods")
      .byIndex("byClaim", keyOf(claim))
      .some((pod) => uses(pod, claim))
  ) {
    turn.note(note.claimInUse);
    return DONE;
  }
  // "Even if no Pod using PVC was found in the Informer's cache it doesn't mean such a Pod doesn't exist."
  const request = listRequest("pods", { namespace: claim.metadata.namespace ?? "" });
  return { kind: "call", request, task: { step: "users", claim } };
}

export function usersListed(turn: VolumeTurn, claim: Claim, response: ApiResponse | null): VolumeOutcome {
  if (response?.kind !== "list") return retry(errorOf(response));
  if ((response.items as readonly Pod[]).some((pod) => uses(pod, claim))) {
    turn.note(note.claimInUse);
    return retry("the claim is used by a pod that the cache lacks");
  }
  turn.note(note.claimUnprotected);
  return { kind: "call", request: updateRequest(withoutFinalizer(claim, CLAIM_PROTECTION)), task: { step: "write" } };
}

/** A volume that is bound is in use. */
export function unprotectVolume(turn: VolumeTurn, name: string): VolumeOutcome {
  const volume = turn.view<Volume>("persistentvolumes").get("", name);
  if (volume === null || !isDeleting(volume) || !hasFinalizer(volume, VOLUME_PROTECTION)) return DONE;
  if (volume.status?.phase === "Bound") return DONE;
  turn.note(note.volumeUnprotected);
  return { kind: "call", request: updateRequest(withoutFinalizer(volume, VOLUME_PROTECTION)), task: { step: "write" } };
}
