import type { Micros } from "../../models/kernel/index.ts";
import type { Member, RaftProperty } from "./raft-property.ts";

/**
 * Who hears from a leader helps nobody to depose it: it grants no pre-vote, and with CheckQuorum no vote, but for a
 * transfer of leadership. A member that rejoins after a partition then disturbs nobody.
 */
export const leaderStickiness: RaftProperty = {
  id: "raft/leader-stickiness",
  kind: "always",
  source:
    'Thesis 4.2.3: "if a server receives a RequestVote request within the minimum election timeout of hearing from a current leader, it does not update its term or grant its vote"; 9.6: nor a pre-vote',
  monitor(context) {
    /** By process index: the local time at which the last request for a vote arrived, and whether a leader asked for it. */
    const askedAt: Micros[] = [];
    const byTransfer: boolean[] = [];

    function check({ id, index, state, config }: Member, vote: string): void {
      const silentUs = askedAt[index]! - state.leaderContactAt;
      if (state.role !== "leader" && silentUs >= config.electionTimeoutUs) return;
      context.violate(
        `${id} grants ${vote} in term ${state.currentTerm} ${silentUs / 1000} ms after it heard from a leader`,
        {
          member: id,
          term: state.currentTerm,
          silentUs,
          electionTimeoutUs: config.electionTimeoutUs,
        },
      );
    }

    return {
      concerns: { messages: ["requestPreVoteReply", "requestVoteReply"] },
      onStep({ index }, _before, _after, input) {
        if (input.kind !== "receive") return;
        const { message } = input;
        if (message.kind !== "requestVote" && message.kind !== "requestPreVote") return;
        askedAt[index] = input.now;
        byTransfer[index] = message.transfer;
      },
      onSend(process, to, message) {
        if (to === process.id) return;
        if (message.kind === "requestPreVoteReply" && message.voteGranted) check(process, `${to} a pre-vote`);
        if (message.kind !== "requestVoteReply" || !message.voteGranted) return;
        if (process.config.checkQuorum && !byTransfer[process.index]) check(process, `${to} a vote`);
      },
    };
  },
};
