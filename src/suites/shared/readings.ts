import { decode } from "../../../models/apiserver/storage/codec.ts";
import type { KubeObject } from "../../../models/machinery/kinds/index.ts";
import type { Command, KeyValue } from "../../../models/store/types.ts";
import { remembering } from "./remembering.ts";

/** Commands and objects that are remembered: some more than a cluster has under way. */
const KEPT = 1024;

/** A command of the log, read once for all members that apply it. */
export const readCommand = remembering((text) => JSON.parse(text) as Command, KEPT);

/** What a text was read as, of the revision asked for last. */
interface Decoded {
  revision: number;
  object: KubeObject | null;
}

const decoded = remembering((): Decoded => ({ revision: 0, object: null }), KEPT);

/** `decode` of models/apiserver/storage/codec.ts, once for all servers that see the object. */
export function decodeOnce(kv: KeyValue): KubeObject {
  const known = decoded(kv.value);
  if (known.object !== null && known.revision === kv.modRevision) return known.object;
  known.revision = kv.modRevision;
  known.object = decode(kv);
  return known.object;
}
