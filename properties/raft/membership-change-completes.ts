import { describeConfiguration, sameConfiguration } from "./log.ts";
import { currentLeader, describeMembers, inForce, inForceSince, isJoint, isMember } from "./quorum.ts";
import type { RaftProperty } from "./raft-property.ts";

/** No change of the membership is left half done, and all members that are up go by the same configuration. */
export const membershipChangeCompletes: RaftProperty = {
  id: "raft/membership-change-completes",
  kind: "eventually",
  source:
    'Raft 6: "once C_old,new has been committed [...] it is now safe for the leader to create a log entry describing C_new and replicate it to the cluster"',
  monitor: (context) => ({
    pending() {
      const leader = currentLeader(context.processes);
      if (leader === null) return `no member leads: ${describeMembers(context.processes)}`;
      const configuration = inForce(leader.state);
      const since = inForceSince(leader.state);
      const described = `configuration ${describeConfiguration(configuration)} of index ${since}`;
      if (since > leader.state.commitIndex) return `${described} is not committed`;
      if (isJoint(configuration) && leader.config.autoLeave) return `${described} is still joint`;
      for (const { id, status, state } of context.processes)
        if (status === "up" && isMember(configuration, id) && !sameConfiguration(inForce(state), configuration))
          return `${id} goes by configuration ${describeConfiguration(inForce(state))}, the leader by ${described}`;
      return null;
    },
  }),
};
