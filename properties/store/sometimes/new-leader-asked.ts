import { note } from "../../../models/raft/notes.ts";
import { isMember, type StoreProperty } from "../store-property.ts";

/** A client's read waits at a new leader, which does not know yet what is committed. */
export const newLeaderAsked: StoreProperty = {
  id: "store/sometimes/new-leader-asked",
  kind: "sometimes",
  source: "Raft 8: a leader must have the latest information on which entries are committed; etcd#12680",
  monitor: (context) => ({
    concerns: { changes: [], messages: [], notes: [note.readWaitsForCommit.name] },
    onNote(process, noted) {
      if (noted !== note.readWaitsForCommit.name || !isMember(process)) return;
      if (process.state.server.reads.asked?.reads.some(({ asker }) => asker.kind === "client")) context.reach();
    },
  }),
};
