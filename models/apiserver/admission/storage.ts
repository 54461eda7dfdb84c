/** What claims and volumes get. */
import type { KubeObject, PersistentVolumeClaim, StorageClass } from "../../machinery/kinds/index.ts";
import { annotationOf, hasFinalizer, withMeta } from "../../machinery/meta.ts";
import type { AdmissionPlugin } from "../strategy.ts";

const IS_DEFAULT = "storageclass.kubernetes.io/is-default-class";

/** A claim that names no class has the default one (kubernetes plugin/pkg/admission/storage/storageclass/setdefault). */
export const defaultStorageClass: AdmissionPlugin = {
  name: "DefaultStorageClass",
  admit(context, request, object) {
    if (request.verb !== "create" || request.resource !== "persistentvolumeclaims" || object === null) return object;
    const claim = object as PersistentVolumeClaim;
    if (claim.spec?.storageClassName !== undefined) return object;
    const chosen = defaultClassOf(context.list("storageclasses", "") as readonly StorageClass[]);
    if (chosen === null) return object;
    return { ...claim, spec: { ...claim.spec, storageClassName: chosen.metadata.name } } as PersistentVolumeClaim;
  },
};

/** volume/util GetDefaultClass: of several the newest, then the first by name. */
export function defaultClassOf(classes: readonly StorageClass[]): StorageClass | null {
  let chosen: StorageClass | null = null;
  for (const one of classes)
    if (annotationOf(one, IS_DEFAULT) === "true" && (chosen === null || isBefore(one, chosen))) chosen = one;
  return chosen;
}

function isBefore(one: StorageClass, other: StorageClass): boolean {
  const age = one.metadata.creationTimestamp ?? "";
  const otherAge = other.metadata.creationTimestamp ?? "";
  return age === otherAge ? one.metadata.name < other.metadata.name : age > otherAge;
}

const PROTECTION: Readonly<Record<string, string>> = {
  persistentvolumeclaims: "kubernetes.io/pvc-protection",
  persistentvolumes: "kubernetes.io/pv-protection",
};

/**
 * Claims and volumes in use are kept by a finalizer, which a controller takes off (kubernetes
 * plugin/pkg/admission/storage/storageobjectinuseprotection/admission.go).
 */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: "StorageObjectInUseProtection",
  admit(_context, request, object): KubeObject | null {
    const finalizer = PROTECTION[request.resource];
    if (request.verb !== "create" || finalizer === undefined || object === null) return object;
    if (hasFinalizer(object, finalizer)) return object;
    return withMeta(object, { finalizers: [...(object.metadata.finalizers ?? []), finalizer] });
  },
};
