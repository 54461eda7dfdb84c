import type { Configuration, Index, MemberId, Term } from "../../models/raft/types.ts";
import { commitsAsLeader } from "./commit.ts";
import { describeConfiguration, holds, lastIndex, termAt } from "./log.ts";
import { currentLeader, inForce, isQuorum } from "./quorum.ts";
import type { Member, RaftProperty } from "./raft-property.ts";

/**
 * What is committed is on the disks of a quorum: when a leader counts it as committed, when a client is told so, and
 * ever after.
 *
 * Disks that were lost for good count as they were last: no leader can know of their loss.
 */
export const durableAcknowledgements: RaftProperty = {
  id: "raft/durable-acknowledgements",
  kind: "always",
  source:
    'Raft 5.3: "A log entry is committed once the leader that created the entry has replicated it on a majority of the servers"; fig. 2: persistent state is "updated on stable storage before responding to RPCs"',
  monitor(context) {
    /** The highest index that a leader has counted as committed. */
    let committed: Index = 0;
    let acknowledged: Index = 0;
    let acknowledgedTerm: Term = 0;
    let acknowledgedBy: MemberId = "";

    /** The members whose disks hold the entry. */
    function holders(index: Index, term: Term): MemberId[] {
      const found: MemberId[] = [];
      for (const { id, durable } of context.processes)
        if (holds(durable.log, durable.snapshot, index, term)) found.push(id);
      return found;
    }

    function notDurable(
      process: Member,
      does: string,
      index: Index,
      term: Term,
      members: readonly MemberId[],
      configuration: Configuration,
    ): void {
      context.violate(
        `${process.id} ${does} index ${index} of term ${term}, which is on the disks of ${members.join(", ") || "nobody"}: no quorum of ${describeConfiguration(configuration)}`,
        { member: process.id, index, term, durableAt: members, configuration },
      );
    }

    return {
      concerns: { changes: ["commitIndex", "log"] },
      onStep(process, before, after) {
        if (after.commitIndex <= committed || !commitsAsLeader(before, after)) return;
        const index = after.commitIndex;
        if (index <= committed) return;
        committed = index;
        const term = termAt(before.log, index);
        const members = holders(index, term);
        // The step that commits may already have appended the next configuration.
        if (isQuorum(inForce(before), members) || isQuorum(inForce(after), members)) return;
        notDurable(process, "commits", index, term, members, inForce(after));
      },
      onReply(process, _id, response) {
        if (response.kind !== "committed") return;
        const { index, term } = response;
        const { role, configurations, commitIndex } = process.state;
        if (index > acknowledged) {
          acknowledged = index;
          acknowledgedTerm = term;
          acknowledgedBy = process.id;
        }
        if (index > committed && (role !== "leader" || index > commitIndex))
          context.violate(`${process.id} answers that index ${index} is committed, which no leader has committed`, {
            member: process.id,
            index,
            term,
            committed,
          });
        if (role !== "leader") return;
        committed = Math.max(committed, index);
        const members = holders(index, term);
        for (const { configuration } of configurations) if (isQuorum(configuration, members)) return;
        notDurable(process, "acknowledges", index, term, members, inForce(process.state));
      },
      atEnd() {
        const leader = currentLeader(context.processes);
        if (leader === null || acknowledged === 0) return;
        // With a quorum lost for good, who still takes itself for a leader may be one that was deposed.
        const up = context.processes.filter(({ status }) => status === "up").map(({ id }) => id);
        if (!isQuorum(inForce(leader.state), up)) return;
        if (holds(leader.state.log, leader.state.snapshot, acknowledged, acknowledgedTerm)) return;
        context.violate(
          `index ${acknowledged} of term ${acknowledgedTerm}, which ${acknowledgedBy} acknowledged, is lost: ${leader.id}, the last leader, has not got it`,
          {
            index: acknowledged,
            term: acknowledgedTerm,
            acknowledgedBy,
            leader: leader.id,
            leaderLastIndex: lastIndex(leader.state.log),
          },
        );
      },
    };
  },
};
