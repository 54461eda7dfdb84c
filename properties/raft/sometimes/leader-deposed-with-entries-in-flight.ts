import { lastIndex } from "../log.ts";
import type { RaftProperty } from "../raft-property.ts";

/** A leader steps down while entries in its log are not known to be committed. */
export const leaderDeposedWithEntriesInFlight: RaftProperty = {
  id: "raft/sometimes/leader-deposed-with-entries-in-flight",
  kind: "sometimes",
  source: "Raft 5.3, leader crashes can leave the logs inconsistent",
  monitor: (context) => ({
    concerns: { changes: ["role"] },
    onStep(_process, before, after) {
      if (before.role !== "leader" || after.role === "leader") return;
      if (lastIndex(before.log) > before.commitIndex) context.reach();
    },
  }),
};
