import { parsedOnce } from "../../kernel/index.ts";
import type { KubeObject, ObjectMeta } from "../../machinery/kinds/index.ts";
import type { KeyValue } from "../../store/types.ts";

/** The object that the store has under a key; its resourceVersion is the revision at which it was written last. */
export function decode(kv: KeyValue): KubeObject {
  const stored = parsedOnce(kv.value) as KubeObject;
  return { ...stored, metadata: { ...stored.metadata, resourceVersion: String(kv.modRevision) } };
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
