import type { StoreRequest } from "../store/types.ts";
import {
  endFailed,
  endGaveUp,
  endUnknown,
  expectKind,
  goBack,
  goOn,
  holdsNothing,
  NOTHING_IN_MIND,
  succeed,
} from "./calls.ts";
import { note } from "./notes.ts";
import type { Recipe, WorkOf } from "./recipe.ts";
import { put, rangeOf, rangeUnder } from "./requests.ts";
import { updateWork } from "./state.ts";

/**
 * Puts `set/element`. After an unknown outcome it reads: an element that is there is in the set, whoever has put it. One
 * that is not is put again: that the first put may still happen makes no difference to a set that only grows.
 */
export const setAdd: Recipe<WorkOf<"setAdd">> = {
  begin: (state, turn, work) => goOn(state, turn, work, "put", NOTHING_IN_MIND, putOf(work)),
  answered(state, turn, work, answer) {
    if (work.step === "put") return succeed(state, turn, null, expectKind(answer, "put"));
    if (expectKind(answer, "range").kvs.length === 0)
      return goOn(state, turn, work, "put", NOTHING_IN_MIND, putOf(work));
    turn.effects.push(note.setAddFound);
    return succeed(state, turn, null, answer);
  },
  unknown(state, turn, work) {
    turn.effects.push(note.callReadAfterUnknown);
    const { set, element } = work.request;
    const doubtful = updateWork(work, { doubtful: true });
    return goBack(state, turn, doubtful, "look", NOTHING_IN_MIND, rangeOf(`${set}/${element}`));
  },
  failed: endFailed,
  gaveUp: endGaveUp,
  held: holdsNothing,
};

function putOf(work: WorkOf<"setAdd">): StoreRequest {
  const { set, element } = work.request;
  return put(`${set}/${element}`, element, 0);
}

/** Reads all elements, in the order of their keys. */
export const setRead: Recipe<WorkOf<"setRead">> = {
  begin: (state, turn, work) => goOn(state, turn, work, "read", NOTHING_IN_MIND, rangeUnder(work.request.set)),
  answered(state, turn, work, answer) {
    const prefix = work.request.set.length + 1;
    const elements = expectKind(answer, "range").kvs.map(({ key }) => key.slice(prefix));
    return succeed(state, turn, elements, answer);
  },
  unknown: endUnknown,
  failed: endFailed,
  gaveUp: endGaveUp,
  held: holdsNothing,
};
