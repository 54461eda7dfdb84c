import {
  endFailed,
  endGaveUp,
  endUnknown,
  expectKind,
  finish,
  goBack,
  goOn,
  holdsNothing,
  NOTHING_IN_MIND,
  succeed,
} from "./calls.ts";
import { note } from "./notes.ts";
import type { Recipe, WorkOf } from "./recipe.ts";
import { createdAt, oldest, put, rangeUnder, unchanged, writeIf } from "./requests.ts";
import { withIdMade } from "./state.ts";
import type { ClientState } from "./types.ts";

/**
 * Puts the value under a key that did not exist (etcd, contrib/recipes, newUniqueKV). The key is unique in a run. After an
 * unknown outcome it is not put again: the first may be out of the queue already, and would be in it twice.
 */
export const enqueue: Recipe<WorkOf<"enqueue">> = {
  begin(state, turn, work) {
    const { queue, value } = work.request;
    const key = `${queue}/${uniqueName(state)}`;
    const call = writeIf([createdAt(key, 0)], [put(key, value, 0)]);
    return goOn(withIdMade(state), turn, work, "put", NOTHING_IN_MIND, call);
  },
  answered(state, turn, _work, answer) {
    // Only a copy of the call can have created the key: it is in the queue, once.
    if (!expectKind(answer, "txn").succeeded) turn.effects.push(note.casConflict);
    return succeed(state, turn, null, answer);
  },
  unknown: endUnknown,
  failed: endFailed,
  gaveUp: endGaveUp,
  held: holdsNothing,
};

/** Where etcd takes the time: the boot, and how many ids there were since. The order of a queue is another. */
function uniqueName(state: ClientState): string {
  const { bootedAt, ids, config } = state;
  return `${String(bootedAt).padStart(12, "0")}${String(ids).padStart(6, "0")}-${config.id}`;
}

/** Deletes what was created first, if it is still as it was; else it looks again (etcd, contrib/recipes, claimFirstKey). */
export const dequeue: Recipe<WorkOf<"dequeue">> = {
  begin: (state, turn, work) => goOn(state, turn, work, "read", NOTHING_IN_MIND, rangeUnder(work.request.queue)),
  answered(state, turn, work, answer) {
    if (work.step === "read") {
      const first = oldest(expectKind(answer, "range").kvs);
      if (first === undefined) {
        turn.effects.push(note.queueEmpty);
        return succeed(state, turn, null, answer);
      }
      const { key, value, modRevision } = first;
      const take = writeIf([unchanged(key, modRevision)], [{ kind: "deleteRange", key, rangeEnd: "", prevKv: false }]);
      return goOn(state, turn, work, "take", { value }, take);
    }
    if (expectKind(answer, "txn").succeeded) return succeed(state, turn, work.memo.value!, answer);
    turn.effects.push(note.casConflict);
    return goBack(state, turn, work, "read", NOTHING_IN_MIND, rangeUnder(work.request.queue));
  },
  unknown: (state, turn, work, error) => finish(state, turn, "unknown", error?.code ?? null, work.memo.value!, error),
  failed: endFailed,
  gaveUp: endGaveUp,
  held: holdsNothing,
};
