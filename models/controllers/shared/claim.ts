import type { ApiRequest, ApiResponse } from "../../machinery/api.ts";
import { getRequest, patchRequest } from "../../machinery/client/requests.ts";
import type { Json, KubeObject } from "../../machinery/kinds/index.ts";
import { controllerOf, controllerReference, isDeleting } from "../../machinery/meta.ts";
import { resourceOfKind } from "../../machinery/resources.ts";
import { matchesLabels, type Selector } from "../../machinery/selectors.ts";
import { isInvalid, isNotFound, objectOf } from "../../machinery/status.ts";
import { errorOf, hasFailed } from "./answers.ts";

/** What is still to be asked for an object: to be made one of the controller's, or to be let go. */
interface ClaimStep<O> {
  readonly kind: "adopt" | "release";
  readonly object: O;
}

/** A claim under way: what the controller has, and what it has still to ask for. Plain data. */
export interface Claim<O extends KubeObject = KubeObject> {
  /** In the order in which they were listed, but for what was adopted. */
  readonly owned: readonly O[];
  readonly left: readonly ClaimStep<O>[];
  /** It has been asked of the API, and not only of the cache, whether the owner is there and is not being deleted. */
  readonly checked: boolean;
  /** The first thing that went wrong; empty: nothing did. */
  readonly error: string;
}

/**
 * What an owner has to do about objects that may be its own: adopt orphans that match, release what no longer matches
 * (kubernetes pkg/controller/controller_ref_manager.go, ClaimObject).
 */
export function claimOf<O extends KubeObject>(owner: KubeObject, selector: Selector, objects: readonly O[]): Claim<O> {
  const owned: O[] = [];
  const left: ClaimStep<O>[] = [];
  for (const object of objects) {
    const controller = controllerOf(object);
    const matches = matchesLabels(selector, object.metadata.labels);
    if (controller !== null) {
      if (controller.uid !== owner.metadata.uid) continue;
      if (matches) owned.push(object);
      else if (!isDeleting(owner)) left.push({ kind: "release", object });
    } else if (matches && !isDeleting(owner) && !isDeleting(object) && sameNamespace(owner, object)) {
      left.push({ kind: "adopt", object });
    }
  }
  return { owned, left, checked: false, error: "" };
}

/** The next request of a claim; null: it is complete. What is adopted gets these finalizers. */
export function claimRequest(owner: KubeObject, claim: Claim, finalizers: readonly string[] = []): ApiRequest | null {
  const [step] = claim.left;
  if (step === undefined) return null;
  // "If any adoptions are attempted, we should first recheck for deletion with an uncached quorum read sometime after
  // listing Pods (see #42639)."
  if (step.kind === "adopt" && !claim.checked) {
    const { namespace = "", name } = owner.metadata;
    return getRequest(resourceOf(owner), namespace, name);
  }
  const reference = step.kind === "adopt" ? controllerReference(owner) : { $patch: "delete", uid: owner.metadata.uid };
  const { namespace = "", name, uid } = step.object.metadata;
  const tracked = step.kind === "adopt" && finalizers.length > 0 ? { finalizers } : {};
  const patch = { metadata: { ownerReferences: [reference], uid, ...tracked } } as unknown as Json;
  return patchRequest(resourceOf(step.object), namespace, name, patch, { type: "strategic" });
}

/** The claim after the answer to {@link claimRequest}. An error does not keep it from trying the rest. */
export function claimAnswered<O extends KubeObject>(
  owner: KubeObject,
  claim: Claim<O>,
  response: ApiResponse | null,
): Claim<O> {
  const [step, ...left] = claim.left;
  if (step === undefined) return claim;
  if (step.kind === "adopt" && !claim.checked) return ownerChecked(owner, claim, response);
  if (!hasFailed(response)) {
    if (step.kind === "release") return { ...claim, left };
    const adopted = objectOf<O>(response) ?? step.object;
    return { ...claim, left, owned: [...claim.owned, adopted] };
  }
  // It is gone; or its controller is no longer this one ("the object has no owner reference", which is Invalid).
  const isGone = isNotFound(response) || (step.kind === "release" && isInvalid(response));
  return { ...claim, left, error: isGone ? claim.error : firstError(claim, errorOf(response)) };
}

/** controller_ref_manager.go, RecheckDeletionTimestamp: only one that is there, with its UID, and not being deleted. */
function ownerChecked<O extends KubeObject>(
  owner: KubeObject,
  claim: Claim<O>,
  response: ApiResponse | null,
): Claim<O> {
  const live = objectOf(response);
  if (live !== null && live.metadata.uid === owner.metadata.uid && !isDeleting(live))
    return { ...claim, checked: true };
  const why = live === null ? errorOf(response) : `${owner.metadata.name} is gone or is being deleted`;
  const left = claim.left.filter((step) => step.kind !== "adopt");
  return { ...claim, left, error: firstError(claim, why) };
}

function firstError(claim: Claim, error: string): string {
  return claim.error === "" ? error : claim.error;
}

function sameNamespace(owner: KubeObject, object: KubeObject): boolean {
  return owner.metadata.namespace === object.metadata.namespace;
}

function resourceOf(object: KubeObject): string {
  return resourceOfKind(object.apiVersion, object.kind).name;
}
