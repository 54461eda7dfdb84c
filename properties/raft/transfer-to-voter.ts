import { inForce } from "./quorum.ts";
import type { RaftProperty } from "./raft-property.ts";

/** Leadership is handed only to a member that will be a voter: another cannot win, or must step down at once. */
export const transferToVoter: RaftProperty = {
  id: "raft/transfer-to-voter",
  kind: "always",
  source: "etcd-io/raft 8b0d0e9: a learner, or a voter that was demoted meanwhile, is no target of a transfer",
  monitor(context) {
    return {
      concerns: { messages: ["timeoutNow"] },
      onSend(process, to, message) {
        if (message.kind !== "timeoutNow") return;
        const { voters } = inForce(process.state);
        if (voters.includes(to)) return;
        context.violate(`${process.id} hands leadership of term ${message.term} to ${to}, which is no voter`, {
          leader: process.id,
          target: to,
          term: message.term,
          voters,
        });
      },
    };
  },
};
