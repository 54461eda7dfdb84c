import { inForce, isQuorum } from "../quorum.ts";
import type { RaftProperty } from "../raft-property.ts";

/**
 * A leader steps down before a member of a higher term, while a quorum without that member still follows it: what pre-vote
 * is there to prevent.
 */
export const leaderDeposedByRejoiningMember: RaftProperty = {
  id: "raft/sometimes/leader-deposed-by-rejoining-member",
  kind: "sometimes",
  source: "Raft thesis 9.6, preventing disruptions when a server rejoins the cluster",
  monitor: (context) => ({
    concerns: { changes: ["role"] },
    onStep(process, before, after, input) {
      if (before.role !== "leader" || after.role === "leader") return;
      if (after.currentTerm === before.currentTerm || input.kind !== "receive") return;
      // It has asked for this itself.
      if (before.leader?.leaseForfeited) return;
      const following = [process.id];
      for (const { id, status, state } of context.processes)
        if (
          id !== input.from &&
          status === "up" &&
          state.currentTerm === before.currentTerm &&
          state.leaderId === process.id
        )
          following.push(id);
      if (isQuorum(inForce(before), following)) context.reach();
    },
  }),
};
