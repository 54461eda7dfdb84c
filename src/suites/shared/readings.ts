import { atRevision, decode, encode, withoutVersion } from "../../../models/apiserver/storage/codec.ts";
import type { KubeObject } from "../../../models/machinery/kinds/index.ts";
import { JSON_COMMANDS } from "../../../models/store/index.ts";
import type { Command, CommandText, KeyValue } from "../../../models/store/types.ts";
import { Remembered } from "./remembered.ts";

/** Commands and objects that are remembered: some more than a cluster has under way. */
const KEPT = 1024;

const commands = new Remembered<Command>(KEPT);

/** Commands of the log, read once for all members that apply them, and not at all where they were written. */
export const COMMANDS: CommandText = {
  read(text) {
    let command = commands.get(text);
    if (command === undefined) {
      command = JSON_COMMANDS.read(text);
      commands.set(text, command);
    }
    return command;
  },
  write(command) {
    const text = JSON_COMMANDS.write(command);
    commands.set(text, command);
    return text;
  },
};

/** What a text stands for: an object without its version, and as it is in the version asked for last. */
interface Decoded {
  readonly bare: KubeObject;
  revision: number;
  object: KubeObject;
}

const objects = new Remembered<Decoded>(KEPT);

/** `encode` and `decode` of models/apiserver/storage/codec.ts: an object is read once for all servers that see it. */
export const OBJECTS = {
  encode(object: KubeObject): string {
    const text = encode(object);
    const bare = withoutVersion(object);
    objects.set(text, { bare, revision: 0, object: bare });
    return text;
  },
  decode(kv: KeyValue): KubeObject {
    const { modRevision } = kv;
    const known = objects.get(kv.value);
    if (known === undefined) {
      const object = decode(kv);
      objects.set(kv.value, { bare: object, revision: modRevision, object });
      return object;
    }
    if (known.revision !== modRevision) {
      known.object = atRevision(known.bare, modRevision);
      known.revision = modRevision;
    }
    return known.object;
  },
};
