import { atRevision, decode, encode, withoutVersion } from "../../models/apiserver/storage/codec.ts";
import type { KubeObject } from "../../models/machinery/kinds/index.ts";
import type { KeyValue } from "../../models/store/types.ts";
import { Remembered } from "../../src/simulator/remembered.ts";

/** What a stored text stands for: the object without a version, and as it is in the version asked for last. */
interface Read {
  readonly bare: KubeObject;
  revision: number;
  object: KubeObject;
}

/** Some more objects than a cluster has under way. */
const read = new Remembered<Read>(1024);

function remembered(text: string, bare: KubeObject): Read {
  const entry = { bare, revision: 0, object: bare };
  read.set(text, entry);
  return entry;
}

/**
 * `encode` and `decode` of models/apiserver/storage/codec.ts: a text is read once for all servers that see the object, and
 * for who watches them, and not at all where it was written. Nobody changes what is given.
 */
export const STORED_OBJECTS = {
  encode(object: KubeObject): string {
    const text = encode(object);
    remembered(text, withoutVersion(object));
    return text;
  },
  decode(kv: KeyValue): KubeObject {
    const { modRevision } = kv;
    const known = read.get(kv.value) ?? remembered(kv.value, withoutVersion(decode(kv)));
    if (known.revision !== modRevision) {
      known.object = atRevision(known.bare, modRevision);
      known.revision = modRevision;
    }
    return known.object;
  },
};

/** What is stored, without its version; null: it is no object of the API. */
export function storedObject(value: string): KubeObject | null {
  const known = read.get(value);
  if (known !== undefined) return known.bare;
  const parsed: unknown = JSON.parse(value);
  if (typeof parsed !== "object" || parsed === null || !("metadata" in parsed)) return null;
  return remembered(value, parsed as KubeObject).bare;
}
