import type { KubeObject, ObjectMeta } from "../../machinery/kinds/index.ts";
import type { KeyValue, Revision } from "../../store/types.ts";

/** The object that the store has under a key; its resourceVersion is the revision at which it was written last. */
export function decode(kv: KeyValue): KubeObject {
  const object = JSON.parse(kv.value) as { metadata: { resourceVersion?: string } };
  // Nobody else has the object yet.
  object.metadata.resourceVersion = String(kv.modRevision);
  return object as unknown as KubeObject;
}

/** The object as it was written at a revision. */
export function atRevision(object: KubeObject, revision: Revision): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}

/** What the store keeps of an object: all but the resourceVersion (etcd3/store.go, PrepareObjectForStorage). */
export function encode(object: KubeObject): string {
  return JSON.stringify(withoutVersion(object));
}

/** The object as it is before it is stored. */
export function withoutVersion(object: KubeObject): KubeObject {
  if (object.metadata.resourceVersion === undefined) return object;
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata: metadata as ObjectMeta };
}
