import type { Micros } from "../../models/kernel/index.ts";
import type { Index } from "../../models/raft/types.ts";
import { lastIndex } from "./log.ts";
import { currentLeader, describeMembers, inForce, isMember } from "./quorum.ts";
import type { Member, RaftContext, RaftProperty } from "./raft-property.ts";
import { graceUs } from "./settling.ts";

/**
 * All members that are up, learners too, apply all that is in the leader's log.
 *
 * New entries may come in all the time. So what is asked for is a target: the leader's last index at some moment. When
 * all have applied it, the target moves on; it is pending until it is met for the first time, and when it is not met
 * within the grace time later on.
 */
export const membersConverge: RaftProperty = {
  id: "raft/members-converge",
  kind: "eventually",
  source:
    'Raft 5.3: "the leader retries AppendEntries RPCs indefinitely [...] until all followers eventually store all log entries"',
  monitor(context) {
    let target: Index = -1;
    let setAt: Micros = 0;
    let met = false;
    return {
      pending() {
        const leader = currentLeader(context.processes);
        if (leader === null) return `no member leads: ${describeMembers(context.processes)}`;
        const last = lastIndex(leader.state.log);
        // A new leader need not have what the one before had not committed.
        target = target < 0 ? last : Math.min(target, last);
        const behind = firstBehind(context, leader, target);
        if (behind === null) {
          if (target < last) setAt = context.now();
          target = last;
          met = true;
          return null;
        }
        if (met && context.now() - setAt <= graceUs(leader)) return null;
        return `${behind.id} has applied index ${behind.state.lastApplied} of ${target}, ${leader.id} leads and has committed index ${leader.state.commitIndex}`;
      },
    };
  },
};

function firstBehind(context: RaftContext, leader: Member, target: Index): Member | null {
  const configuration = inForce(leader.state);
  for (const process of context.processes) {
    if (process.status !== "up" || (process !== leader && !isMember(configuration, process.id))) continue;
    if (process.state.lastApplied < target) return process;
  }
  return null;
}
