import { holds, lastIndex, lastTerm } from "../log.ts";
import type { RaftProperty } from "../raft-property.ts";

/** A member loses, in a crash, something that it had decided and not yet written for good. */
export const crashedWithUnsyncedWrites: RaftProperty = {
  id: "raft/sometimes/crashed-with-unsynced-writes",
  kind: "sometimes",
  source: 'Raft fig. 2: persistent state is "updated on stable storage before responding to RPCs"',
  monitor: (context) => ({
    onCrash({ state, durable }) {
      if (
        durable.hardState.currentTerm !== state.currentTerm ||
        durable.hardState.votedFor !== state.votedFor ||
        !holds(durable.log, durable.snapshot, lastIndex(state.log), lastTerm(state.log))
      )
        context.reach();
    },
  }),
};
