import type { Index } from "../../../models/raft/types.ts";
import { holds, lastIndex, lastTerm } from "../log.ts";
import type { RaftProperty } from "../raft-property.ts";

/** The power fails while a member writes entries, and some of them, not all, are on its disk. */
export const appendTorn: RaftProperty = {
  id: "raft/sometimes/append-torn",
  kind: "sometimes",
  source: 'Raft fig. 2: persistent state is "updated on stable storage before responding to RPCs"',
  monitor(context) {
    /** By process index: the last entry on its disk before it began to write. */
    const writtenUpTo: Index[] = [];
    return {
      concerns: { changes: ["log"] },
      onStep({ index, durable }, before, after) {
        if (before.log !== after.log) writtenUpTo[index] = lastIndex(durable.log);
      },
      onCrash({ index, state, durable }) {
        const before = writtenUpTo[index];
        if (before === undefined || lastIndex(durable.log) <= before) return;
        if (!holds(durable.log, durable.snapshot, lastIndex(state.log), lastTerm(state.log))) context.reach();
      },
    };
  },
};
