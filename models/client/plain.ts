import { endFailed, endGaveUp, endUnknown, expectKind, goOn, holdsNothing, NOTHING_IN_MIND, succeed } from "./calls.ts";
import type { Recipe, WorkOf } from "./recipe.ts";

/** One call. A write whose outcome is unknown is not repeated: it might happen twice. */
export const plainCall: Recipe<WorkOf<"call">> = {
  begin: (state, turn, work) => goOn(state, turn, work, "call", NOTHING_IN_MIND, work.request.request),
  answered: (state, turn, _work, answer) => succeed(state, turn, null, answer),
  unknown: endUnknown,
  failed: endFailed,
  gaveUp: endGaveUp,
  held: holdsNothing,
};

/** A compaction up to what the client has seen, less some; where that is nothing yet, there is nothing to do. */
export const compactTo: Recipe<WorkOf<"compactTo">> = {
  begin(state, turn, work) {
    const revision = state.seenRevision - work.request.keep;
    if (revision <= 0) return succeed(state, turn, null, null);
    return goOn(state, turn, work, "compact", { revision }, { kind: "compact", revision });
  },
  answered: (state, turn, work, answer) => succeed(state, turn, work.memo.revision!, expectKind(answer, "compact")),
  unknown: endUnknown,
  failed: endFailed,
  gaveUp: endGaveUp,
  held: holdsNothing,
};
