import type { KubeObject, ObjectMeta, OwnerReference } from "./kinds/index.ts";

/** What informers and queues call an object: `namespace/name`, or `name` (client-go tools/cache, MetaNamespaceKeyFunc). */
export function keyOf(object: KubeObject): string {
  return keyFor(object.metadata.namespace ?? "", object.metadata.name);
}

export function keyFor(namespace: string, name: string): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}

/** The namespace (empty for cluster-scoped objects) and the name of a key. */
export function splitKey(key: string): readonly [namespace: string, name: string] {
  const slash = key.indexOf("/");
  return slash < 0 ? ["", key] : [key.slice(0, slash), key.slice(slash + 1)];
}

/** The owner that manages it (apimachinery meta/v1, GetControllerOf), or null. */
export function controllerOf(object: KubeObject): OwnerReference | null {
  const references = object.metadata.ownerReferences;
  if (references === undefined) return null;
  for (const reference of references) if (reference.controller === true) return reference;
  return null;
}

/** By UID: one of the same name that was created later is another (apimachinery meta/v1, IsControlledBy). */
export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid && owner.metadata.uid !== undefined;
}

/** The reference to what controls it (apimachinery meta/v1, NewControllerRef). */
export function controllerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? "",
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** It has a deletionTimestamp: it only waits for its finalizers and its grace period. */
export function isDeleting(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) === true;
}

/** The object with these fields of its metadata instead. */
export function withMeta<O extends KubeObject>(object: O, changes: Partial<ObjectMeta>): O {
  return { ...object, metadata: { ...object.metadata, ...changes } };
}

/** The object without these fields of its metadata. */
export function withoutMeta<O extends KubeObject>(
  object: O,
  ...fields: readonly Exclude<keyof ObjectMeta, "name">[]
): O {
  const metadata: { -readonly [K in keyof ObjectMeta]: ObjectMeta[K] } = { ...object.metadata };
  for (const field of fields) delete metadata[field];
  return { ...object, metadata };
}

/** The object without the finalizer; the field goes with the last one. */
export function withoutFinalizer<O extends KubeObject>(object: O, finalizer: string): O {
  const finalizers = (object.metadata.finalizers ?? []).filter((one) => one !== finalizer);
  return finalizers.length === 0 ? withoutMeta(object, "finalizers") : withMeta(object, { finalizers });
}

/** The value of an annotation, or null. */
export function annotationOf(object: KubeObject, name: string): string | null {
  return object.metadata.annotations?.[name] ?? null;
}

/** The value of a label, or null. */
export function labelOf(object: KubeObject, name: string): string | null {
  return object.metadata.labels?.[name] ?? null;
}

/** The number in a resourceVersion; 0 where there is none. Only servers, caches and properties may compare them. */
export function revisionOf(object: KubeObject): number {
  return Number(object.metadata.resourceVersion ?? 0);
}
