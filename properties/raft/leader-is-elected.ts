import { currentLeader, describeMembers, inForce, isMember } from "./quorum.ts";
import type { RaftProperty } from "./raft-property.ts";

/**
 * One member leads, and all members that are up follow it. Members are those of the leader's configuration: a removed
 * one that was not told may campaign for ever, and does not count as long as it does not depose the leader.
 */
export const leaderIsElected: RaftProperty = {
  id: "raft/leader-is-elected",
  kind: "eventually",
  source:
    'Raft 5.6: "Raft will be able to elect and maintain a steady leader as long as the system satisfies the timing requirement broadcastTime << electionTimeout << MTBF"',
  monitor: (context) => ({
    pending() {
      const leader = currentLeader(context.processes);
      if (leader === null) return `no member leads: ${describeMembers(context.processes)}`;
      const { currentTerm } = leader.state;
      const configuration = inForce(leader.state);
      for (const process of context.processes) {
        if (process === leader || process.status !== "up" || !isMember(configuration, process.id)) continue;
        const { state, id } = process;
        if (state.role === "leader")
          return `${id} still leads term ${state.currentTerm}, ${leader.id} term ${currentTerm}`;
        if (state.currentTerm !== currentTerm)
          return `${id} is in term ${state.currentTerm}, but ${leader.id} leads term ${currentTerm}`;
        if (state.role !== "follower" || state.leaderId !== leader.id)
          return `${id} does not follow ${leader.id}, leader of term ${currentTerm}: it is a ${state.role} and knows ${state.leaderId ?? "no leader"}`;
      }
      return null;
    },
  }),
};
