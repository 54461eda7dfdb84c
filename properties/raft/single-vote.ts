import type { MemberId, Term } from "../../models/raft/types.ts";
import type { Member, RaftProperty } from "./raft-property.ts";

/**
 * One vote in a term, over restarts too. A vote counts from when it is sent: what a member decided and forgot in a crash
 * before it said so does no harm.
 */
export const singleVote: RaftProperty = {
  id: "raft/single-vote",
  kind: "always",
  source:
    'Raft 5.2: "Each server will vote for at most one candidate in a given term, on a first-come-first-served basis"',
  monitor(context) {
    /** By process index: the last vote that was sent. */
    const votedIn: Term[] = [];
    const votedFor: MemberId[] = [];

    function vote(process: Member, term: Term, candidate: MemberId): void {
      const { index } = process;
      if (votedIn[index] === term && votedFor[index] !== candidate)
        context.violate(`${process.id} votes for ${votedFor[index]} and for ${candidate} in term ${term}`, {
          member: process.id,
          term,
          candidates: [votedFor[index], candidate],
        });
      votedIn[index] = term;
      votedFor[index] = candidate;
    }

    return {
      concerns: { changes: ["votedFor"], messages: ["requestVote", "requestVoteReply"] },
      onStep(process, before, after) {
        if (after.votedFor === before.votedFor || after.currentTerm !== before.currentTerm) return;
        if (before.votedFor === null) return;
        context.violate(
          `${process.id} changes its vote in term ${after.currentTerm} from ${before.votedFor} to ${after.votedFor ?? "none"}`,
          { member: process.id, term: after.currentTerm, before: before.votedFor, after: after.votedFor },
        );
      },
      onSend(process, to, message) {
        if (message.kind === "requestVote") vote(process, message.term, process.id);
        else if (message.kind === "requestVoteReply" && message.voteGranted) vote(process, message.term, to);
      },
    };
  },
};
