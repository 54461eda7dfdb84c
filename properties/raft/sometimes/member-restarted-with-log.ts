import type { RaftProperty } from "../raft-property.ts";

/** A member restarts from entries on its disk. */
export const memberRestartedWithLog: RaftProperty = {
  id: "raft/sometimes/member-restarted-with-log",
  kind: "sometimes",
  source: "Raft 5.5, follower and candidate crashes; fig. 2, persistent state on all servers",
  monitor: (context) => ({
    onBoot({ incarnation, state }) {
      if (incarnation > 0 && state.log.entries.length > 0) context.reach();
    },
  }),
};
