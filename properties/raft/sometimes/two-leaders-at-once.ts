import type { RaftProperty } from "../raft-property.ts";

/** A leader is elected while another, of an earlier term, does not know yet that it is deposed. */
export const twoLeadersAtOnce: RaftProperty = {
  id: "raft/sometimes/two-leaders-at-once",
  kind: "sometimes",
  source: "Raft thesis 6.4, a leader may have been superseded without being aware of it",
  monitor: (context) => ({
    concerns: { changes: ["role"] },
    onStep(process, before, after) {
      if (after.role !== "leader" || before.role === "leader") return;
      for (const other of context.processes)
        if (other !== process && other.status === "up" && other.state.role === "leader") context.reach();
    },
  }),
};
