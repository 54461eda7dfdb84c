import type { ApiRequest, ResourceName } from "../../machinery/api.ts";
import { deleteRequest, getRequest, patchRequest } from "../../machinery/client/requests.ts";
import type { DeleteOptions, Json, KubeObject, ObjectMeta, OwnerReference, Uid } from "../../machinery/kinds/index.ts";
import { resourceOfKind } from "../../machinery/resources.ts";
import { type Identity, NO_OWNERS } from "./graph.ts";

/** What the API has said of an item. */
export interface Latest {
  readonly resourceVersion: string;
  readonly ownerReferences: readonly OwnerReference[];
  readonly finalizers: readonly string[];
}

/** The owners of an item as far as they are known. */
export interface Owners {
  readonly solid: readonly OwnerReference[];
  readonly dangling: readonly OwnerReference[];
  /** Deleted in the foreground: they wait for their dependents. */
  readonly waiting: readonly OwnerReference[];
}

export type Policy = NonNullable<DeleteOptions["propagationPolicy"]>;

/** What the collector keeps between two requests for one item. */
export type GcTask =
  /** It has asked for the item itself. */
  | { readonly step: "item" }
  /** It has asked for the owner at this place. */
  | { readonly step: "owner"; readonly latest: Latest; readonly at: number; readonly owners: Owners }
  /** It has patched, and is done with that. */
  | { readonly step: "patched" }
  | { readonly step: "unblocked"; readonly latest: Latest }
  | { readonly step: "deleted"; readonly latest: Latest; readonly policy: Policy }
  /** The deletion met another version: it has asked for the item again. */
  | { readonly step: "deleteConflict"; readonly latest: Latest; readonly policy: Policy }
  | { readonly step: "deletedByUid" }
  /** It takes an owner off its dependents; those are still to come. */
  | { readonly step: "orphan"; readonly rest: readonly Identity[] }
  /** It has listed a resource for dependents that it has not seen; those resources are still to come. */
  | { readonly step: "unseen"; readonly rest: readonly ResourceName[] }
  | { readonly step: "orphanUnseen"; readonly left: readonly Identity[]; readonly rest: readonly ResourceName[] }
  /** It has asked for the owner, to take the finalizer off. */
  | { readonly step: "finalizer"; readonly finalizer: string };

export function latestOf({ metadata }: KubeObject): Latest {
  return {
    resourceVersion: metadata.resourceVersion ?? "",
    ownerReferences: metadata.ownerReferences ?? NO_OWNERS,
    finalizers: metadata.finalizers ?? [],
  };
}

export function read({ apiVersion, kind, namespace, name }: Identity): ApiRequest {
  return getRequest(resourceOfKind(apiVersion, kind).name, namespace, name);
}

export function remove({ apiVersion, kind, namespace, name }: Identity, options: DeleteOptions): ApiRequest {
  return deleteRequest(resourceOfKind(apiVersion, kind).name, namespace, name, options);
}

/** A patch of the metadata, of the object of this UID alone. */
export function patchMeta(identity: Identity, metadata: Partial<ObjectMeta>): ApiRequest {
  const { apiVersion, kind, namespace, name, uid } = identity;
  const patch = { metadata: { uid, ...metadata } } as unknown as Json;
  return patchRequest(resourceOfKind(apiVersion, kind).name, namespace, name, patch, { type: "merge" });
}

/** Takes owners off an object (patch.go, generateDeleteOwnerRefStrategicMergeBytes). */
export function patchOwnersOut(identity: Identity, owners: readonly Uid[]): ApiRequest {
  const { apiVersion, kind, namespace, name, uid } = identity;
  const ownerReferences = owners.map((owner) => ({ $patch: "delete", uid: owner }));
  const patch: Json = { metadata: { uid, ownerReferences } };
  return patchRequest(resourceOfKind(apiVersion, kind).name, namespace, name, patch, { type: "strategic" });
}
