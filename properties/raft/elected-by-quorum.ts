import type { MemberId, Term } from "../../models/raft/types.ts";
import { describeConfiguration } from "./log.ts";
import { inForce, isQuorum, isVoter } from "./quorum.ts";
import type { MemberState, RaftProperty } from "./raft-property.ts";

/** Terms whose votes are remembered. */
const TERMS_MAX = 1_024;

interface Grant {
  readonly voter: MemberId;
  readonly candidate: MemberId;
}

/**
 * Who becomes leader was given, in this very term, the votes of a quorum of the configuration in force in its log, and
 * is no learner there, unless its demotion is not committed yet. The votes are those that were sent, not those that the
 * candidate believes it has.
 */
export const electedByQuorum: RaftProperty = {
  id: "raft/elected-by-quorum",
  kind: "always",
  source:
    'Raft 5.2: "A candidate wins an election if it receives votes from a majority of the servers in the full cluster for the same term"; Raft 6: "separate majorities from both the old and new configurations"',
  monitor(context) {
    const grants = new Map<Term, Grant[]>();
    /** Votes of terms up to here may be forgotten. */
    let forgotten: Term = 0;

    function forgetFirst(): void {
      const term = grants.keys().next().value!;
      grants.delete(term);
      forgotten = Math.max(forgotten, term);
    }

    return {
      concerns: { changes: ["role", "currentTerm"], messages: ["requestVoteReply"] },
      onSend(process, to, message) {
        if (message.kind !== "requestVoteReply" || !message.voteGranted) return;
        const known = grants.get(message.term);
        if (known !== undefined) known.push({ voter: process.id, candidate: to });
        else {
          grants.set(message.term, [{ voter: process.id, candidate: to }]);
          if (grants.size > TERMS_MAX) forgetFirst();
        }
      },
      onStep(process, before, after) {
        if (after.role !== "leader") return;
        if (before.role === "leader" && before.currentTerm === after.currentTerm) return;
        const { currentTerm } = after;
        if (currentTerm <= forgotten) return;
        const configuration = inForce(after);
        if (configuration.learners.includes(process.id) && !isVoter(configuration, process.id) && !wasVoter(after)) {
          context.violate(
            `${process.id} becomes leader of term ${currentTerm}, but is a learner in ${describeConfiguration(configuration)}`,
            { member: process.id, term: currentTerm, configuration },
          );
          return;
        }
        const voters = [process.id];
        for (const { voter, candidate } of grants.get(currentTerm) ?? [])
          if (candidate === process.id) voters.push(voter);
        if (isQuorum(configuration, voters)) return;
        context.violate(
          `${process.id} becomes leader of term ${currentTerm} with votes of ${voters.join(", ")}: no quorum of ${describeConfiguration(configuration)}`,
          { member: process.id, term: currentTerm, votes: voters, configuration },
        );
      },
    };
  },
};

/** Thesis 4.2.2: a server "might still be needed until the C_new entry is committed" that takes its vote away. */
function wasVoter({ configurations, commitIndex, config }: MemberState): boolean {
  const newest = configurations.at(-1)!;
  const previous = configurations.at(-2);
  return previous !== undefined && newest.index > commitIndex && isVoter(previous.configuration, config.id);
}
