import { note } from "../../../models/store/notes.ts";
import { isMember, type StoreProperty } from "../store-property.ts";

/** A member installs a snapshot while clients wait for it to answer, or watch. */
export const stateInstalledWithClients: StoreProperty = {
  id: "store/sometimes/state-installed-with-clients",
  kind: "sometimes",
  source: "Raft 7; etcd, applySnapshot: what waits and watches at a member must survive that its state is replaced",
  monitor: (context) => ({
    concerns: { changes: [], messages: [], notes: [note.stateInstalled.name] },
    onNote(process, noted) {
      if (noted !== note.stateInstalled.name || !isMember(process)) return;
      const { waits, reads, watchers } = process.state.server;
      if (waits.length + watchers.length > 0 || reads.asked !== null) context.reach();
    },
  }),
};
